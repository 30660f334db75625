//! Element-wise functions: their values on sixteen numbers at once, and what their increments need.

use super::dispatch::{Isa, Kernel, SimdLevel};
use super::exponential::{exp, exp_m1, ln_1p};
use super::lanes::{LANES, Lanes};

/// An element-wise function behind an affine layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Curve {
    Identity,
    Sigmoid,
    Tanh,
    Softplus,
    /// a above 0, this times a below.
    Relu(f64),
}

impl Curve {
    pub fn has_kink(self) -> bool {
        matches!(self, Curve::Relu(slope) if slope != 1.0)
    }
}

impl Curve {
    /// A bound on |f'(a + u)| for |u| <= 1/2, complex: sech^2(a + i v) <= 1 / cos^2 v, the
    /// sigmoid's slope is sech^2(a/2)/4, that of the softplus the sigmoid itself.
    pub fn slope_bound(self) -> f64 {
        match self {
            Curve::Identity | Curve::Softplus => 1.0,
            Curve::Sigmoid => 0.25 / 0.25f64.cos().powi(2),
            Curve::Tanh => 1.0 / 0.5f64.cos().powi(2),
            Curve::Relu(slope) => slope.abs().max(1.0),
        }
    }
}

/// f(a).
#[inline(always)]
pub(crate) fn value<I: Isa>(curve: Curve, a: Lanes<I>) -> Lanes<I> {
    match curve {
        Curve::Identity => a,
        Curve::Sigmoid => {
            let one = Lanes::splat(1.0);
            one / (one + exp(-a))
        }
        Curve::Tanh => {
            let e = exp_m1(a + a);
            e / (e + Lanes::splat(2.0))
        }
        Curve::Softplus => a.at_least(0.0) + ln_1p(exp(-a.abs())),
        Curve::Relu(slope) => a.where_above(Lanes::splat(0.0), a, Lanes::splat(slope) * a),
    }
}

/// Writes f(a) of every element of `a`.
pub(crate) fn activate(curve: Curve, a: &[f64], out: &mut [f64], level: SimdLevel) {
    level.run(Activate { curve, a, out });
}

struct Activate<'a> {
    curve: Curve,
    a: &'a [f64],
    out: &'a mut [f64],
}

impl Kernel for Activate<'_> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(self) {
        for (a, out) in self.a.chunks(LANES).zip(self.out.chunks_mut(LANES)) {
            value(self.curve, Lanes::<I>::load(a, 0.0)).store(out);
        }
    }
}

/// p, q and e at a, given z = f(a); e is 0 where there is none.
#[inline(always)]
pub(crate) fn cached<I: Isa>(curve: Curve, a: Lanes<I>, z: Lanes<I>) -> [Lanes<I>; 3] {
    let zero = Lanes::splat(0.0);
    match curve {
        Curve::Identity | Curve::Relu(_) => [z, z, zero],
        Curve::Sigmoid | Curve::Softplus => logistic(a),
        Curve::Tanh => {
            let [p, q, _] = logistic(a + a);
            [p, q + q, zero]
        }
    }
}

/// s(a), s(a) s(-a) and e^-a: the difference of s(a) from 1 would lose the digits of s(-a), which is
/// e^-a s(a).
#[inline(always)]
fn logistic<I: Isa>(a: Lanes<I>) -> [Lanes<I>; 3] {
    let one = Lanes::splat(1.0);
    let e = exp(-a);
    let s = one / (one + e);
    // Where e^-a is held inside the range of numbers, s(a) or s(-a) is 0 to the last place.
    let (zero, edge) = (Lanes::splat(0.0), Lanes::splat(708.0));
    let s = a.where_above(-edge, s, zero);
    let q = edge.where_above(a, s * (e * s).at_most(1.0), zero);
    [s, q, e]
}
