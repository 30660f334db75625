//! ln(1 + e^a), whose slope is the sigmoid.

use super::base::Base;
use super::sigmoid;
use crate::movement::{Algebra, Series};
use crate::simd::{Isa, Lanes, exp, ln_1p};
use numdiff_core::Real;

/// ln(1 + e^a), without overflow.
#[inline]
pub(crate) fn value<T: Real>(a: T) -> T {
    a.max(T::zero()) + (-a.abs()).exp().ln_1p()
}

#[inline]
pub(super) fn slope<T: Real>(a: T) -> T {
    sigmoid::value(a)
}

/// ln(1 + s(a) E) with E = e^u - 1; where |u| is at least 1, softplus(a) = a + softplus(-a) takes out what both
/// have in common.
#[inline]
pub(crate) fn increment<T: Real>(a: T, u: T) -> T {
    let (zero, moved) = (T::zero(), a + u);
    if u.abs() < T::one() {
        (sigmoid::value(a) * u.exp_m1()).ln_1p()
    } else if a > zero && moved > zero {
        u + (value(-moved) - value(-a))
    } else {
        value(moved) - value(a)
    }
}

/// That of the sigmoid's values.
pub(super) fn slope_bound() -> f64 {
    1.0
}

#[inline(always)]
pub(super) fn values<I: Isa>(a: Lanes<I>) -> Lanes<I> {
    a.at_least(0.0) + ln_1p(exp(-a.abs()))
}

/// [`increment`] from what is cached, for |u| <= 1.
#[inline(always)]
pub(super) fn exact<I: Isa, A: Algebra<I>>(u: A, base: &Base<I>) -> A {
    u.exp_m1().scaled(base.p).ln_1p()
}

/// The integral of the sigmoid's series `s`.
#[inline(always)]
pub(super) fn series<I: Isa>(x: &Series<I>, s: &Series<I>, base: &Base<I>) -> Series<I> {
    let mut y = x.empty();
    for m in x.powers() {
        y.set(m, x.integral(m, base.p, s));
    }
    y
}
