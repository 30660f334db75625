"""The numerical gradient of a network as a textbook writes it, in NumPy, timed.

Usage: nn.py SAMPLES SIZE SIZE SIZE ...      prints one JSON object:
  numerical    seconds for the central difference by every parameter, two full evaluations each
  backprop     seconds for one backpropagation
  parameters   how many parameters there are

Every parameter costs the same two evaluations, so the loop is timed over a part of them, five
times, and the least is scaled to all. Weights and data come from sines: no seed to agree upon.
"""
import json
import sys
import time

import numpy as np

STEP = 1e-4
PART = 250
REPETITIONS = 5


def sines(*shape):
    return np.sin(1 + 0.7 * np.arange(np.prod(shape))).reshape(shape)


class Net:
    def __init__(self, sizes, samples):
        self.params = []
        for rows, columns in zip(sizes[:-1], sizes[1:]):
            self.params += [0.1 * sines(rows, columns), np.zeros(columns)]
        self.x = 0.5 + 0.5 * sines(samples, sizes[0])
        self.labels = (7 * np.arange(samples)) % sizes[-1]
        self.rows = np.arange(samples)

    def forward(self):
        values = [self.x]
        depth = len(self.params) // 2
        for layer in range(depth):
            a = values[-1] @ self.params[2 * layer] + self.params[2 * layer + 1]
            values.append(1 / (1 + np.exp(-a)) if layer + 1 < depth else a)
        a = values.pop()
        e = np.exp(a - a.max(axis=1, keepdims=True))
        return values, e / e.sum(axis=1, keepdims=True)

    def loss(self):
        y = self.forward()[1]
        return -np.log(y[self.rows, self.labels] + 1e-7).sum() / len(self.rows)

    def difference(self, p, index):
        saved = p[index]
        p[index] = saved + STEP
        above = self.loss()
        p[index] = saved - STEP
        below = self.loss()
        p[index] = saved
        return (above - below) / (2 * STEP)

    def numerical(self, count):
        """The first `count` derivatives, block after block."""
        gradient = []
        for p in self.params:
            for index in np.ndindex(p.shape):
                if len(gradient) == count:
                    return gradient
                gradient.append(self.difference(p, index))
        return gradient

    def backprop(self):
        values, y = self.forward()
        d = y.copy()
        d[self.rows, self.labels] -= 1
        d /= len(self.rows)
        gradient = []
        for layer in reversed(range(len(self.params) // 2)):
            z = values[layer]
            gradient += [d.sum(axis=0), z.T @ d]
            if layer:
                d = (d @ self.params[2 * layer].T) * z * (1 - z)
        return gradient[::-1]


def timed(f, repetitions):
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    samples, *sizes = map(int, sys.argv[1:])
    net = Net(sizes, samples)
    count = sum(p.size for p in net.params)
    part = min(PART, count)
    net.numerical(min(10, count))
    numerical = timed(lambda: net.numerical(part), REPETITIONS) * count / part
    net.backprop()
    print(json.dumps({"numerical": numerical, "backprop": timed(net.backprop, 201), "parameters": count}))


if __name__ == "__main__":
    main()
