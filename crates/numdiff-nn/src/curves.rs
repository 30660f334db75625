//! Element-wise functions, each in a file of its own: value, slope and increment, what is cached of it, and how
//! differences, moved values and power series go through it. All algorithms ask here.

mod base;
mod relu;
mod sigmoid;
mod softplus;
mod tanh;

pub(crate) use base::Base;
pub(crate) use sigmoid::value as sigmoid;
pub(crate) use softplus::{increment as softplus_increment, value as softplus};

use crate::movement::{Moved, Series, Sides};
use crate::simd::{Isa, Kernel, LANES, Lanes, SimdLevel};
use numdiff_core::Real;

/// An element-wise function.
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

    /// A bound on |f'(a + u)| for |u| <= 1/2, complex.
    pub fn slope_bound(self) -> f64 {
        match self {
            Curve::Identity => 1.0,
            Curve::Sigmoid => sigmoid::slope_bound(),
            Curve::Tanh => tanh::slope_bound(),
            Curve::Softplus => softplus::slope_bound(),
            Curve::Relu(slope) => relu::slope_bound(slope),
        }
    }

    /// f(a).
    #[inline]
    pub fn value<T: Real>(self, a: T) -> T {
        match self {
            Curve::Identity => a,
            Curve::Sigmoid => sigmoid::value(a),
            Curve::Tanh => a.tanh(),
            Curve::Softplus => softplus::value(a),
            Curve::Relu(slope) => relu::value(a, slope),
        }
    }

    /// f'(a), given y = f(a); at a kink the slope on the left.
    #[inline]
    pub fn slope<T: Real>(self, a: T, y: T) -> T {
        match self {
            Curve::Identity => T::one(),
            Curve::Sigmoid => sigmoid::slope(a, y),
            Curve::Tanh => tanh::slope(a, y),
            Curve::Softplus => softplus::slope(a),
            Curve::Relu(slope) => relu::slope(a, slope),
        }
    }

    /// f(a + u) - f(a) to nearly full relative precision.
    #[inline]
    pub fn increment<T: Real>(self, a: T, u: T) -> T {
        match self {
            Curve::Identity => u,
            Curve::Sigmoid => sigmoid::increment(a, u),
            Curve::Tanh => tanh::increment(a, u),
            Curve::Softplus => softplus::increment(a, u),
            Curve::Relu(slope) => relu::increment(a, u, slope),
        }
    }

    /// f'(a) from what is cached.
    #[inline(always)]
    pub fn cached_slope(self, a: f64, p: f64, q: f64) -> f64 {
        match self {
            Curve::Identity => 1.0,
            Curve::Sigmoid => q,
            Curve::Tanh => tanh::cached_slope(q),
            Curve::Softplus => p,
            Curve::Relu(slope) => relu::slope(a, slope),
        }
    }

    /// f(a), sixteen at once.
    #[inline(always)]
    pub fn values<I: Isa>(self, a: Lanes<I>) -> Lanes<I> {
        match self {
            Curve::Identity => a,
            Curve::Sigmoid => sigmoid::values(a),
            Curve::Tanh => tanh::values(a),
            Curve::Softplus => softplus::values(a),
            Curve::Relu(slope) => relu::values(a, slope),
        }
    }

    /// p and q of a [`Base`] at a; any number where there are none.
    #[inline(always)]
    pub fn cached<I: Isa>(self, a: Lanes<I>) -> [Lanes<I>; 2] {
        match self {
            Curve::Identity | Curve::Relu(_) => [a, a],
            Curve::Sigmoid | Curve::Softplus => sigmoid::cached(a),
            Curve::Tanh => tanh::cached(a),
        }
    }

    /// Writes f(a) of every element of `a`.
    pub fn activate(self, a: &[f64], out: &mut [f64], level: SimdLevel) {
        level.run(Activate {
            curve: self,
            a,
            out,
        });
    }
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
            self.curve.values(Lanes::<I>::load(a, 0.0)).store(out);
        }
    }
}

/// A movement that goes through a curve.
pub(crate) trait Through<I: Isa>: Moved<I> {
    /// By how much the value moves. Adds to `kinks`, where the movement has two sides, 1 for each lane in which a
    /// kink lies between them.
    fn activate(&self, curve: Curve, base: &Base<I>, kinks: &mut Lanes<I>) -> Self;
}

impl<I: Isa, const NEAR: bool> Through<I> for Sides<I, NEAR> {
    #[inline(always)]
    fn activate(&self, curve: Curve, base: &Base<I>, kinks: &mut Lanes<I>) -> Self {
        match curve {
            Curve::Identity => *self,
            Curve::Sigmoid | Curve::Tanh => {
                // One place for both: tanh(a) = 2 s(2a) - 1.
                let moved = if curve == Curve::Tanh {
                    Self::new(self.up + self.up, self.down + self.down)
                } else {
                    *self
                };
                sigmoid::exact(moved, base)
            }
            Curve::Softplus => softplus::exact(*self, base),
            Curve::Relu(slope) => {
                if curve.has_kink() {
                    *kinks = *kinks + relu::kinks(base.a + self.up, base.a + self.down);
                }
                let up = relu::exact(self.up, base, slope);
                Self::new(up, relu::exact(self.down, base, slope))
            }
        }
    }
}

impl<I: Isa> Through<I> for Series<I> {
    #[inline(always)]
    fn activate(&self, curve: Curve, base: &Base<I>, _: &mut Lanes<I>) -> Self {
        match curve {
            Curve::Identity => *self,
            Curve::Sigmoid | Curve::Tanh | Curve::Softplus => {
                // One place for the three, in which the compiler keeps one copy of the recurrence.
                let (doubled, half);
                let (x, q) = if curve == Curve::Tanh {
                    (doubled, half) = tanh::halved(self, base);
                    (&doubled, half)
                } else {
                    (self, base.q)
                };
                let s = sigmoid::series(x, base.p, q);
                match curve {
                    Curve::Tanh => tanh::series(&s),
                    Curve::Softplus => softplus::series(self, &s, base),
                    _ => s,
                }
            }
            Curve::Relu(slope) => relu::series(self, base, slope),
        }
    }
}
