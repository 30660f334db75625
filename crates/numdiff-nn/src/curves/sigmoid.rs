//! s(a) = 1/(1 + e^-a), with s' = s(a) s(-a).

use super::base::Base;
use crate::movement::{Algebra, Series, Sides};
use crate::simd::{Isa, Lanes, exp};
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

/// s(a) and s(a) s(-a): the difference of s(a) from 1 would lose the digits of s(-a), which is
/// e^-a s(a).
#[inline(always)]
pub(super) fn cached<I: Isa>(a: Lanes<I>) -> [Lanes<I>; 2] {
    let one = Lanes::splat(1.0);
    let e = exp(-a);
    let s = one / (one + e);
    // Where e^-a is held inside the range of numbers, s(a) or s(-a) is 0 to the last place.
    let (zero, edge) = (Lanes::splat(0.0), Lanes::splat(708.0));
    let s = a.where_above(-edge, s, zero);
    let q = edge.where_above(a, s * (e * s).at_most(1.0), zero);
    [s, q]
}

/// [`increment`] from what is cached, for |u| <= 1. One division serves both sides: 1/a = b/(a b).
#[inline(always)]
pub(super) fn exact<I: Isa, const NEAR: bool>(u: Sides<I, NEAR>, base: &Base<I>) -> Sides<I, NEAR> {
    let (e, one) = (u.exp_m1(), Lanes::splat(1.0));
    let (up, down) = (base.p.fma(e.up, one), base.p.fma(e.down, one));
    let share = base.q / (up * down);
    Sides::new(e.up * (share * down), e.down * (share * up))
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
