"""Derivatives and central differences of small networks over the range of f64, to hundreds of digits, with mpmath.

Writes ranges.json: drawn networks of dense layers, convolutions, pools, batch normalization and all activations, with
every loss, labels and soft targets; near-certain predictions, inputs from 1e-300 to 1e300, saturated units. Sums are
exact in f64 as far as few bits make them so. For each parameter:

- "parameters": the difference for the moved parameter, at 1e-4;
- "nodes": that by the moved outputs of its layer, where no samples meet behind it;
- "slopes": the derivative; nothing at a kink;
- "size": what the first two add up, each taken absolutely, of which rounding is a multiple; "slope_size" that of the
  derivative.

    python3 ranges.py > ranges.json
"""
import json
import random
from mpmath import mp, mpf, exp, log, log1p, sqrt, tanh

mp.dps = 400
H = mpf(1e-4)


def sigmoid(a):
    return 1 / (1 + exp(-a))


ACTIVATIONS = {
    "Sigmoid": sigmoid,
    "Tanh": tanh,
    "Softplus": lambda a: a + log1p(exp(-a)) if a > 0 else log1p(exp(a)),
    "Relu": lambda a: max(a, mpf(0)),
    "LeakyRelu": lambda a: a if a > 0 else a / 8,
}


def windows(height, width, size, stride):
    places = [(y, x) for y in range(0, height - size + 1, stride) for x in range(0, width - size + 1, stride)]
    return [[(y + i) * width + x + j for i in range(size) for j in range(size)] for y, x in places]


class Layer:
    """values(p, x) for a batch x; bound(p, x, b): how far |movements| b can carry, each term taken absolutely."""

    kinked = False
    blurred = False
    meets = False
    parameters = 0
    linear = False

    def values(self, p, x):
        return [self.row(p, r) for r in x]

    def moved_by(self, i, x, by):
        """The sizes of what parameter i multiplies, given how the outputs move with it."""
        return [[abs(v) for v in r] for r in by]

    def bound(self, p, x, b):
        return [self.row([abs(v) for v in p], r) for r in b]


class Sum(Layer):
    """Each output a sum of products: rows of (parameter, input); an input of None is a bias."""

    linear = True

    def row(self, p, r):
        return [sum(p[w] * (1 if i is None else r[i]) for w, i in terms) for terms in self.terms]

    def bound(self, p, x, b):
        return [[sum(abs(p[w]) * r[i] for w, i in terms if i is not None) for terms in self.terms] for r in b]


class Dense(Sum):
    def __init__(self, inputs, outputs, bias):
        self.spec = ["Dense", inputs, outputs, bias]
        self.outputs, self.parameters = outputs, (inputs + bias) * outputs
        self.terms = [
            [(i * outputs + k, i) for i in range(inputs)] + [(inputs * outputs + k, None)] * bias for k in range(outputs)
        ]


class Conv(Sum):
    def __init__(self, side, filters, kernel):
        self.spec = ["Conv2d", side, filters, kernel]
        taps, places = kernel * kernel, windows(side, side, kernel, 1)
        self.outputs, self.parameters = filters * len(places), filters * (taps + 1)
        self.image = (filters, side - kernel + 1)
        self.terms = [
            [(f * taps + t, pixel) for t, pixel in enumerate(place)] + [(filters * taps + f, None)]
            for f in range(filters)
            for place in places
        ]


class Pool(Layer):
    def __init__(self, kind, image, size):
        channels, side = image
        self.spec, self.kind = [kind, channels, side, size], kind
        self.windows = [[c * side * side + i for i in w] for c in range(channels) for w in windows(side, side, size, size)]
        self.outputs = len(self.windows)

    def row(self, p, r):
        if self.kind == "Max":
            for w in self.windows:
                values = sorted(r[i] for i in w)
                if len(w) > 1 and values[-1] == values[-2]:
                    Layer.kinked = True
                elif len(w) > 1 and values[-1] - values[-2] < abs(values[-1]) * mpf(2) ** -50:
                    # f64 can't tell which is the largest.
                    Layer.blurred = True
            return [max(r[i] for i in w) for w in self.windows]
        return [sum(r[i] for i in w) / len(w) for w in self.windows]


