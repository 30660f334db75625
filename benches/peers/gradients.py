"""Seconds of a gradient in Python: one line "library n seconds" for each library that is installed.

Arguments are the numbers of unknowns; f is the sum of exp(x). scipy takes central differences of a fixed step,
numdifftools and jacobi choose steps and estimate errors. The least of many calls.
"""

import sys
import time

import numpy as np


def f(x):
    return np.exp(x).sum()


def scipy():
    from scipy.optimize._numdiff import approx_derivative

    return lambda x: approx_derivative(f, x, method="3-point")


def numdifftools():
    from numdifftools import Gradient

    return Gradient(f)


def jacobi():
    from jacobi import jacobi

    return lambda x: jacobi(f, x)


def least(call):
    best, begin, calls = np.inf, time.perf_counter(), 0
    while calls < 5 or (time.perf_counter() - begin < 0.5 and calls < 1000):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
        calls += 1
    return best


for library in (scipy, numdifftools, jacobi):
    try:
        gradient = library()
    except ImportError:
        continue
    for n in map(int, sys.argv[1:]):
        x = 0.3 + 0.01 * np.arange(n)
        error = np.abs(np.asarray(gradient(x)[0] if library is jacobi else gradient(x)).ravel() - np.exp(x)).max()
        assert error < 1e-8, (library.__name__, n, error)
        print(library.__name__, n, least(lambda: gradient(x)), flush=True)
