"""scipy.optimize.minimize on functions whose values come from the caller.

Reads "METHOD differences x0 x1 ..." or "METHOD gradient x0 x1 ..." and minimizes from there; each value or
gradient that is wanted is asked for by a line "f x0 x1 ..." or "g x0 x1 ..." and read as one line of numbers
("stop" ends the run). Ends with "done". Tolerances are as tight as they go, so that no stopping rule decides
what is reached; everything else is scipy's default.
"""

import sys

import numpy as np
from scipy.optimize import minimize

OPTIONS = {
    "BFGS": {"gtol": 1e-12, "maxiter": 100000},
    "L-BFGS-B": {"ftol": 0.0, "gtol": 1e-12, "maxiter": 100000, "maxfun": 10**9},
}


class Stop(Exception):
    pass


def ask(what, x):
    print(what, " ".join(repr(float(v)) for v in x))
    answer = sys.stdin.readline().strip()
    if answer in ("stop", ""):
        raise Stop
    return [float(v) for v in answer.split()]


def f(x):
    return ask("f", x)[0]


def g(x):
    return np.array(ask("g", x))


print("ready")
while line := sys.stdin.readline():
    method, derivative, *numbers = line.split()
    try:
        minimize(
            f,
            [float(v) for v in numbers],
            jac=g if derivative == "gradient" else None,
            method=method,
            options=OPTIONS[method],
        )
    except (Stop, FloatingPointError):
        pass
    print("done")
