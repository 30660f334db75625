"""The polynomials of src/kernel/exponential.rs, and their error. Needs mpmath.

Interpolation of (e^r - 1 - r)/r^2 in r and of (2 atanh(s) - 2 s)/s^3 in s^2 at Chebyshev nodes,
with 50 digits; the coefficients are then rounded to binary64 and the relative error of e^r, of
e^r - 1 and of 2 atanh(s) is measured with the rounded coefficients.
"""
from mpmath import atanh, cos, exp, expm1, linspace, log, lu_solve, matrix, mp, mpf, pi, polyval, sqrt

mp.dps = 50


def chebyshev(f, a, b, degree):
    nodes = [(a + b) / 2 + (b - a) / 2 * cos(pi * (2 * k + 1) / (2 * (degree + 1))) for k in range(degree + 1)]
    powers = matrix([[x**j for j in range(degree + 1)] for x in nodes])
    return [float(c) for c in lu_solve(powers, matrix([f(x) for x in nodes]))]


def value(coefficients, x):
    return polyval([mpf(c) for c in reversed(coefficients)], x)


# A little beyond ln(2)/2, since the reduced argument is rounded.
r = log(2) / 2 * mpf("1.0001")
c = chebyshev(lambda x: (exp(x) - 1 - x) / x**2 if abs(x) > mpf(10) ** -20 else mpf(1) / 2, -r, r, 9)
print("EXP", list(reversed(c)))
print("  e^r    ", max(abs((1 + x + x * x * value(c, x)) / exp(x) - 1) for x in linspace(-r, r, 1000)))
print("  e^r - 1", max(abs((x + x * x * value(c, x)) / expm1(x) - 1) for x in linspace(-r, r, 1000)))

t = (3 - 2 * sqrt(2)) ** 2 * mpf("1.0001")
c = chebyshev(
    lambda x: (2 * atanh(sqrt(x)) - 2 * sqrt(x)) / sqrt(x) ** 3 if x > mpf(10) ** -20 else mpf(2) / 3, mpf(0), t, 6
)
print("ATANH", list(reversed(c)))
s = linspace(mpf("1e-6"), sqrt(t), 1000)
print("  2 atanh", max(abs((2 * x + x**3 * value(c, x * x)) / (2 * atanh(x)) - 1) for x in s))
