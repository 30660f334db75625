"""Draws docs/figures/constraints.svg: level lines, the feasible set and the path of the first program in
docs/guide/constraints.md. The points are those that the program's `.record()` keeps."""

import math
import pathlib

PATH = [(-0.5, 2.0), (0.6515828635381218, 0.15744530792856848), (0.9776522721961688, 1.022347727894457), (1.0, 1.0)]
LEVELS = [0.25, 1.0, 2.5, 5.0, 8.0]
LEFT, RIGHT, LOW, HIGH, UNIT = -1.5, 2.5, -0.5, 2.5, 150.0
BLUE, ORANGE, GREEN, GRAY, INK, PAPER = "#0072B2", "#D55E00", "#007A58", "#A3ABB5", "#1C2128", "#FFFFFF"
DARK = {BLUE: "#56B4E9", ORANGE: "#E69F00", GREEN: "#2FC49A", GRAY: "#5B6470", INK: "#E4E7EC", PAPER: "#14171C"}


def at(x, y):
    return 60 + (x - LEFT) * UNIT, 50 + (HIGH - y) * UNIT


def line(points, color, width=2, dash=""):
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*p) for p in points))
    extra = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{text}" fill="none" stroke="{color}" stroke-width="{width}"{extra}/>'


def words(x, y, text, color=INK, anchor="start"):
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{color}" text-anchor="{anchor}" font-family="sans-serif" font-size="14">{text}</text>'


width, height = 60 + (RIGHT - LEFT) * UNIT + 20, 50 + (HIGH - LOW) * UNIT + 40
dark = "".join(f'[fill="{a}"] {{ fill: {b} }} [stroke="{a}"] {{ stroke: {b} }} ' for a, b in DARK.items())
out = [
    f'<svg width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" xmlns="http://www.w3.org/2000/svg">',
    f"<style>@media (prefers-color-scheme: dark) {{ {dark}}}</style>",
    f'<rect width="{width:.0f}" height="{height:.0f}" fill="{PAPER}"/>',
    '<clipPath id="box"><rect x="60" y="50" width="600" height="450"/></clipPath>',
    words(60, 30, "Level lines, the feasible set, and the path of a run"),
    '<g clip-path="url(#box)">',
]
for level in LEVELS:
    angles = [2 * math.pi * k / 120 for k in range(121)]
    out.append(line([(2 + math.sqrt(level) * math.cos(t), 1 + math.sqrt(level) * math.sin(t)) for t in angles], GRAY, 1))
steps = [LEFT + (RIGHT - LEFT) * k / 100 for k in range(101)]
out.append(line([(x, x * x) for x in steps], ORANGE))
out.append(line([(x, 2 - x) for x in steps], GREEN, 2, "8 5"))
out.append(line(PATH, BLUE, 3))
for point in PATH:
    x, y = at(*point)
    out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{BLUE}"/>')
out.append("</g>")
x, y = at(-0.55, 0.05)
out.append(words(x, y, "feasible: above the parabola,", INK, "middle"))
out.append(words(x, y + 18, "below the line", INK, "middle"))
out.append(f'<rect x="60" y="50" width="600" height="450" fill="none" stroke="{GRAY}"/>')
for k in range(9):
    x, y = at(LEFT + 0.5 * k, LOW)
    out.append(words(x, y + 20, f"{LEFT + 0.5 * k:g}", INK, "middle"))
for k in range(7):
    x, y = at(LEFT, LOW + 0.5 * k)
    out.append(words(x - 8, y + 5, f"{LOW + 0.5 * k:g}", INK, "end"))
out.append("</svg>")
pathlib.Path(__file__).with_suffix(".svg").write_text("\n".join(out) + "\n")
