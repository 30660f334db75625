"""Derivatives of sampled data by numpy.gradient, findiff and scipy.signal.savgol_filter.

Prints sampled_derivatives.json. Made with numpy 2.4.6, SciPy 1.17.1 and findiff 0.16.0:

    python3 sampled_derivatives.py > sampled_derivatives.json
"""

import json

import findiff
import numpy
import scipy.signal

rng = numpy.random.default_rng(20)
cases = []


def data(x):
    return numpy.sin(1.3 * x) + 0.2 * x**2 + 0.01 * rng.standard_normal(len(x))


def add(peer, values, expected, order, rows=None, **settings):
    rows = range(len(values)) if rows is None else rows
    cases.append({
        "peer": peer,
        "order": order,
        "values": list(map(float, values)),
        "rows": list(rows),
        "expected": [float(expected[i]) for i in rows],
        **settings,
    })


for count, spacing in [(5, 0.5), (12, 0.1), (30, 2.0), (9, -0.25)]:
    values = data(spacing * numpy.arange(count))
    for edge in (1, 2):
        expected = numpy.gradient(values, spacing, edge_order=edge)
        add("numpy.gradient", values, expected, 1, spacing=spacing, accuracy=edge)
for count in (4, 11, 25):
    places = numpy.sort(rng.uniform(-2, 3, count))
    values = data(places)
    expected = numpy.gradient(values, places, edge_order=2)
    add("numpy.gradient", values, expected, 1, places=list(places), accuracy=2)

# findiff: symmetric windows in the middle, one-sided ones at the very ends; what is between moves its window
# along, where ours stays at the end, so that those rows are of the same accuracy but not equal.
for order in (1, 2, 3, 4):
    for accuracy in (2, 4, 6):
        spacing, count = 0.2, 24
        values = data(spacing * numpy.arange(count))
        expected = findiff.Diff(0, spacing, acc=accuracy)(values) if order == 1 else (
            findiff.Diff(0, spacing, acc=accuracy) ** order)(values)
        half = (order + 1) // 2 + accuracy // 2 - 1
        rows = [0, *range(half, count - half), count - 1]
        add("findiff", values, expected, order, rows, spacing=spacing, accuracy=accuracy)
for accuracy in (2, 4):
    places = numpy.sort(rng.uniform(0, 4, 20))
    values = data(places)
    expected = findiff.Diff(0, places, acc=accuracy)(values)
    half = accuracy // 2
    rows = [0, *range(half, len(places) - half), len(places) - 1]
    add("findiff", values, expected, 1, rows, places=list(places), accuracy=accuracy)

for order in (0, 1, 2, 3):
    for window, degree in [(5, 3), (7, 3), (11, 4), (21, 5)]:
        spacing = 0.3
        values = data(spacing * numpy.arange(40))
        expected = scipy.signal.savgol_filter(values, window, degree, deriv=order, delta=spacing)
        add("savgol_filter", values, expected, order, spacing=spacing, window=window, degree=degree)

print(json.dumps(cases, indent=None, separators=(",", ":")).replace('},{"peer"', '},\n{"peer"'))
