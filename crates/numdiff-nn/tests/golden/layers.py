"""Exact central differences of small networks with every layer and every loss.

    python3 layers.py > layers.json          (mpmath 1.3)

Each case says what the network is, its weights, its data, and
(f(w + h) - f(w - h))/(2h) with h = 2^-13 to 40 digits for every parameter, rounded to double. Inputs,
weights, targets and h are doubles, so the question has one answer. The mask of the dropout is the one
that the crate draws for seed 3 and pass 0: the test holds it against the crate's.
"""

import json
import math

import mpmath
from mpmath import mpf

mpmath.mp.dps = 40
H = mpf(2) ** -13
SAMPLES = 4
RATIO = 0.25
# Row-major, one row per sample: 1 for a value that is kept.
MASK = [0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0]


def sigmoid(v):
    return 1 / (1 + mpmath.exp(-v))


CURVES = {
    "sigmoid": sigmoid,
    "tanh": mpmath.tanh,
    "relu": lambda v: v if v > 0 else mpf(0),
    "leaky_relu": lambda v: v if v > 0 else mpf(0.1) * v,
    "softplus": lambda v: mpmath.log(1 + mpmath.exp(v)),
}


def dense(p, x, inputs, outputs):
    return [[sum(row[i] * p[i * outputs + k] for i in range(inputs)) + p[inputs * outputs + k]
             for k in range(outputs)] for row in x]


def places(pixels, window, stride, padding=0):
    return (pixels + 2 * padding - window) // stride + 1


def convolution(p, x, image, filters, kernel, stride, padding):
    c, h, w = image
    weights = filters * c * kernel * kernel

    def at(row, f, y, z):
        total = p[weights + f]
        for channel in range(c):
            for i in range(kernel):
                for j in range(kernel):
                    a, b = y * stride + i - padding, z * stride + j - padding
                    if 0 <= a < h and 0 <= b < w:
                        total += p[((f * c + channel) * kernel + i) * kernel + j] * row[(channel * h + a) * w + b]
        return total

    rows, columns = places(h, kernel, stride, padding), places(w, kernel, stride, padding)
    return [[at(row, f, y, z) for f in range(filters) for y in range(rows) for z in range(columns)] for row in x]


def pool(x, image, window, stride, largest):
    c, h, w = image
    rows, columns = places(h, window, stride), places(w, window, stride)

    def at(row, channel, y, z):
        values = [row[(channel * h + y * stride + i) * w + z * stride + j]
                  for i in range(window) for j in range(window)]
        return max(values) if largest else sum(values) / len(values)

    return [[at(row, channel, y, z) for channel in range(c) for y in range(rows) for z in range(columns)]
            for row in x]


def normalization(p, x, channels, plane):
    out = [list(row) for row in x]
    for channel in range(channels):
        columns = range(channel * plane, (channel + 1) * plane)
        values = [row[k] for row in x for k in columns]
        mean = sum(values) / len(values)
        variance = sum((v - mean) ** 2 for v in values) / len(values)
        for n, row in enumerate(x):
            for k in columns:
                out[n][k] = p[channel] * (row[k] - mean) / mpmath.sqrt(variance + mpf(1e-5)) + p[channels + channel]
    return out


def count(layer):
    kind = layer["kind"]
    if kind == "dense":
        return (layer["inputs"] + 1) * layer["outputs"]
    if kind == "convolution":
        return layer["filters"] * (layer["image"][0] * layer["kernel"] ** 2 + 1)
    if kind == "normalization":
        return 2 * layer["channels"]
    return 0


def forward(layer, p, x):
    kind = layer["kind"]
    settings = {k: v for k, v in layer.items() if k != "kind"}
    if kind == "dense":
        return dense(p, x, **settings)
    if kind == "convolution":
        return convolution(p, x, **settings)
    if kind == "pool":
        return pool(x, **settings)
    if kind == "normalization":
        return normalization(p, x, **settings)
    if kind == "dropout":
        kept = mpf(1 / (1 - layer["ratio"]))
        width = len(x[0])
        return [[v * kept * layer["mask"][n * width + k] for k, v in enumerate(row)] for n, row in enumerate(x)]
    return [[CURVES[layer["curve"]](v) for v in row] for row in x]


