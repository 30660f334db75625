"""What SciPy's COBYQA and SLSQP make of the problems of hs.json with noise in f and the constraints.

    python3 -m pip install "scipy>=1.14"
    python3 tests/golden/hs_noise_peers.py > tests/golden/hs_noise_peers.csv

The noise is uniform, 1e-6 (1 + |v|) for each value v, drawn anew at each point from a seed. An evaluation is a point
at which f or a constraint is asked for; 500 (n + 1) are allowed. SLSQP gets differences of 1e-3 and an ftol of 1e-6, the
noise, without which it ends at once; COBYQA its defaults, and a final radius of 1e-4 besides.
"""

import json
import math
import pathlib
import random
import re
import sys
import warnings

import numpy as np
import scipy
from scipy.optimize import Bounds, NonlinearConstraint, minimize

NOISE = 1e-6
SEEDS = (1, 2, 3)
BUDGET = 500


class Spent(Exception):
    """The budget is spent."""


def arguments(text, start):
    """The arguments of a call whose bracket opens at `start`, and where it closes."""
    depth, last, parts = 0, start + 1, []
    for at in range(start, len(text)):
        if text[at] in "([":
            depth += 1
        elif text[at] in ")]":
            depth -= 1
            if depth == 0:
                return parts + [text[last:at]], at
        elif text[at] == "," and depth == 1:
            parts.append(text[last:at])
            last = at + 1
    raise ValueError(text)


def python(text):
    """A formula of hs.json as an expression of Python."""
    found = re.search(r"\b(sum|where)\(", text)
    if not found:
        text = re.sub(r"\bx(\d+)\b", r"x[\1]", text)
        return text.replace("^", "**")
    parts, end = arguments(text, found.end() - 1)
    if found.group(1) == "sum":
        name, span = parts[0].split("=")
        first, last = span.split("..")
        body = python(parts[1])
        call = f"sum([{body} for {name.strip()} in range({python(first)}, {python(last)} + 1)])"
    else:
        call = f"(({python(parts[1])}) if {python(parts[0])} else ({python(parts[2])}))"
    return python(text[: found.start()]) + call + python(text[end + 1 :])


def whole(value):
    """An index, where the number is one."""
    return int(value) if value == int(value) else value


class Problem:
    def __init__(self, entry):
        self.entry = entry
        self.names = {"pi": math.pi, "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos}
        self.names |= {"tan": np.tan, "atan": np.arctan, "abs": abs, "erf": math.erf, "min": min, "max": max}
        self.names |= {"sum": sum, "range": range}
        self.names |= {name: [whole(v) for v in values] for name, values in entry.get("constants", {}).items()}
        self.definitions = [(head, compile(python(body), head, "eval")) for head, body in entry.get("defs") or []]
        self.objective = compile(python(entry["objective"]), "f", "eval")
        self.constraints = [compile(python(c["formula"]), "c", "eval") for c in entry["constraints"]]
        self.equality = np.array([c["kind"] == "eq" for c in entry["constraints"]])
        side = lambda values, none: np.array([none if v is None else v for v in values], float)
        self.lower, self.upper = side(entry["lower"], -math.inf), side(entry["upper"], math.inf)

    def evaluate(self, x):
        names = dict(self.names, x=np.asarray(x, float))
        for head, body in self.definitions:
            loop = re.fullmatch(r"(\w+)\[(\w+)=(\d+)\.\.(\d+)\]", head)
            if loop is None:
                names[head] = eval(body, names)
                continue
            name, index, first, last = loop.groups()
            names[name] = []
            for i in range(int(first), int(last) + 1):
                names[index] = i
                names[name].append(eval(body, names))
        return float(eval(self.objective, names)), np.array([float(eval(c, names)) for c in self.constraints])

    def violation(self, x, c):
        off = np.where(self.equality, abs(c), -c)
        return max(0.0, off.max(initial=0.0), (self.lower - x).max(), (x - self.upper).max())


def run(problem, solver, options, seed):
    entry, stream = problem.entry, random.Random(seed)
    n, known, calls, best = entry["n"], {}, 0, None

    def at(x):
        nonlocal calls
        key = np.asarray(x, float).tobytes()
        if key not in known:
            if calls >= BUDGET * (n + 1):
                raise Spent
            calls += 1
            f, c = problem.evaluate(x)
            shaken = [v + NOISE * (1 + abs(v)) * stream.uniform(-1, 1) for v in [f, *c]]
            known[key] = np.array(shaken)
        return known[key]

    constraints = [
        NonlinearConstraint(lambda x, j=j: at(x)[1 + j], 0.0, 0.0 if equal else math.inf)
        for j, equal in enumerate(problem.equality)
    ]
    if solver == "SLSQP":
        constraints = [
            {"type": "eq" if equal else "ineq", "fun": lambda x, j=j: at(x)[1 + j]}
            for j, equal in enumerate(problem.equality)
        ]
    last = np.clip(entry["x0"], problem.lower, problem.upper)
    try:
        end = minimize(
            lambda x: at(x)[0],
            last,
            method=solver,
            bounds=Bounds(problem.lower, problem.upper),
            constraints=constraints,
            options=options | {"maxiter": 100000},
        )
        last, claimed, status = end.x, bool(end.success), str(end.message)
    except Spent:
        last, claimed, status = np.frombuffer(list(known)[-1]), False, "budget"
    except Exception as error:  # what a solver raises is its result
        claimed, status = False, f"{type(error).__name__}: {error}"
    f, c = problem.evaluate(last)
    near = lambda target, tau: abs(f - target) <= tau * max(1.0, abs(target))
    violation = problem.violation(last, c)
    solved = near(entry["fstar"], 1e-3) and violation <= 1e-3
    right = violation <= 1e-4 and any(near(v, 1e-5) for v in [entry["fstar"], *entry["other_kkt_values"]])
    return calls, solved, claimed, claimed and not right, f, violation, status.split("\n")[0].replace(",", ";")[:50]


def main():
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    here = pathlib.Path(__file__).parent
    entries = [p for p in json.loads((here / "hs.json").read_text())["problems"] if p["group"] == "general"]
    solvers = [
        ("scipy-COBYQA", "COBYQA", {}),
        ("scipy-COBYQA-1e-4", "COBYQA", {"final_tr_radius": 1e-4}),
        ("scipy-SLSQP-wide", "SLSQP", {"eps": 1e-3, "ftol": 1e-6}),
    ]
    print(f"problem,solver,seed,evaluations,solved_1e-3,claimed_success,false_success,f,violation,status # SciPy {scipy.__version__}")
    for entry in entries:
        problem = Problem(entry)
        for name, solver, options in solvers:
            for seed in SEEDS:
                calls, solved, claimed, wrong, f, violation, status = run(problem, solver, options, seed)
                cells = [entry["name"], name, seed, calls, int(solved), int(claimed), int(wrong)]
                print(*cells, f"{f:.9g}", f"{violation:.3g}", status, sep=",")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
