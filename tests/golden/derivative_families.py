"""Random families of differentiation problems in the format of derivative_problems.json.

    python3 derivative_families.py SEED CASES_PER_FAMILY [FAMILY ...] > derivative_families.json

Without a FAMILY: all but `resampled`, formulas of derivative_random.json with other points, scales and
factors, and `nested`, second derivatives of compositions.

Truth: mpmath at 120 digits (pip install mpmath numpy). The limit is the absolute error of the best
equispaced central stencil of order 2, 4, 6 or 8 with the step chosen by the truth: at each step the
median of the errors at 5 neighboring steps (4 per octave), so that no accidental zero counts.
"""

import ctypes
import functools
import json
import math
import pathlib
import random
import re
import struct
import sys

import mpmath as mp

mp.mp.dps = 120


def splitmix(x):
    z = (struct.unpack("<Q", struct.pack("<d", x))[0] + 0x9E3779B97F4A7C15) & (2**64 - 1)
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return 2.0 * (((z ^ (z >> 31)) >> 11) * 2.0**-53) - 1.0


def kepler(mean, e):
    anomaly = mean
    for _ in range(10000):
        after = mean + e * math.sin(anomaly)
        done = not abs(after - anomaly) >= 1e-8
        anomaly = after
        if done:
            break
    return anomaly


def cubicbis(a):
    low, high = 0.0, 4.0
    for _ in range(29):
        middle = 0.5 * (low + high)
        if middle**3 + middle < a:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def li2trunc(x):
    total, power = 0.0, 1.0
    for k in range(1, 40000):
        power *= x
        term = power / (k * k)
        total += term
        if not abs(term) >= 1e-8:
            break
    return total


def guarded(f):
    def inner(*a):
        try:
            return f(*a)
        except OverflowError:
            return math.inf
        except (ValueError, ZeroDivisionError):
            return math.nan

    return inner


PLAIN = {name: guarded(getattr(math, name)) for name in "sqrt exp log sin cos tan acos asin atan sinh cosh tanh".split()}
PLAIN |= {
    "abs": abs, "max": max, "nan": math.nan, "noise": splitmix, "kepler": kepler, "cubicbis": cubicbis,
    "li2trunc": li2trunc, "floor": lambda v: float(math.floor(v)), "sign": lambda v: (v > 0) - (v < 0),
    "f32": lambda v: ctypes.c_float(v).value, "where": lambda c, a, b: a if c else b,
}
EXACT = {name: getattr(mp, name) for name in "sqrt exp log sin cos tan acos asin atan sinh cosh tanh floor sign".split()}
EXACT |= {
    "abs": abs, "max": max, "nan": mp.nan, "noise": lambda v: mp.mpf(0), "f32": lambda v: v,
    "where": lambda c, a, b: a if c else b,
    "kepler": lambda m, e: mp.findroot(lambda E: E - e * mp.sin(E) - m, m),
    "cubicbis": lambda a: mp.findroot(lambda y: y**3 + y - a, mp.mpf(1)),
    "li2trunc": lambda v: mp.polylog(2, v),
}


def plain(formula):
    code = compile(formula, "f", "eval")

    def f(x):
        try:
            value = eval(code, PLAIN, {"x": x})
            return value if isinstance(value, float) else (float(value) if not isinstance(value, complex) else math.nan)
        except OverflowError:
            return math.inf
        except (ValueError, ZeroDivisionError):
            return math.nan

    return f


class Literals:
    """Decimal literals of the formula are doubles."""

    import re

    pattern = re.compile(r"(?<![A-Za-z0-9_.])((?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?)")


def exact_function(formula):
    text = Literals.pattern.sub(lambda m: f"mpf(float('{m.group(1)}'))", formula)
    code = compile(text, "f", "eval")
    return lambda x: eval(code, EXACT | {"mpf": mp.mpf}, {"x": x})


STENCILS = {}


def stencil(order, accuracy):
    """Central weights, by solving the moment equations exactly."""
    key = (order, accuracy)
    if key not in STENCILS:
        half = (order + 1) // 2 + accuracy // 2 - 1
        nodes = list(range(-half, half + 1))
        a = mp.matrix(len(nodes), len(nodes))
        b = mp.matrix(len(nodes), 1)
        for k in range(len(nodes)):
            for i, node in enumerate(nodes):
                a[k, i] = mp.mpf(node) ** k
        b[order] = mp.factorial(order)
        w = mp.lu_solve(a, b)
        STENCILS[key] = [(n, float(w[i])) for i, n in enumerate(nodes) if abs(w[i]) > 1e-30]
    return STENCILS[key]


