"""Time of scipy's sparse Jacobian: one line "name seconds colors" per problem on standard input.

A problem is "tridiagonal N" or "grid NX NY"; f is that of the other peers. Needs numpy, scipy.
"""

import sys
import time

import numpy as np
from scipy.optimize._numdiff import approx_derivative, group_columns
from scipy.sparse import csc_matrix, diags


def laplacian(shape):
    """Pattern of the 3- or 5-point stencil and the function of the benchmark on it."""
    n = int(np.prod(shape))
    nx = shape[0]
    inner = np.ones(n - 1)
    if len(shape) > 1:
        inner[nx - 1 :: nx] = 0
    bands, offsets = [np.ones(n), inner, inner], [0, 1, -1]
    if len(shape) > 1:
        bands += [np.ones(n - nx), np.ones(n - nx)]
        offsets += [nx, -nx]
    pattern = csc_matrix(diags(bands, offsets))
    pattern.eliminate_zeros()

    def f(x):
        u = x.reshape(shape[::-1]) if len(shape) > 1 else x
        y = u * u * u - 2.0 * len(shape) * u
        y[..., 1:] += u[..., :-1]
        y[..., :-1] += u[..., 1:]
        if len(shape) > 1:
            y[1:] += u[:-1]
            y[:-1] += u[1:]
        return y.ravel()

    return pattern, f


for line in sys.stdin:
    name, *shape = line.split()
    pattern, f = laplacian([int(v) for v in shape])
    x = 0.5 + 0.3 * np.sin(np.arange(pattern.shape[1], dtype=float))
    start = time.perf_counter()
    groups = group_columns(pattern)
    coloring = time.perf_counter() - start
    best = np.inf
    for _ in range(3):
        start = time.perf_counter()
        approx_derivative(f, x, method="3-point", sparsity=(pattern, groups))
        best = min(best, time.perf_counter() - start)
    print(name, best, groups.max() + 1, coloring, flush=True)