class Activation(Layer):
    def __init__(self, name, width):
        self.spec, self.outputs, self.f, self.name = [name], width, ACTIVATIONS[name], name

    def row(self, p, r):
        if "Relu" in self.name and any(v == 0 for v in r):
            Layer.kinked = True
        return [self.f(v) for v in r]

    def bound(self, p, x, b):
        f = self.f
        return [[max(abs(f(a + m) - f(a)), abs(f(a - m) - f(a))) for a, m in zip(r, c)] for r, c in zip(x, b)]


class BatchNorm(Layer):
    meets = True
    linear = True

    def __init__(self, width):
        self.spec, self.outputs, self.parameters = ["BatchNorm", width], width, 2 * width

    def statistics(self, x, k):
        mean = sum(r[k] for r in x) / len(x)
        variance = sum((r[k] - mean) ** 2 for r in x) / len(x)
        return mean, 1 / sqrt(variance + mpf(1e-5))

    def values(self, p, x):
        out = [[None] * self.outputs for _ in x]
        for k in range(self.outputs):
            mean, inverse = self.statistics(x, k)
            for n, r in enumerate(x):
                out[n][k] = p[k] * (r[k] - mean) * inverse + p[self.outputs + k]
        return out

    def moved_by(self, i, x, by):
        """What gamma multiplies is a difference."""
        if i >= self.outputs:
            return super().moved_by(i, x, by)
        mean, inverse = self.statistics(x, i)
        return [[(abs(r[i]) + abs(mean)) * inverse if k == i else mpf(0) for k in range(self.outputs)] for r in x]

    def bound(self, p, x, b):
        out = [[None] * self.outputs for _ in x]
        for k in range(self.outputs):
            mean, inverse = self.statistics(x, k)
            z = [abs(r[k] - mean) * inverse for r in x]
            # The mean of values far larger than their spread is known to a last place of the values.
            moved = [inverse * (r[k] + sum(q[k] for q in b) / len(b)) for r in b]
            share = sum(m * (2 * v + m) for m, v in zip(moved, z)) / len(b)
            for n in range(len(b)):
                out[n][k] = abs(p[k]) * min(moved[n] + z[n] * share, 2 * sqrt(mpf(len(b))))
        return out


def terms(kind, c, t):
    """The loss of a sample, term by term."""
    if kind in ("Tutorial", "LogSoftmax"):
        top = max(c)
        e = [exp(v - top) for v in c]
        total = sum(e)
        eps = mpf(1e-7) if kind == "Tutorial" else mpf(0)
        return [-tk * log(v / total + eps) for v, tk in zip(e, t) if tk]
    if kind == "SigmoidCrossEntropy":
        plus = ACTIVATIONS["Softplus"]
        return [v for ck, tk in zip(c, t) for v in ((1 - tk) * plus(ck), tk * plus(-ck))]
    return [(ck - tk) ** 2 / (len(c) if kind == "MeanSquaredError" else 2) for ck, tk in zip(c, t)]


def sizes(kind, c, t):
    """What the derivative by each output adds up."""
    if kind in ("Tutorial", "LogSoftmax"):
        top = max(c)
        e = [exp(v - top) for v in c]
        total = sum(e)
        y = [v / total for v in e]
        eps = mpf(1e-7) if kind == "Tutorial" else mpf(0)
        w = [tk * yk / (yk + eps) for yk, tk in zip(y, t)]
        others = [sum(y[:j] + y[j + 1 :]) for j in range(len(y))]
        return [sum(w[k] * (others[j] if k == j else y[j]) for k in range(len(y))) for j in range(len(y))]
    if kind == "SigmoidCrossEntropy":
        return [(1 - tk) * sigmoid(ck) + tk * sigmoid(-ck) for ck, tk in zip(c, t)]
    return [2 * abs(ck - tk) for ck, tk in zip(c, t)]


def few(bits, scale=1):
    """A number of few bits, so that sums of products are exact."""
    return random.randint(-(2**bits), 2**bits) / 2**bits * scale


