"""Computes the numbers of article.json that the scenarios use, and compares.

Two arithmetics: binary64 (NumPy; Python floats) for what must be met bit for bit, mpmath with 40
digits for what is called exact. Exits with 1 and names every number that differs.
"""

import json
import pathlib
import struct
import sys

import mpmath as mp
import numpy as np

mp.mp.dps = 40
H = 1e-4
GOLDEN = json.loads((pathlib.Path(__file__).parent / "article.json").read_text())
differences = []


def bits(x):
    return "0x%016x" % struct.unpack(">Q", struct.pack(">d", x))[0]


def same(where, golden, computed):
    """Bit for bit, decimal and IEEE form."""
    if golden["bits"] != bits(computed) or float(golden["dec"]) != computed:
        differences.append(f"{where}: {golden['dec']} in the file, {computed!r} computed")


def close(where, golden, computed, tolerance):
    if not abs(mp.mpf(golden) - computed) <= tolerance:
        differences.append(f"{where}: {golden} in the file, {mp.nstr(computed, 20)} computed")


def central(f, x):
    return (f(x + H) - f(x - H)) / (2 * H)


def squares(x):
    return x[0] * x[0] + x[1] * x[1]


def gradient(x):
    at = lambda i, t: squares([t, x[1]] if i == 0 else [x[0], t])
    return [central(lambda t: at(i, t), x[i]) for i in range(2)]


def derivatives():
    golden = GOLDEN["numerical_diff"]
    f = lambda x: x * x + 4.0 * 4.0
    same("article", golden["article"]["value"], central(f, 3.0))
    curve = lambda x: 0.01 * (x * x) + 0.1 * x
    for entry, g in zip(golden["book"], [lambda x: 9.0 + x * x, curve, curve]):
        same(entry["f"], entry["value"], central(g, entry["x"]))
    variants = golden["variants_of_article"]
    same("forward", variants["forward (f(x+h)-f(x))/h"], (f(3.0 + H) - f(3.0)) / H)
    moved = (f(3.0 + H) - f(3.0 - H)) / ((3.0 + H) - (3.0 - H))
    same("moved", variants["divide by (xp-xm)"], moved)
    for entry in [GOLDEN["gradient"]["article"], *GOLDEN["gradient"]["others"]]:
        for g, c in zip(entry["value"], gradient(entry["x"])):
            same(f"gradient at {entry['x']}", g, c)


def descents():
    for run in GOLDEN["gradient_descent"]["runs"]:
        x, lr = list(GOLDEN["gradient_descent"]["x0"]), run["lr"]
        path = [x]
        for _ in range(run["steps"]):
            x = [a - lr * g for a, g in zip(x, gradient(x))]
            path.append(x)
        for k, row in enumerate(run["history"]):
            for g, c in zip(row, path[k]):
                same(f"lr {lr}, update {k}", g, c)
        for i in range(2):
            same(f"lr {lr}, last", run["final"][i], x[i])
            # lr as written in decimal, exact.
            exact = path[0][i] * (1 - 2 * mp.mpf(str(lr))) ** run["steps"]
            close(f"lr {lr}, exact", run["exact_final"][i], exact, abs(exact) * mp.mpf("1e-12"))
        moves = [k for k in range(1, len(path)) if path[k] != path[k - 1]]
        if run["last_update_that_changed_x"] != moves[-1]:
            differences.append(f"lr {lr}: last update that changed x is {moves[-1]}")
        if lr == 10.0:
            for g, c in zip(GOLDEN["lr10_trace"]["steps"][9]["grad"], gradient(path[9])):
                same("gradient before update 10", g, c)


def loss(w, x, t, eps, exp, log):
    a = [sum(x[i] * w[i][j] for i in range(2)) for j in range(3)]
    m = max(a)
    e = [exp(v - m) for v in a]
    return -log(e[t] / sum(e) + eps), a


def networks():
    for name in ["article_printed_W", "reconstructed_W", "book_printed"]:
        golden = GOLDEN["simplenet"][name]
        w = [[float(v["dec"]) for v in row] for row in golden["W"]]
        x, t = [0.6, 0.9], golden["t"].index(1)
        tolerances = golden["tolerances"]
        value, p = loss(w, x, t, 1e-7, np.exp, np.log)
        for g, c in zip(golden["p"], p):
            close(f"{name}, p", g["dec"], mp.mpf(float(c)), tolerances["p_abs"])
        close(f"{name}, loss", golden["loss_numpy"]["dec"], mp.mpf(float(value)), tolerances["loss_abs"])
        exact_w = [[mp.mpf(v) for v in row] for row in w]
        exact_x = [mp.mpf(v) for v in x]
        exact = lambda m, eps: loss(m, exact_x, t, eps, mp.exp, mp.log)[0]
        for key, eps in [("eps1e-7", mp.mpf(1e-7)), ("no_eps", mp.mpf(0))]:
            part = golden[key]
            close(f"{name}, {key}", part["loss_exact"], exact(exact_w, eps), mp.mpf("1e-15"))
            for i in range(2):
                for j in range(3):

                    def moved(d):
                        m = [row[:] for row in exact_w]
                        m[i][j] += d
                        return exact(m, eps)

                    h = mp.mpf(H)
                    difference = (moved(h) - moved(-h)) / (2 * h)
                    where = f"{name}, {key}, ({i}, {j})"
                    close(where, part["dW_central_h1e-4_exact"][i][j], difference, mp.mpf("1e-15"))
                    derivative = mp.diff(moved, 0)
                    close(where, part["dW_analytic_exact"][i][j], derivative, mp.mpf("1e-15"))


derivatives()
descents()
networks()
for line in differences:
    print(line)
print("every number agrees" if not differences else f"{len(differences)} numbers differ")
sys.exit(1 if differences else 0)
