"""Central differences of small networks over the range of f64, to 60 digits, with mpmath.

Writes ranges.json: networks Dense(i, k), activation, Dense(k, o) or Dense(i, o) alone, whose sums are
exact in f64; near-certain predictions, inputs from 1e-300 to 1e300, saturated units. For each entry
the difference for a moved parameter ("parameters"), that by the moved pre-activations of the layer
("nodes"), and the size of what a sample adds up ("size"), of which rounding is a multiple.

    python3 ranges.py > ranges.json
"""
import json
import random
from mpmath import mp, mpf, exp, log, log1p, tanh

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


def softmax(c):
    top = max(c)
    e = [exp(v - top) for v in c]
    total = sum(e)
    return [v / total for v in e]


def loss(kind, c, t):
    if kind in ("Tutorial", "LogSoftmax"):
        eps = mpf(1e-7) if kind == "Tutorial" else mpf(0)
        y = softmax(c)
        return -sum(tk * log(yk + eps) for yk, tk in zip(y, t) if tk)
    if kind == "SigmoidCrossEntropy":
        plus = ACTIVATIONS["Softplus"]
        return sum((1 - tk) * plus(ck) + tk * plus(-ck) for ck, tk in zip(c, t))
    squares = sum((ck - tk) ** 2 for ck, tk in zip(c, t))
    return squares / len(c) if kind == "MeanSquaredError" else squares / 2


def slope(kind, c, t):
    """|derivative| by each output."""
    if kind in ("Tutorial", "LogSoftmax"):
        y = softmax(c)
        eps = mpf(1e-7) if kind == "Tutorial" else mpf(0)
        w = [tk * yk / (yk + eps) for yk, tk in zip(y, t)]
        return [abs(yj * sum(w) - wj) for yj, wj in zip(y, w)]
    if kind == "SigmoidCrossEntropy":
        return [(1 - tk) * sigmoid(ck) + tk * sigmoid(-ck) for ck, tk in zip(c, t)]
    return [2 * abs(ck - tk) for ck, tk in zip(c, t)]


def few(bits, scale=1):
    """A number of few bits, so that sums of products are exact."""
    return random.randint(-(2**bits), 2**bits) / 2**bits * scale


class Case:
    def __init__(self, kind):
        self.kind = kind
        self.loss = random.choice(
            ["Tutorial", "LogSoftmax", "LogSoftmax", "SigmoidCrossEntropy", "MeanSquaredError", "SumSquaredError"]
        )
        self.activation = random.choice([None, *ACTIVATIONS])
        if kind == "certain":
            self.loss = random.choice(["Tutorial", "LogSoftmax", "LogSoftmax", "SigmoidCrossEntropy"])
            self.activation = None
        if kind == "saturated":
            self.activation = random.choice(["Sigmoid", "Tanh", "Softplus"])
        self.inputs = random.randint(1, 3)
        self.hidden = random.randint(1, 3) if self.activation else 0
        self.outputs = random.randint(2, 4)
        rows = random.randint(1, 3)
        scale = 1.0
        if kind == "large":
            scale = 2.0 ** random.randint(16, 60 if "Squared" in self.loss else 990)
        if kind == "small":
            scale = 2.0 ** -random.randint(16, 900)
        self.x = [[few(6, scale) for _ in range(self.inputs)] for _ in range(rows)]
        widths = [self.inputs, self.hidden, self.outputs] if self.hidden else [self.inputs, self.outputs]
        # The first layer's weights bring the pre-activations to some size.
        size = 1.0
        if kind == "certain":
            size = 2.0 ** random.randint(3, 9)
        if kind == "saturated":
            size = 2.0 ** random.randint(3, 9)
        if kind == "large":
            size = random.choice([1.0, 1 / scale])
        self.weights = []
        for a, b in zip(widths, widths[1:]):
            self.weights.append([[few(6, size) for _ in range(b)] for _ in range(a)])
            size = 1.0
        self.labels = [random.randrange(self.outputs) for _ in range(rows)]

    def targets(self, n):
        return [mpf(1 if k == self.labels[n] else 0) for k in range(self.outputs)]

    def behind(self, l, a):
        """Outputs from the pre-activations of layer l."""
        if l == 0 and self.hidden:
            z = [ACTIVATIONS[self.activation](v) for v in a]
            return [sum(z[k] * mpf(self.weights[1][k][j]) for k in range(self.hidden)) for j in range(self.outputs)]
        return a

    def entries(self):
        flat = [[], [], []]
        rows = len(self.x)
        inputs = [[mpf(v) for v in row] for row in self.x]
        for l, w in enumerate(self.weights):
            a = [[sum(x[i] * mpf(w[i][k]) for i in range(len(w))) for k in range(len(w[0]))] for x in inputs]
            for i in range(len(w)):
                for k in range(len(w[0])):
                    # The distances that f64 moves a weight by are H to the last places.
                    total, node, size = mpf(0), mpf(0), mpf(0)
                    for n in range(rows):
                        t = self.targets(n)
                        c = self.behind(l, a[n])
                        base = loss(self.loss, c, t)

                        def at(u):
                            moved = list(a[n])
                            moved[k] += u
                            out = self.behind(l, moved)
                            d = max(abs(p - q) for p, q in zip(out, c))
                            s = sum(abs(p - q) * g for p, q, g in zip(out, c, slope(self.loss, c, t)))
                            return loss(self.loss, out, t), d, s

                        def size_of(sides):
                            (up, d1, s1), (down, d2, s2) = sides
                            both = abs(up - base) + abs(down - base)
                            if "Squared" in self.loss:
                                # Squares of the movements meet before they round.
                                return abs(up - down) + s1
                            return max(both, s1 + s2) if max(d1, d2) < 1 else both

                        sides = at(H * inputs[n][i]), at(-H * inputs[n][i])
                        total += sides[0][0] - sides[1][0]
                        size += size_of(sides)
                        sides = at(H), at(-H)
                        node += inputs[n][i] * (sides[0][0] - sides[1][0])
                        size += abs(inputs[n][i]) * size_of(sides)
                    for to, value in zip(flat, (total, node, size)):
                        to.append(value / (rows * 2 * H))
            inputs = [[ACTIVATIONS[self.activation](v) for v in row] if self.hidden else row for row in a]
            largest = max(abs(v) for row in a for v in row)
        self.largest = max(self.largest, largest) if hasattr(self, "largest") else largest
        return flat

    def written(self):
        parameters, nodes, size = self.entries()
        keep = lambda values: [float(mp.nstr(v, 25)) if abs(v) < mpf("1e308") else None for v in values]
        return {
            "kind": self.kind,
            "loss": self.loss,
            "activation": self.activation,
            "widths": [self.inputs, self.hidden, self.outputs],
            "weights": [v for w in self.weights for row in w for v in row],
            "x": self.x,
            "labels": self.labels,
            "parameters": keep(parameters),
            "nodes": keep(nodes),
            "size": keep(size),
        }


random.seed(20)
cases = [Case(kind).written() for kind in ["usual", "certain", "large", "small", "saturated"] for _ in range(14)]
print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")
