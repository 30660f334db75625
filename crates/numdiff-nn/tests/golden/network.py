"""Golden values of small networks: NumPy for the book's own arithmetic, mpmath for exact differences.

    python3 network.py > network.json          (NumPy 2, mpmath 1.3)

`two_layer_net`: the book's network with weights from sines; loss, accuracy, and some entries of its
numerical gradient (h = 1e-4) and of the analytic one.
`iris`: 200 steps of full-batch descent on z-scored iris, by numerical and by analytic gradients.
`exact`: (f(w + h) - f(w - h))/(2h) with h = 2^-13 to 40 digits for every parameter of a 4-6-3 network,
rounded to double; inputs, weights and h are doubles, so the question has one answer.
"""

import csv
import gzip
import json
import math
import pathlib

import mpmath
import numpy as np

H = 1e-4
DATA = pathlib.Path(__file__).resolve().parents[4] / "tests" / "data"


def softmax(a):
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class Net:
    def __init__(self, w1, b1, w2, b2):
        self.p = {"W1": w1, "b1": b1, "W2": w2, "b2": b2}

    def forward(self, x):
        self.z = 1 / (1 + np.exp(-(x @ self.p["W1"] + self.p["b1"])))
        return softmax(self.z @ self.p["W2"] + self.p["b2"])

    def loss(self, x, t):
        y = self.forward(x)
        return -np.sum(np.log(y[np.arange(len(t)), t] + 1e-7)) / len(t)

    def accuracy(self, x, t):
        return float(np.mean(self.forward(x).argmax(axis=1) == t))

    def numeric(self, x, t, name, index):
        w = self.p[name]
        saved = w[index]
        w[index] = saved + H
        plus = self.loss(x, t)
        w[index] = saved - H
        minus = self.loss(x, t)
        w[index] = saved
        return (plus - minus) / (2 * H)

    def analytic(self, x, t):
        y = self.forward(x)
        yt = y[np.arange(len(t)), t]
        d = y.copy()
        d[np.arange(len(t)), t] -= 1
        d *= (yt / (yt + 1e-7))[:, None] / len(t)
        da = (d @ self.p["W2"].T) * self.z * (1 - self.z)
        return {"W1": x.T @ da, "b1": da.sum(axis=0), "W2": self.z.T @ d, "b2": d.sum(axis=0)}


def two_layer_net(i, h, o, n):
    w1 = np.fromfunction(lambda a, b: 0.01 * np.sin(1 + a * h + b), (i, h))
    w2 = np.fromfunction(lambda a, b: 0.01 * np.cos(1 + a * o + b), (h, o))
    net = Net(w1, np.zeros(h), w2, np.zeros(o))
    x = np.array([[((a * i + b) * 7919 % 1000) / 1000 for b in range(i)] for a in range(n)])
    t = np.array([7 * a % o for a in range(n)])
    exact = net.analytic(x, t)
    picked = [("W1", (0, 0)), ("W1", (i - 1, h - 1)), ("W1", (i // 2, h // 2)), ("W1", (1, 2)),
              ("b1", (0,)), ("b1", (h - 1,)), ("W2", (0, 0)), ("W2", (h - 1, o - 1)), ("W2", (h // 2, 1)),
              ("b2", (0,)), ("b2", (o - 1,))]
    samples = [{"block": name, "index": list(index), "numeric": net.numeric(x, t, name, index),
                "analytic": float(exact[name][index])} for name, index in picked]
    return {"sizes": [i, h, o], "batch": n, "loss": float(net.loss(x, t)),
            "accuracy": net.accuracy(x, t), "samples": samples}


def iris(numerical):
    with gzip.open(DATA / "iris.csv.gz", "rt") as file:
        rows = [[float(v) for v in row] for row in list(csv.reader(file))[1:]]
    data = np.array(rows)
    x, t = data[:, :4], data[:, 4].astype(int)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    w1 = np.fromfunction(lambda a, b: 0.5 * np.sin(1 + a * 16 + b), (4, 16))
    w2 = np.fromfunction(lambda a, b: 0.5 * np.cos(1 + a * 3 + b), (16, 3))
    net = Net(w1, np.zeros(16), w2, np.zeros(3))
    kept = {}
    for step in range(201):
        if step in (0, 1, 2, 10, 50, 100, 200):
            kept[str(step)] = [float(net.loss(x, t)), net.accuracy(x, t)]
        if numerical:
            g = {k: np.array([net.numeric(x, t, k, i) for i in np.ndindex(v.shape)]).reshape(v.shape)
                 for k, v in net.p.items()}
        else:
            g = net.analytic(x, t)
        for name in net.p:
            net.p[name] -= 0.5 * g[name]
    return kept


def exact(epsilon):
    mpmath.mp.dps = 40
    sizes, n = (4, 6, 3), 5
    count = 4 * 6 + 6 + 6 * 3 + 3
    w = [0.7 * math.sin(1 + k) for k in range(count)]
    x = [[math.cos(3 * a + b) for b in range(4)] for a in range(n)]
    t = [a * 2 % 3 for a in range(n)]
    h = mpmath.mpf(2) ** -13
    eps = mpmath.mpf(epsilon)

    def loss(p):
        total = mpmath.mpf(0)
        for row, label in zip(x, t):
            z = [1 / (1 + mpmath.exp(-(sum(mpmath.mpf(row[i]) * p[i * 6 + k] for i in range(4)) + p[24 + k])))
                 for k in range(6)]
            c = [sum(z[k] * p[30 + k * 3 + j] for k in range(6)) + p[48 + j] for j in range(3)]
            s = sum(mpmath.exp(v) for v in c)
            total -= mpmath.log(mpmath.exp(c[label]) / s + eps)
        return total / n

    p = [mpmath.mpf(v) for v in w]
    g = []
    for k in range(count):
        side = []
        for by in (h, -h):
            q = list(p)
            q[k] = q[k] + by
            side.append(loss(q))
        g.append(float((side[0] - side[1]) / (2 * h)))
    return {"sizes": sizes, "epsilon": epsilon, "h": float(h), "x": x, "labels": t, "weights": w,
            "loss": float(loss(p)), "central": g}


print(json.dumps({
    "two_layer_net": [two_layer_net(784, 50, 10, 100), two_layer_net(4, 16, 3, 32), two_layer_net(64, 32, 10, 100)],
    "iris": {"numerical": iris(True), "analytic": iris(False)},
    "exact": [exact(1e-7), exact(0.0)],
}, indent=1))