def limit(formula, order, x, exact, scale):
    f = plain(formula)
    best = math.inf
    for accuracy in (2, 4, 6, 8):
        weights = stencil(order, accuracy)
        errors = []
        top = math.log2(max(abs(x), 1.0)) + 1
        for quarter in range(int(4 * (top - 55)), int(4 * top)):
            h = 2.0 ** (quarter / 4)
            # Distances really moved are not exact for such steps; the weights assume h, so take
            # a step of few bits.
            h = float(struct.unpack("<f", struct.pack("<f", h))[0])
            if x + h == x:
                continue
            h = (x + h) - x
            total = math.fsum(w * f(x + n * h) for n, w in weights) / h**order if h**order > 0 else math.nan
            errors.append(abs(float(mp.mpf(total) - exact)) if math.isfinite(total) else math.inf)
        for i in range(2, len(errors) - 2):
            best = min(best, sorted(errors[i - 2 : i + 3])[2])
    return max(best, 0.5 * 2.0**-53 * scale)


def case(name, group, formula, order, x, undefined=False):
    row = {"name": name, "group": group, "formula": formula, "order": order, "x": repr(x), "x_hex": x.hex()}
    if undefined:
        row["undefined"] = True
        return row
    exact = mp.diff(exact_function(formula), mp.mpf(x), order, h=mp.mpf(10) ** -25 * (abs(mp.mpf(x)) if x else 1)) if order > 0 else None
    if not mp.isfinite(exact) or isinstance(exact, mp.mpc):
        raise ValueError("no derivative")
    exact = mp.re(exact)
    scale = abs(float(exact))
    if not (1e-290 < scale < 1e290):
        raise ValueError("scale")
    row |= {"exact": mp.nstr(exact, 30, strip_zeros=False), "scale": scale, "inherent": 0.0}
    row["limit"] = limit(formula, order, x, exact, scale)
    if not row["limit"] <= 1e-2 * scale:
        raise ValueError("hopeless: no stencil finds 2 digits")
    # One rounding of x inside f: |f^(n+1)| ulp(x) / 2.
    second = mp.diff(exact_function(formula), mp.mpf(x), order + 1, h=mp.mpf(10) ** -25 * (abs(mp.mpf(x)) if x else 1))
    row["inherent"] = abs(float(second)) * math.ulp(x) / 2
    return row


SMOOTH = [
    "exp(-{z})", "atan({z})", "cosh({z})", "sinh({z})/(1+cosh({z}))", "exp(-1/(1+{z}**2))",
    "({z}**3+1)/({z}**4+2)", "log(cosh({z}))", "sin({z})+cos(2*{z})", "{z}*exp(-{z}**2/2)",
    "sqrt(1+exp({z}))", "1/(1+exp(-{z}))", "{z}**5-3*{z}**2+{z}", "cos({z}**2)", "atan(exp({z}))*{z}",
    "exp(cos(3*{z}))", "log(1+{z}**2)*sin({z})", "{z}**2/(1+abs({z})**3)*0+tanh({z}/2)", "sin({z})*sinh({z})",
]


def number(r, low, high):
    return 10.0 ** r.uniform(low, high) * r.choice((-1, 1))