class Case:
    def __init__(self, kind, single):
        self.kind, self.single = kind, single
        names = list(ACTIVATIONS)
        losses = ["Tutorial", "LogSoftmax", "LogSoftmax", "SigmoidCrossEntropy", "MeanSquaredError", "SumSquaredError"]
        self.loss = random.choice(losses)
        shape = random.choice(["dense", "hidden", "hidden", "deep", "convolution", "normalized"])
        if kind == "certain":
            self.loss = random.choice(losses[:4])
            shape = random.choice(["dense", "dense", "hidden", "convolution", "normalized"])
        if kind == "saturated":
            names, shape = ["Sigmoid", "Tanh", "Softplus"], random.choice(["hidden", "hidden", "deep", "convolution"])
        rows, outputs = random.randint(1, 3), random.randint(2, 4)
        layers = []
        act = lambda width: layers.append(Activation(random.choice(names), width))
        bias = lambda: random.randint(0, 1)
        if shape == "convolution":
            conv = Conv(3, random.randint(1, 2), 2)
            layers.append(conv)
            act(conv.outputs)
            pool = Pool(random.choice(["Max", "Average"]), conv.image, random.randint(1, 2))
            layers += [pool, Dense(pool.outputs, outputs, bias())]
            inputs = 9
        else:
            inputs, width = random.randint(1, 3), random.randint(1, 3)
            if shape == "dense":
                layers.append(Dense(inputs, outputs, bias()))
            else:
                layers.append(Dense(inputs, width, bias()))
                if shape == "normalized":
                    rows = random.randint(2, 4)
                    layers.append(BatchNorm(width))
                act(width)
                if shape == "deep":
                    layers.append(Dense(width, 2, bias()))
                    act(2)
                    width = 2
                layers.append(Dense(width, outputs, bias()))
        self.layers = layers
        gap = random.randint(3, 6 if single else 9)
        scale = 1.0
        if kind == "large":
            scale = 2.0 ** random.randint(16, 118 if single else 990)
        if kind == "small":
            scale = 2.0 ** -random.randint(16, 118 if single else 900)
        size = 1.0
        if kind == "saturated":
            size = 2.0**gap
        if kind == "large":
            size = random.choice([1.0, 1 / scale])
        self.x = [[few(6, scale) for _ in range(inputs)] for _ in range(rows)]
        self.p = []
        for l, layer in enumerate(layers):
            if l + 1 == len(layers) and kind == "certain":
                size = 2.0**gap
            self.p.append([few(6, size) for _ in range(layer.parameters)])
            if layer.parameters:
                size = 1.0
        self.labels, softmax = None, self.loss in ("Tutorial", "LogSoftmax")
        if random.randint(0, 1):
            self.labels = [random.randrange(outputs) for _ in range(rows)]
            self.targets = [[1.0 if k == t else 0.0 for k in range(outputs)] for t in self.labels]
        else:
            self.targets = []
            for _ in range(rows):
                parts = [0] * outputs
                for _ in range(8):
                    parts[random.randrange(outputs)] += 1
                self.targets.append([v / 8 for v in parts] if softmax else [abs(few(3)) for _ in range(outputs)])

    def behind(self, l, y):
        """The outputs from the values that leave layer l."""
        for layer, p in zip(self.layers[l + 1 :], self.mp[l + 1 :]):
            y = layer.values(p, y)
        return y

    def losses(self, outputs):
        return [terms(self.loss, c, t) for c, t in zip(outputs, self.targets)]

    def size(self, l, bound, up, down, base):
        """What the samples add up when the values that leave layer l move by at most `bound`."""
        b = bound
        for layer, p, x in zip(self.layers[l + 1 :], self.mp[l + 1 :], self.inputs[l + 1 :]):
            b = layer.bound(p, x, b)
        total = mpf(0)
        for n, c in enumerate(self.outputs):
            s = sum(g * m for g, m in zip(sizes(self.loss, c, self.targets[n]), b[n]))
            both = sum(abs(u - v) + abs(d - v) for u, d, v in zip(up[n], down[n], base[n]))
            if "Squared" in self.loss:
                # Squares of the movements meet before they round.
                total += abs(sum(up[n]) - sum(down[n])) + s
            else:
                total += max(both, 2 * s) if max(b[n]) < 1 else both
        return total

    def entries(self):
        rows = len(self.x)
        self.mp = [[mpf(v) for v in p] for p in self.p]
        self.targets = [[mpf(v) for v in t] for t in self.targets]
        x = [[mpf(v) for v in row] for row in self.x]
        Layer.kinked = Layer.blurred = False
        self.inputs, leaving = [], []
        for layer, p in zip(self.layers, self.mp):
            self.inputs.append(x)
            x = layer.values(p, x)
            leaving.append(x)
        kinked = Layer.kinked
        self.outputs = x
        base = self.losses(x)
        if Layer.blurred:
            return None
        flat = {"parameters": [], "nodes": [], "slopes": [], "size": [], "slope_size": []}
        for l, (layer, p) in enumerate(zip(self.layers, self.mp)):
            meet = any(m.meets for m in self.layers[l + 1 :])
            if not layer.parameters:
                continue
            nodes = None
            if not meet:
                nodes = []
                for n in range(rows):
                    nodes.append([])
                    for k in range(layer.outputs):
                        sides = []
                        for h in (H, -H):
                            y = [leaving[l][n][:]]
                            y[0][k] += h
                            c = self.behind(l, y)[0]
                            sides.append(terms(self.loss, c, self.targets[n]))
                        moved = [[mpf(0)] * layer.outputs for _ in range(rows)]
                        moved[n][k] = H
                        pad = lambda side: [side if m == n else base[m] for m in range(rows)]
                        s = self.size(l, moved, pad(sides[0]), pad(sides[1]), base)
                        nodes[n].append((sum(sides[0]) - sum(sides[1]), s))
            for i in range(layer.parameters):

                def moved(h):
                    q = p[:]
                    q[i] += h
                    return layer.values(q, self.inputs[l])

                up, down = self.losses(self.behind(l, moved(H))), self.losses(self.behind(l, moved(-H)))
                total = sum(sum(u) - sum(d) for u, d in zip(up, down))
                by = [[b - a for a, b in zip(r, q)] for r, q in zip(leaving[l], moved(mpf(1)))]
                # Beside the least spread of what is normalized.
                tiny = mpf(10) ** -25 / max(1, max(abs(v) for r in by for v in r))
                near = [self.losses(self.behind(l, moved(h))) for h in (tiny, -tiny)]
                slope = sum(sum(u) - sum(d) for u, d in zip(*near))
                sizes_of = layer.moved_by(i, self.inputs[l], by)
                slope_size = self.size(l, [[tiny * v for v in r] for r in sizes_of], *near, base)
                size = self.size(l, [[H * v for v in r] for r in sizes_of], up, down, base)
                node = total
                if nodes:
                    node = sum(by[n][k] * nodes[n][k][0] for n in range(rows) for k in range(layer.outputs))
                    size += sum(sizes_of[n][k] * nodes[n][k][1] for n in range(rows) for k in range(layer.outputs))
                flat["parameters"].append(total / (rows * 2 * H))
                flat["nodes"].append(node / (rows * 2 * H))
                flat["slopes"].append(slope / (rows * 2 * tiny))
                flat["size"].append(size / (rows * 2 * H))
                flat["slope_size"].append(slope_size / (rows * 2 * tiny))
        if kinked:
            flat["slopes"] = []
        return flat

    def written(self):
        flat = self.entries()
        if flat is None:
            return None
        keep = lambda values: [float(mp.nstr(v, 25)) if abs(v) < mpf("1e308") else None for v in values]
        return {
            "kind": self.kind,
            "single": self.single,
            "loss": self.loss,
            "layers": [layer.spec for layer in self.layers],
            "weights": [v for p in self.p for v in p],
            "x": self.x,
            "labels": self.labels,
            "targets": [[float(v) for v in t] for t in self.targets],
            **{name: keep(values) for name, values in flat.items()},
        }


if __name__ == "__main__":
    import sys

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    random.seed(int(sys.argv[2]) if len(sys.argv) > 2 else 20)
    kinds = ["usual", "certain", "large", "small", "saturated"]
    cases = [Case(kind, n % 3 == 0).written() for kind in kinds for n in range(count)]
    cases = [case for case in cases if case]
    print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")
