//! tanh(a) = 2 s(2a) - 1, with the sigmoid s.

use super::base::Base;
use super::sigmoid;
use crate::movement::{Moved, Series};
use crate::simd::{Isa, Lanes, exp_m1};
use numdiff_core::Real;

/// (1 - y)(1 + y) loses its digits where |y| is nearly 1: 4 s(2a) s(-2a) there.
#[inline]
pub(super) fn slope<T: Real>(a: T, y: T) -> T {
    if y.abs() < T::round_from(0.5) {
        (T::one() - y) * (T::one() + y)
    } else {
        let twice = a + a;
        T::round_from(4.0) * sigmoid::value(twice) * sigmoid::value(-twice)
    }
}

/// 2 (s(2a + 2u) - s(2a)).
#[inline]
pub(super) fn increment<T: Real>(a: T, u: T) -> T {
    let change = sigmoid::increment(a + a, u + u);
    change + change
}

/// sech^2(a + i v) <= 1/cos^2 v.
pub(super) fn slope_bound() -> f64 {
    1.0 / 0.5f64.cos().powi(2)
}

/// From q, twice that of s(2a).
#[inline(always)]
pub(super) fn cached_slope(q: f64) -> f64 {
    2.0 * q
}

#[inline(always)]
pub(super) fn values<I: Isa>(a: Lanes<I>) -> Lanes<I> {
    let e = exp_m1(a + a);
    e / (e + Lanes::splat(2.0))
}

/// Those of s(2a), with twice its q, so that the sigmoid's formula gives the increment of the tanh.
#[inline(always)]
pub(super) fn cached<I: Isa>(a: Lanes<I>) -> [Lanes<I>; 2] {
    let [p, q] = sigmoid::cached(a + a);
    [p, q + q]
}

/// What the sigmoid's series takes: twice the movement, and its own q.
#[inline(always)]
pub(super) fn halved<I: Isa>(x: &Series<I>, base: &Base<I>) -> (Series<I>, Lanes<I>) {
    (x.scaled(Lanes::splat(2.0)), base.q * Lanes::splat(0.5))
}

/// From the sigmoid's series.
#[inline(always)]
pub(super) fn series<I: Isa>(s: &Series<I>) -> Series<I> {
    s.scaled(Lanes::splat(2.0))
}
