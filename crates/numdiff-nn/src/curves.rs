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

use crate::movement::{Exact, Moved, Series, Sides, Subtracted};
use crate::simd::{Isa, Kernel, LANES, Lanes, Part, SimdLevel};
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

    /// p, q and e of a [`Base`] at a, given z = f(a); e is 0 where there is none.
    #[inline(always)]
    pub fn cached<I: Isa>(self, a: Lanes<I>, z: Lanes<I>) -> [Lanes<I>; 3] {
        match self {
            Curve::Identity | Curve::Relu(_) => [z, z, Lanes::splat(0.0)],
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

impl<I: Isa> Through<I> for Sides<I, Exact> {
    #[inline(always)]
    fn activate(&self, curve: Curve, base: &Base<I>, kinks: &mut Lanes<I>) -> Self {
        count_kinks(self, curve, base, kinks);
        let up = exact(curve, self.up, base);
        Self::new(up, exact(curve, self.down, base))
    }
}

impl<I: Isa, const NEAR: bool> Through<I> for Sides<I, Subtracted<NEAR>> {
    #[inline(always)]
    fn activate(&self, curve: Curve, base: &Base<I>, kinks: &mut Lanes<I>) -> Self {
        count_kinks(self, curve, base, kinks);
        match curve {
            Curve::Identity => *self,
            Curve::Sigmoid => sigmoid::subtracted(*self, base),
            _ => {
                let up = subtracted(curve, self.up, base);
                Self::new(up, subtracted(curve, self.down, base))
            }
        }
    }
}

#[inline(always)]
fn count_kinks<I: Isa, Form>(
    sides: &Sides<I, Form>,
    curve: Curve,
    base: &Base<I>,
    kinks: &mut Lanes<I>,
) {
    if curve.has_kink() {
        *kinks = *kinks + relu::kinks(base.a + sides.up, base.a + sides.down);
    }
}

/// The difference by which a curve's value moves.
#[inline(always)]
fn exact<I: Isa>(curve: Curve, u: Lanes<I>, base: &Base<I>) -> Lanes<I> {
    match curve {
        Curve::Identity => u,
        Curve::Relu(slope) => relu::exact(u, base, slope),
        Curve::Softplus => softplus::exact(u, base),
        Curve::Sigmoid | Curve::Tanh => {
            // One place for both: tanh(a) = 2 s(2a) - 1.
            let twice = if curve == Curve::Tanh {
                u
            } else {
                Lanes::splat(0.0)
            };
            sigmoid::exact(u + twice, base)
        }
    }
}

/// The moved value minus the cached one, of a curve that is met less often.
#[inline(always)]
fn subtracted<I: Isa>(curve: Curve, u: Lanes<I>, base: &Base<I>) -> Lanes<I> {
    let a = base.a + u;
    I::outline(Values { curve, a }) - base.z
}

/// [`Curve::values`] by a call.
struct Values<I: Isa> {
    curve: Curve,
    a: Lanes<I>,
}

impl<I: Isa> Part<I> for Values<I> {
    type Output = Lanes<I>;
    #[inline(always)]
    fn compute(self) -> Lanes<I> {
        self.curve.values(self.a)
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
