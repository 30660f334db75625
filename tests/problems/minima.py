"""Minima of the problems for which no exact value is known, in 60-digit arithmetic.

    pip install mpmath scipy && python3 minima.py

Levenberg-Marquardt in double precision from the standard start, then Newton's method in 60 digits
on differences of step 1e-20, whose error is far below the digits printed.
"""
import json
import math
import mpmath as mp
from scipy.optimize import least_squares

mp.mp.dps = 60


def is_mp(x):
    return isinstance(x[0], mp.mpf)


def c(text, x):
    return mp.mpf(text) if is_mp(x) else float(text)


def e(v):
    return mp.exp(v) if isinstance(v, mp.mpf) else math.exp(v)


BARD = ".14 .18 .22 .25 .29 .32 .35 .39 .37 .58 .73 .96 1.34 2.10 4.39".split()
KY = ".1957 .1947 .1735 .1600 .0844 .0627 .0456 .0342 .0323 .0235 .0246".split()
KU = "4 2 1 .5 .25 .167 .125 .1 .0833 .0714 .0625".split()


def bard(x):
    return [c(y, x) - (x[0] + i / ((16 - i) * x[1] + min(i, 16 - i) * x[2])) for i, y in enumerate(BARD, 1)]


def kowosb(x):
    u = [c(t, x) for t in KU]
    return [c(y, x) - x[0] * (t * t + t * x[1]) / (t * t + t * x[2] + x[3]) for y, t in zip(KY, u)]


def biggs(x):
    """On the plane x5 = x1, where only x3 + x6 matters: four unknowns, the local minimum."""
    r = []
    for i in range(1, 14):
        t = c(str(i), x) / 10
        y = e(-t) - 5 * e(-10 * t) + 3 * e(-4 * t)
        r.append(x[2] * e(-t * x[0]) - x[3] * e(-t * x[1]) - y)
    return r


def watson(x):
    n, r = len(x), []
    for i in range(1, 30):
        t = c(str(i), x) / 29
        slope = sum(j * x[j] * t ** (j - 1) for j in range(1, n))
        r.append(slope - sum(x[j] * t**j for j in range(n)) ** 2 - 1)
    return r + [x[0], x[1] - x[0] ** 2 - 1]


def pen2(x):
    n, one = len(x), c("1", x)
    a = mp.sqrt(one / 100000) if is_mp(x) else math.sqrt(1e-5)
    y = lambda i: e(one * i / 10) + e(one * (i - 1) / 10)
    r = [x[0] - one / 5]
    r += [a * (e(x[i] / 10) + e(x[i - 1] / 10) - y(i + 1)) for i in range(1, n)]
    r += [a * (e(x[i] / 10) - e(-one / 10)) for i in range(1, n)]
    return r + [sum((n - j) * x[j] ** 2 for j in range(n)) - 1]


def minimum(residuals, start):
    n = len(start)
    fit = least_squares(lambda v: residuals([float(t) for t in v]), start, method="lm",
                        xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=20000)
    x = mp.matrix([mp.mpf(float(v)) for v in fit.x])
    f = lambda v: sum(r * r for r in residuals(list(v)))
    h = mp.mpf(10) ** -15
    unit = [mp.matrix([h if i == j else 0 for i in range(n)]) for j in range(n)]
    for _ in range(8):
        g, H, f0 = mp.matrix(n, 1), mp.matrix(n, n), f(x)
        up, down = [f(x + u) for u in unit], [f(x - u) for u in unit]
        for i in range(n):
            g[i] = (up[i] - down[i]) / (2 * h)
            H[i, i] = (up[i] - 2 * f0 + down[i]) / h**2
            for j in range(i):
                H[i, j] = H[j, i] = (f(x + unit[i] + unit[j]) - up[i] - up[j] + f0) / h**2
        step = mp.lu_solve(H, -g)
        if f(x + step) > f0:
            break
        x = x + step
    return f(x)


CASES = {
    "bard": (bard, [1.0] * 3), "kowosb": (kowosb, [0.25, 0.39, 0.415, 0.39]),
    "biggs": (biggs, [1.711, 17.68, 2.326, 5.187]),
    "watson6": (watson, [0.0] * 6), "watson9": (watson, [0.0] * 9), "watson12": (watson, [0.0] * 12),
    "pen24": (pen2, [0.5] * 4), "pen210": (pen2, [0.5] * 10),
}
print(json.dumps({k: repr(float(minimum(*v))) for k, v in CASES.items()}))
