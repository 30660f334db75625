//! s(a) = 1/(1 + e^-a), with s' = s(a) s(-a).

use super::base::Base;
use crate::movement::{Series, Sides, Subtracted};
use crate::simd::{Isa, Lanes, exp, exp_m1, exp_near};
use numdiff_core::Real;

/// 1/(1 + e^-a), without overflow.
#[inline]
pub(crate) fn value<T: Real>(a: T) -> T {
    T::one() / (T::one() + (-a).exp())
}

#[inline]
pub(super) fn slope<T: Real>(a: T, y: T) -> T {
    y * value(-a)
}

/// s(a + u) - s(a) = s(a) s(-a) E/(1 + s(a) E) with E = e^u - 1. From |u| = 1 on the two values, or their
/// complements, differ by more than a third, and subtracting them loses nothing.
#[inline]
pub(super) fn increment<T: Real>(a: T, u: T) -> T {
    let (zero, moved) = (T::zero(), a + u);
    if u.abs() < T::one() {
        let e = u.exp_m1();
        let z = value(a);
        z * value(-a) * e / (T::one() + z * e)
    } else if a > zero && moved > zero {
        value(-a) - value(-moved)
    } else {
        value(moved) - value(a)
    }
}

/// The slope is sech^2(a/2)/4, and sech^2(a + i v) <= 1/cos^2 v.
pub(super) fn slope_bound() -> f64 {
    0.25 / 0.25f64.cos().powi(2)
}

#[inline(always)]
pub(super) fn values<I: Isa>(a: Lanes<I>) -> Lanes<I> {
    let one = Lanes::splat(1.0);
    one / (one + exp(-a))
}

/// s(a), s(a) s(-a) and e^-a: the difference of s(a) from 1 would lose the digits of s(-a), which is
/// e^-a s(a).
#[inline(always)]
pub(super) fn cached<I: Isa>(a: Lanes<I>) -> [Lanes<I>; 3] {
    let one = Lanes::splat(1.0);
    let e = exp(-a);
    let s = one / (one + e);
    // Where e^-a is held inside the range of numbers, s(a) or s(-a) is 0 to the last place.
    let (zero, edge) = (Lanes::splat(0.0), Lanes::splat(708.0));
    let s = a.where_above(-edge, s, zero);
    let q = edge.where_above(a, s * (e * s).at_most(1.0), zero);
    [s, q, e]
}

/// [`increment`] from what is cached, for |u| <= 1.
#[inline(always)]
pub(super) fn exact<I: Isa>(u: Lanes<I>, base: &Base<I>) -> Lanes<I> {
    let e = exp_m1(u);
    base.q * e / base.p.fma(e, Lanes::splat(1.0))
}

/// 1 + e^-(a + u), of which the moved value is the reciprocal.
#[inline(always)]
fn denominator<I: Isa, const NEAR: bool>(u: Lanes<I>, base: &Base<I>) -> Lanes<I> {
    let one = Lanes::splat(1.0);
    if NEAR {
        base.e.fma(exp_near(-u), one)
    } else {
        one + exp(-(base.a + u))
    }
}

/// The moved values minus the cached one. One division serves both sides: 1/a = b/(a b). Where a b
/// overflows both are 0 to the last place of the values they move.
#[inline(always)]
pub(super) fn subtracted<I: Isa, const NEAR: bool>(
    sides: Sides<I, Subtracted<NEAR>>,
    base: &Base<I>,
) -> Sides<I, Subtracted<NEAR>> {
    let up = denominator::<I, NEAR>(sides.up, base);
    let down = denominator::<I, NEAR>(sides.down, base);
    let reciprocal = Lanes::splat(1.0) / (up * down);
    Sides::new(reciprocal * down - base.z, reciprocal * up - base.z)
}

/// s' = s(1 - s), so with s = p + y the factor q = p (1 - p) moves by (1 - 2p) y - y^2.
#[inline(always)]
pub(super) fn series<I: Isa>(x: &Series<I>, p: Lanes<I>, q: Lanes<I>) -> Series<I> {
    let skew = Lanes::splat(1.0) - p - p;
    let (mut y, mut factor) = (x.empty(), x.empty());
    for m in x.powers() {
        let c = x.integral(m, q, &factor);
        y.set(m, c);
        factor.set(m, skew * c - y.product(&y, m));
    }
    y
}
