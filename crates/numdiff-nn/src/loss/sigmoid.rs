//! The sigmoid cross-entropy, a sum over the outputs of (1 - t) softplus(c) + t softplus(-c).

use crate::curves::{Base, Curve, Through, sigmoid, softplus, softplus_increment};
use crate::movement::Algebra;
use crate::simd::{Isa, Lanes};

/// The term of one output.
pub(super) fn value(c: f64, t: f64) -> f64 {
    (1.0 - t) * softplus(c) + t * softplus(-c)
}

pub(super) fn increment(c: f64, d: f64, t: f64) -> f64 {
    (1.0 - t) * softplus_increment(c, d) + t * softplus_increment(-c, -d)
}

pub(super) fn slope(c: f64, t: f64) -> f64 {
    cached_slope(sigmoid(c), sigmoid(-c), t)
}

/// From s(c) and s(-c).
pub(crate) fn cached_slope(y: f64, complement: f64, t: f64) -> f64 {
    (1.0 - t) * y - t * complement
}

/// [`increment`], sixteen at once, from s(c) and s(-c), for movements of at most 1.
#[inline(always)]
pub(crate) fn moved<I: Isa, A: Algebra<I> + Through<I>>(
    c: Lanes<I>,
    [y, complement]: [Lanes<I>; 2],
    t: Lanes<I>,
    d: A,
) -> A {
    let up = Base {
        a: c,
        p: y,
        q: y * complement,
    };
    let down = Base {
        a: -c,
        p: complement,
        q: y * complement,
    };
    let mut smooth = Lanes::splat(0.0);
    // One place for both, in which the compiler keeps one copy of the softplus.
    let one = Lanes::splat(1.0);
    let mut out = A::zero();
    for (base, sign, weight) in [(&up, one, one - t), (&down, -one, t)] {
        let d = d.scaled(sign);
        let moved = d.activate(Curve::Softplus, base, &mut smooth);
        out = out.plus_times(weight, &moved);
    }
    out
}