def loss_of(kind, c, target):
    if kind in ("tutorial", "log_softmax"):
        s = sum(mpmath.exp(v) for v in c)
        epsilon = mpf(1e-7) if kind == "tutorial" else 0
        return -sum(t * mpmath.log(mpmath.exp(v) / s + epsilon) for t, v in zip(target, c) if t != 0)
    if kind == "sigmoid":
        return -sum(t * mpmath.log(sigmoid(v)) + (1 - t) * mpmath.log(1 - sigmoid(v)) for t, v in zip(target, c))
    squares = sum((v - t) ** 2 for t, v in zip(target, c))
    return squares / len(c) if kind == "mean_squared" else squares / 2


def case(name, layers, loss, inputs, outputs):
    parameters = sum(count(layer) for layer in layers)
    weights = [0.6 * math.sin(1 + 1.3 * k) for k in range(parameters)]
    x = [[math.cos(2.1 * n * inputs + 0.7 * i) for i in range(inputs)] for n in range(SAMPLES)]
    if loss == "tutorial":
        targets = [[1.0 if k == 2 * n % outputs else 0.0 for k in range(outputs)] for n in range(SAMPLES)]
    elif loss == "log_softmax":
        # Soft: eighths that sum to 1 exactly.
        targets = [[(2 + (k == n % outputs) * (8 - 2 * outputs)) / 8 for k in range(outputs)] for n in range(SAMPLES)]
    else:
        targets = [[0.5 + 0.5 * math.sin(n + 2 * k) for k in range(outputs)] for n in range(SAMPLES)]

    def value(p):
        values = [[mpf(v) for v in row] for row in x]
        begin = 0
        for layer in layers:
            end = begin + count(layer)
            values = forward(layer, p[begin:end], values)
            begin = end
        return sum(loss_of(loss, c, [mpf(t) for t in target]) for c, target in zip(values, targets)) / SAMPLES

    p = [mpf(w) for w in weights]

    def moved(k, by):
        q = list(p)
        q[k] += by
        return value(q)

    central = [float((moved(k, H) - moved(k, -H)) / (2 * H)) for k in range(parameters)]
    return {"name": name, "layers": layers, "loss": loss, "weights": weights, "x": x, "targets": targets,
            "value": float(value(p)), "central": central}


def between(name, layer, loss):
    """A chain with this layer between two affine ones."""
    layers = [{"kind": "dense", "inputs": 3, "outputs": 5}, layer, {"kind": "dense", "inputs": 5, "outputs": 3}]
    return case(name, layers, loss, 3, 3)


def picture(name, layers, width, loss="tutorial"):
    layers = layers + [{"kind": "dense", "inputs": width, "outputs": 3}]
    return case(name, layers, loss, 2 * 4 * 5, 3)


IMAGE = [2, 4, 5]
CONVOLUTION = {"kind": "convolution", "image": IMAGE, "filters": 2, "kernel": 3, "stride": 1, "padding": 1}
STRIDED = {"kind": "convolution", "image": IMAGE, "filters": 3, "kernel": 2, "stride": 2, "padding": 0}
TANH = {"kind": "curve", "curve": "tanh"}
cases = [between(curve, {"kind": "curve", "curve": curve}, loss)
         for curve, loss in zip(CURVES, ["tutorial", "log_softmax", "sigmoid", "mean_squared", "sum_squared"])]
cases += [between(f"sigmoid, {loss}", {"kind": "curve", "curve": "sigmoid"}, loss)
          for loss in ["log_softmax", "sigmoid", "mean_squared", "sum_squared"]]
cases += [
    between("batch normalization", {"kind": "normalization", "channels": 5, "plane": 1}, "tutorial"),
    between("dropout", {"kind": "dropout", "ratio": RATIO, "mask": MASK}, "log_softmax"),
    picture("convolution", [CONVOLUTION, TANH], 40),
    picture("convolution with a stride", [STRIDED, {"kind": "curve", "curve": "relu"}], 12),
    picture("max pool", [CONVOLUTION, {"kind": "pool", "image": IMAGE, "window": 2, "stride": 1, "largest": True}], 24),
    picture("average pool", [CONVOLUTION, {"kind": "curve", "curve": "softplus"},
                             {"kind": "pool", "image": IMAGE, "window": 2, "stride": 2, "largest": False}], 8),
    picture("batch normalization of planes", [CONVOLUTION, {"kind": "normalization", "channels": 2, "plane": 20}, TANH],
            40, "sigmoid"),
]
print(json.dumps({"h": float(H), "cases": cases}, indent=None, separators=(",", ":")))
