//! Squared errors: a factor times the sum over the outputs of (c - t)^2.

use crate::movement::Algebra;
use crate::simd::{Isa, Lanes};

/// The term of one output, without the factor.
pub(super) fn value(c: f64, t: f64) -> f64 {
    (c - t).powi(2)
}

/// That with the output moved by `up`, minus that with it moved by `down`. The squares of the movements, which may be
/// far larger than what is left of them, meet first.
pub(super) fn difference(c: f64, t: f64, [up, down]: [f64; 2]) -> f64 {
    (up - down) * (2.0 * (c - t) + (up + down))
}

/// [`difference`] for a movement, sixteen at once, with the factor.
#[inline(always)]
pub(crate) fn moved<I: Isa, A: Algebra<I>>(c: Lanes<I>, t: Lanes<I>, factor: Lanes<I>, d: A) -> A {
    d.quadratic(Lanes::splat(2.0) * (c - t) * factor, factor)
}
