//! a above 0, a slope times a below.

use super::base::Base;
use crate::movement::{Moved, Series};
use crate::simd::{Isa, Lanes};
use numdiff_core::Real;

#[inline]
pub(super) fn value<T: Real>(a: T, slope: f64) -> T {
    if a > T::zero() {
        a
    } else if slope == 0.0 {
        T::zero()
    } else {
        a * T::round_from(slope)
    }
}

#[inline]
pub(super) fn slope<T: Real>(a: T, slope: f64) -> T {
    if a > T::zero() {
        T::one()
    } else {
        T::round_from(slope)
    }
}

/// On one side u or slope u; across 0 the terms have opposite signs.
#[inline]
pub(super) fn increment<T: Real>(a: T, u: T, slope: f64) -> T {
    let (zero, slope, moved) = (T::zero(), T::round_from(slope), a + u);
    match (a > zero, moved > zero) {
        (true, true) => u,
        (false, false) => slope * u,
        (true, false) => slope * moved - a,
        (false, true) => moved - slope * a,
    }
}

pub(super) fn slope_bound(slope: f64) -> f64 {
    slope.abs().max(1.0)
}

#[inline(always)]
pub(super) fn values<I: Isa>(a: Lanes<I>, slope: f64) -> Lanes<I> {
    a.where_above(Lanes::splat(0.0), a, Lanes::splat(slope) * a)
}

/// [`increment`], sixteen at once.
#[inline(always)]
pub(super) fn exact<I: Isa>(u: Lanes<I>, base: &Base<I>, slope: f64) -> Lanes<I> {
    let (zero, slope) = (Lanes::splat(0.0), Lanes::splat(slope));
    let moved = base.a + u;
    let from_above = moved.where_above(zero, u, slope * moved - base.a);
    let from_below = moved.where_above(zero, moved - slope * base.a, slope * u);
    base.a.where_above(zero, from_above, from_below)
}

/// As long as the argument keeps its sign.
#[inline(always)]
pub(super) fn series<I: Isa>(x: &Series<I>, base: &Base<I>, slope: f64) -> Series<I> {
    let (zero, one) = (Lanes::splat(0.0), Lanes::splat(1.0));
    x.scaled(base.a.where_above(zero, one, Lanes::splat(slope)))
}

/// 1 in the lanes in which 0 lies between the two moved values.
#[inline(always)]
pub(super) fn kinks<I: Isa>(up: Lanes<I>, down: Lanes<I>) -> Lanes<I> {
    let (zero, one) = (Lanes::splat(0.0), Lanes::splat(1.0));
    (up.where_above(zero, one, zero) - down.where_above(zero, one, zero)).abs()
}