def draw(r, family):
    """A formula, an order, a point, and whether the derivative does not exist."""
    order = 1
    if family in ("natural", "unit", "shifted", "offset", "mixed", "higher"):
        base = r.choice(SMOOTH)
        scale, shift, offset, amplitude = 1.0, 0.0, 0.0, number(r, -3, 3)
        if family == "natural":
            scale = 10.0 ** r.uniform(-9, 9)
        elif family == "unit":
            shift = r.uniform(-3, 3)
        elif family == "shifted":
            scale = 10.0 ** r.uniform(-6, 3)
            shift = number(r, -2, 4)
        elif family == "offset":
            offset = number(r, 0, 8)
            scale = 10.0 ** r.uniform(-1, 1)
        elif family == "mixed":
            # A slow part under a faster small one.
            slow = r.choice(SMOOTH[:12]).format(z="x")
            fast = 10.0 ** r.uniform(0.3, 1.5)
            x = r.uniform(-2, 2)
            return f"{slow}+{10.0 ** r.uniform(-4, -1)!r}*sin({fast!r}*x)", 1, x, False
        elif family == "higher":
            order = r.choice((2, 3, 4))
            scale = 10.0 ** r.uniform(-4, 4)
            shift = r.choice((0.0, r.uniform(-5, 5)))
        z = f"((x-({shift!r}))/({scale!r}))"
        x = shift + scale * r.uniform(-2.5, 2.5)
        return f"({amplitude!r})*({base.format(z=z)})+({offset!r})", order, x, False
    if family == "singular":
        d = 10.0 ** r.uniform(-9, -1)
        c = r.choice((0.0, 0.0, 1.0, r.uniform(-5, 5)))
        x = c + d
        z = f"(x-({c!r}))"
        p = r.choice((0.1, 0.3, 0.7, 1.5, -0.5, -2.0, 2.5))
        base = r.choice((f"log{z}", f"1/{z}", f"{z}**({p})", f"sqrt{z}", f"1/{z}**2", f"{z}*log{z}", f"exp(1/(1+{z}))/{z}", f"sin(log{z})", f"sqrt{z}+cos(x)", f"log{z}+x**2"))
        return base, r.choice((1, 1, 1, 2)), x, False
    if family == "oscillating":
        w = 10.0 ** r.uniform(1, 5)
        x = r.uniform(0.1, 3)
        return r.choice((f"sin({w!r}*x)", f"cos({w!r}*x)*exp(-x)", f"sin({w!r}/(1+x))", f"exp(sin({w!r}*x))", f"x+sin({w!r}*x)/{w!r}", f"cos(128*3.141592653589793*x)+x**2", f"sin(200*x)*x")), 1, x, False
    if family == "cancelling":
        x = r.uniform(0.3, 3)
        n = r.choice((5, 6, 7, 8))
        c = r.choice((1, 2))
        terms = "+".join(f"({math.comb(n, k) * (-c) ** (n - k)})*x**{k}" for k in range(n, -1, -1))
        return r.choice((terms, "(1-cos(x))/x**2", "(exp(x)-1)/x", "log(1+x)-x+x**2/2", "sqrt(x**2+1)-x", "1e3+sin(x)-1e3", "(exp(x)+1e5)-1e5", "tan(x/2)-sin(x)/(1+cos(x))+x")), r.choice((1, 1, 2)), x, False
    if family == "noisy":
        level = 10.0 ** r.uniform(-12, -3)
        base = r.choice(SMOOTH).format(z="x")
        x = r.uniform(-2, 2)
        return r.choice((f"{base}+{level!r}*noise(x)", f"({base})*(1+{level!r}*noise(x))", f"f32({base})", f"floor(({base})/{level!r})*{level!r}", f"f32(sin(f32(x)))+f32(x**2)")), 1, x, False
    if family == "solver":
        x = r.uniform(0.4, 2.5)
        return r.choice((f"kepler(x,{r.uniform(0.1, 0.8)!r})", "cubicbis(x)", f"li2trunc({r.uniform(0.2, 0.35)!r}*x)", f"exp(-cubicbis(x))")), 1, x, False
    if family == "edge":
        d = r.choice((0.0, 0.0, 10.0 ** r.uniform(-12, -2)))
        c = r.choice((0.0, 1.0, r.uniform(-3, 3)))
        base = r.choice(SMOOTH).format(z="x")
        if r.random() < 0.5:
            return f"where(x>={c!r}, {base}, nan)", r.choice((1, 1, 2)), c + d, False
        return f"where(x<={c!r}, {base}, nan)", r.choice((1, 1, 2)), c - d, False
    if family == "kink":
        c = r.choice((0.0, 0.25, 1.0, r.uniform(-3, 3)))
        slope = number(r, -2, 2)
        d = 0.0
        if r.random() < 0.5:
            d = 10.0 ** r.uniform(-9, -1) * r.choice((-1, 1))
        x = c + d
        z = f"(x-({c!r}))"
        return r.choice((f"abs{z}+({slope!r})*x", f"max({z},0)", f"max({z},({slope!r})*{z})", f"abs{z}*exp(x)", f"cos(x)+abs{z}", f"where(x>{c!r},sin(x),cos(x))", f"sign{z}*(1+x)+x", f"floor{z}+exp(x)", f"where(x<{c!r},1,2)+x")), 1, x, x == c
    if family == "stationary":
        c = r.choice((0.0, r.uniform(-2, 2)))
        x = c
        z = f"(x-({c!r}))"
        offset = r.choice((0.0, 1.0, number(r, -2, 3)))
        return r.choice((f"{z}**2+({offset!r})", f"{z}**4+({offset!r})", f"cos{z}*({offset!r})", f"exp(-{z}**2)", f"{z}**3+({offset!r})", f"1/(1+{z}**2)", f"{z}+1000*{z}**5", f"({offset!r})+0*x")), 1, x, False
    if family == "resampled":
        formula, shift, scale, _ = r.choice(known())
        u = r.choice(known())[3] * r.uniform(0.9, 1.1)
        wider = scale if scale == 1.0 else scale * 10.0 ** r.uniform(-0.3, 0.3)
        amplitude = re.match(r"\((.*?)\)\*", formula).group(1)
        formula = formula.replace(f"({amplitude})*", f"({float(amplitude) * 10.0 ** r.uniform(-0.5, 0.5)!r})*", 1)
        return formula.replace(f"/({scale!r})", f"/({wider!r})"), 1, shift + wider * u, False
    if family == "nested":
        formula = "x"
        for _ in range(r.choice((2, 3, 4))):
            formula = r.choice(NESTED).format(z=f"({formula})")
        if r.random() < 0.3:
            formula = f"({formula})/(2+({r.choice(NESTED).format(z='(x)')})**2)"
        return formula, 2, r.uniform(-2, 2), False
    raise ValueError(family)


