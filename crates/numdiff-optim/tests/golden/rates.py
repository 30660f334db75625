"""Trajectories of the methods with a learning rate, from the recurrences in the papers.

    pip install mpmath && python3 rates.py > rates.json

f = x0^2 / 2 + 2 x1^2 + x0 x1 from (1, -2), twelve steps in 40 digits.
"""
import json
from mpmath import mp, mpf, sqrt

mp.dps = 40
RATE, STEPS = mpf("0.05"), 12


def gradient(x):
    return [x[0] + x[1], 4 * x[1] + x[0]]


def run(update):
    x, state, path = [mpf(1), mpf(-2)], {}, []
    for t in range(1, STEPS + 1):
        x = update(x, state, t)
        path.append([float(v) for v in x])
    return path


def momentum(x, s, t, m=mpf("0.9")):
    """Polyak 1964: v <- m v - r g, x <- x + v."""
    g, v = gradient(x), s.get("v", [0, 0])
    s["v"] = [m * a - RATE * b for a, b in zip(v, g)]
    return [a + b for a, b in zip(x, s["v"])]


def nesterov(x, s, t, m=mpf("0.9")):
    """Sutskever et al. 2013, equations 3 and 4."""
    v = s.get("v", [0, 0])
    g = gradient([a + m * b for a, b in zip(x, v)])
    s["v"] = [m * a - RATE * b for a, b in zip(v, g)]
    return [a + b for a, b in zip(x, s["v"])]


def adagrad(x, s, t):
    """Duchi et al. 2011, diagonal; 1e-8 added to the root."""
    g = gradient(x)
    s["s"] = [a + b * b for a, b in zip(s.get("s", [0, 0]), g)]
    return [a - RATE * b / (sqrt(c) + mpf("1e-8")) for a, b, c in zip(x, g, s["s"])]


def rmsprop(x, s, t, d=mpf("0.9")):
    """Tieleman and Hinton 2012; 1e-8 added to the root."""
    g = gradient(x)
    s["s"] = [d * a + (1 - d) * b * b for a, b in zip(s.get("s", [0, 0]), g)]
    return [a - RATE * b / (sqrt(c) + mpf("1e-8")) for a, b, c in zip(x, g, s["s"])]


def adam(x, s, t, w=mpf(0), b1=mpf("0.9"), b2=mpf("0.999")):
    """Kingma and Ba 2015, algorithm 1; with w > 0 Loshchilov and Hutter 2019, algorithm 2."""
    g = gradient(x)
    s["m"] = [b1 * a + (1 - b1) * b for a, b in zip(s.get("m", [0, 0]), g)]
    s["v"] = [b2 * a + (1 - b2) * b * b for a, b in zip(s.get("v", [0, 0]), g)]
    m = [a / (1 - b1**t) for a in s["m"]]
    v = [a / (1 - b2**t) for a in s["v"]]
    return [a - RATE * (b / (sqrt(c) + mpf("1e-8")) + w * a) for a, b, c in zip(x, m, v)]


def adam_w(x, s, t):
    return adam(x, s, t, w=mpf("0.1"))


print(json.dumps({f.__name__: run(f) for f in (momentum, nesterov, adagrad, rmsprop, adam, adam_w)}))