NESTED = [
    "exp({z}/2)", "sin{z}", "cos{z}", "tanh{z}", "log(1+{z}**2)", "sqrt(1+{z}**2)", "atan{z}", "1/(1+{z}**2)",
    "{z}*{z}-{z}", "log(3+sin{z})", "exp(-{z}**2)",
]


@functools.cache
def known():
    """Formula, shift, scale and (x - shift) / scale of the cases of derivative_random.json."""
    cases = []
    path = pathlib.Path(__file__).with_name("derivative_random.json")
    for row in json.loads(path.read_text())["cases"]:
        shift, scale = map(float, re.search(r"\(\(x-\((.*?)\)\)/\((.*?)\)\)", row["formula"]).groups())
        cases.append((row["formula"], shift, scale, (float(row["x"]) - shift) / scale))
    return cases


FAMILIES = "natural unit shifted offset mixed higher singular oscillating cancelling noisy solver edge kink stationary".split()


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    families = sys.argv[3:] or FAMILIES
    cases = []
    for family in families:
        r = random.Random(f"{seed}-{family}")
        made, tries = 0, 0
        while made < count and tries < 20 * count:
            tries += 1
            formula, order, x, undefined = draw(r, family)
            try:
                if family == "stationary":
                    row = stationary(f"{family}{made}", formula, x)
                elif family == "edge":
                    row = edge(f"{family}{made}", formula, order, x)
                else:
                    row = case(f"{family}{made}", family, formula, order, x, undefined)
            except (ValueError, ZeroDivisionError, OverflowError, TypeError):
                continue
            row["group"] = family
            cases.append(row)
            made += 1
    json.dump({"note": __doc__.strip(), "seed": seed, "cases": cases, "vector": []}, sys.stdout, indent=0)


def stationary(name, formula, x):
    exact = mp.diff(exact_function(formula), mp.mpf(x), 1, h=mp.mpf(10) ** -25)
    second = abs(float(mp.diff(exact_function(formula), mp.mpf(x), 2, h=mp.mpf(10) ** -25)))
    exact = mp.mpf(0) if abs(exact) < 1e-40 else exact
    value = abs(plain(formula)(x))
    # Relative to the change over one unit of x: f' is 0 or nearly so.
    scale = max(abs(float(exact)), second, value, 1e-3)
    return {"name": name, "formula": formula, "order": 1, "x": repr(x), "x_hex": x.hex(), "exact": mp.nstr(exact, 30), "scale": scale, "limit": 2.0**-53 * scale, "inherent": second * math.ulp(x) / 2, "group": "stationary"}


def edge(name, formula, order, x):
    inner = formula[formula.index(",") + 1 : formula.rindex(",")].strip()
    row = case(name, "edge", inner, order, x)
    row["formula"] = formula
    # The limit of the inner function by central stencils; one-sided ones lose about two digits.
    row["limit"] *= 100.0
    return row


if __name__ == "__main__":
    main()
