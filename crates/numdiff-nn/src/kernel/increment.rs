//! Numbers that stand for "by how much a value moved".
//!
//! The rest of a network, behind the unit that a parameter moves, is evaluated by one
//! program ([`super::suffix`]) over several kinds of number:
//! - [`Exact`]: the difference itself, from identities that subtract no nearly equal
//!   numbers (computational divided differencing: Reps and Rall 2003);
//! - [`Value`]: the moved value minus the cached one, as a plain program has it;
//! - [`Sides`]: one of those above and one below, which notices kinks between them;
//! - [`Series`](super::series::Series): the difference as a power series in the movement.

use crate::simd::{Curve, Isa, Lanes, Part, exp, exp_m1, exp_near, ln_1p, value};

/// What is cached of an activation at the point around which it moves.
///
/// | | z | p | q | e |
/// |---|---|---|---|---|
/// | sigmoid | s(a) | s(a) | s(a) s(-a) | e^-a |
/// | tanh | tanh(a) | s(2a) | 2 s(2a) s(-2a) | - |
/// | softplus | ln(1 + e^a) | s(a) | s(a) s(-a) | - |
/// | identity, ReLU | f(a) | f(a) | f(a) | - |
#[derive(Clone, Copy)]
pub(crate) struct Base<I: Isa> {
    pub a: Lanes<I>,
    pub z: Lanes<I>,
    pub p: Lanes<I>,
    pub q: Lanes<I>,
    pub e: Lanes<I>,
}

/// A number that says by how much a value moved: what an affine layer and an activation
/// do to it.
pub(crate) trait Moved<I: Isa>: Copy {
    fn zero() -> Self;
    /// `self + w x`.
    fn plus_times(self, w: Lanes<I>, x: &Self) -> Self;
    /// Through an activation. Adds to `kinks`, where it has two sides, 1 for each lane in
    /// which a kink lies between them.
    fn activate(&self, curve: Curve, base: &Base<I>, kinks: &mut Lanes<I>) -> Self;
}

/// What a loss needs besides.
pub(crate) trait Algebra<I: Isa>: Moved<I> {
    fn exp_m1(self) -> Self;
    fn ln_1p(self) -> Self;
    fn times(self, other: &Self) -> Self;
    /// `self / (1 + other)`.
    fn over_1p(self, other: &Self) -> Self;
    /// `slope self + curvature self^2`.
    #[inline(always)]
    fn quadratic(self, slope: Lanes<I>, curvature: Lanes<I>) -> Self {
        Self::zero()
            .plus_times(slope, &self)
            .plus_times(curvature, &self.times(&self))
    }
}

/// The difference itself, without cancellation.
#[derive(Clone, Copy)]
pub(crate) struct Exact<I: Isa>(pub Lanes<I>);

/// The moved value minus the cached one, with the rounding of a plain evaluation. Where every
/// movement is `NEAR` 0 (see [`crate::simd::is_near`]), e^(a + u) is e^a, which is cached, times
/// e^u, which is a short polynomial.
#[derive(Clone, Copy)]
pub(crate) struct Value<I: Isa, const NEAR: bool>(pub Lanes<I>);

/// The two sides of a central difference.
#[derive(Clone, Copy)]
pub(crate) struct Sides<M> {
    pub up: M,
    pub down: M,
}

/// A [`Moved`] that is one number.
pub(crate) trait Single<I: Isa>: Moved<I> {
    fn amount(&self) -> Lanes<I>;

    /// Both sides through an activation.
    #[inline(always)]
    fn activate_both(
        sides: Sides<Self>,
        curve: Curve,
        base: &Base<I>,
        kinks: &mut Lanes<I>,
    ) -> Sides<Self> {
        Sides {
            up: sides.up.activate(curve, base, kinks),
            down: sides.down.activate(curve, base, kinks),
        }
    }
}

impl<I: Isa> Moved<I> for Exact<I> {
    #[inline(always)]
    fn zero() -> Self {
        Self(Lanes::splat(0.0))
    }

    #[inline(always)]
    fn plus_times(self, w: Lanes<I>, x: &Self) -> Self {
        Self(w.fma(x.0, self.0))
    }

    #[inline(always)]
    fn activate(&self, curve: Curve, base: &Base<I>, _: &mut Lanes<I>) -> Self {
        let u = self.0;
        Self(match curve {
            Curve::Identity => u,
            Curve::Relu(slope) => relu(u, base, slope),
            Curve::Softplus => ln_1p(base.p * exp_m1(u)),
            // s(a + u) - s(a) = s(a) s(-a) E / (1 + s(a) E) with E = e^u - 1, and
            // tanh(a) = 2 s(2a) - 1.
            Curve::Sigmoid | Curve::Tanh => {
                let twice = if curve == Curve::Tanh {
                    u
                } else {
                    Lanes::splat(0.0)
                };
                let e = exp_m1(u + twice);
                base.q * e / base.p.fma(e, Lanes::splat(1.0))
            }
        })
    }
}

impl<I: Isa> Algebra<I> for Exact<I> {
    #[inline(always)]
    fn exp_m1(self) -> Self {
        Self(exp_m1(self.0))
    }

    #[inline(always)]
    fn ln_1p(self) -> Self {
        Self(ln_1p(self.0))
    }

    #[inline(always)]
    fn times(self, other: &Self) -> Self {
        Self(self.0 * other.0)
    }

    #[inline(always)]
    fn over_1p(self, other: &Self) -> Self {
        Self(self.0 / (Lanes::splat(1.0) + other.0))
    }
}

impl<I: Isa> Single<I> for Exact<I> {
    #[inline(always)]
    fn amount(&self) -> Lanes<I> {
        self.0
    }
}

/// f(a + u) - f(a), f(a) = a above 0 and slope a below. On one side the difference is u or
/// slope u; across 0 the terms have opposite signs.
#[inline(always)]
fn relu<I: Isa>(u: Lanes<I>, base: &Base<I>, slope: f64) -> Lanes<I> {
    let (zero, slope) = (Lanes::splat(0.0), Lanes::splat(slope));
    let moved = base.a + u;
    let from_above = moved.where_above(zero, u, slope * moved - base.a);
    let from_below = moved.where_above(zero, moved - slope * base.a, slope * u);
    base.a.where_above(zero, from_above, from_below)
}

impl<I: Isa, const NEAR: bool> Value<I, NEAR> {
    /// 1 + e^-(a + u), of which the sigmoid is the reciprocal.
    #[inline(always)]
    fn denominator(self, base: &Base<I>) -> Lanes<I> {
        let one = Lanes::splat(1.0);
        if NEAR {
            base.e.fma(exp_near(-self.0), one)
        } else {
            one + exp(-(base.a + self.0))
        }
    }

    /// Through a curve that is met less often.
    #[inline(always)]
    fn curved(self, curve: Curve, base: &Base<I>) -> Self {
        let a = base.a + self.0;
        Self(I::outline(Curved { curve, a }) - base.z)
    }
}

impl<I: Isa, const NEAR: bool> Moved<I> for Value<I, NEAR> {
    #[inline(always)]
    fn zero() -> Self {
        Self(Lanes::splat(0.0))
    }

    #[inline(always)]
    fn plus_times(self, w: Lanes<I>, x: &Self) -> Self {
        Self(w.fma(x.0, self.0))
    }

    #[inline(always)]
    fn activate(&self, curve: Curve, base: &Base<I>, _: &mut Lanes<I>) -> Self {
        match curve {
            Curve::Identity => *self,
            Curve::Sigmoid => Self(Lanes::splat(1.0) / self.denominator(base) - base.z),
            _ => self.curved(curve, base),
        }
    }
}

impl<I: Isa, const NEAR: bool> Single<I> for Value<I, NEAR> {
    #[inline(always)]
    fn amount(&self) -> Lanes<I> {
        self.0
    }

    /// One division serves both sides of a sigmoid: 1/a = b/(a b). Where a b overflows both are 0 to
    /// the last place of the values they move.
    #[inline(always)]
    fn activate_both(
        sides: Sides<Self>,
        curve: Curve,
        base: &Base<I>,
        _: &mut Lanes<I>,
    ) -> Sides<Self> {
        let Sides { up, down } = sides;
        match curve {
            Curve::Identity => sides,
            Curve::Sigmoid => {
                let (up, down) = (up.denominator(base), down.denominator(base));
                let reciprocal = Lanes::splat(1.0) / (up * down);
                Sides {
                    up: Self(reciprocal * down - base.z),
                    down: Self(reciprocal * up - base.z),
                }
            }
            _ => Sides {
                up: up.curved(curve, base),
                down: down.curved(curve, base),
            },
        }
    }
}

impl<I: Isa, M: Single<I>> Moved<I> for Sides<M> {
    #[inline(always)]
    fn zero() -> Self {
        Self {
            up: M::zero(),
            down: M::zero(),
        }
    }

    #[inline(always)]
    fn plus_times(self, w: Lanes<I>, x: &Self) -> Self {
        Self {
            up: self.up.plus_times(w, &x.up),
            down: self.down.plus_times(w, &x.down),
        }
    }

    #[inline(always)]
    fn activate(&self, curve: Curve, base: &Base<I>, kinks: &mut Lanes<I>) -> Self {
        if curve.has_kink() {
            let (zero, one) = (Lanes::splat(0.0), Lanes::splat(1.0));
            let sign = |moved: &M| (base.a + moved.amount()).where_above(zero, one, zero);
            let (above, below) = (sign(&self.up), sign(&self.down));
            *kinks = *kinks + (above - below).abs();
        }
        M::activate_both(*self, curve, base, kinks)
    }
}

impl<I: Isa, M: Single<I> + Algebra<I>> Algebra<I> for Sides<M> {
    #[inline(always)]
    fn exp_m1(self) -> Self {
        Self {
            up: self.up.exp_m1(),
            down: self.down.exp_m1(),
        }
    }

    #[inline(always)]
    fn ln_1p(self) -> Self {
        Self {
            up: self.up.ln_1p(),
            down: self.down.ln_1p(),
        }
    }

    #[inline(always)]
    fn times(self, other: &Self) -> Self {
        Self {
            up: self.up.times(&other.up),
            down: self.down.times(&other.down),
        }
    }

    #[inline(always)]
    fn over_1p(self, other: &Self) -> Self {
        Self {
            up: self.up.over_1p(&other.up),
            down: self.down.over_1p(&other.down),
        }
    }

    /// Of two sides only their difference counts, (u - v)(slope + curvature (u + v)): squares far
    /// larger than what is left of them meet before they round. It stands above, with 0 below.
    #[inline(always)]
    fn quadratic(self, slope: Lanes<I>, curvature: Lanes<I>) -> Self {
        let sum = self.up.amount() + self.down.amount();
        let apart = self.up.plus_times(Lanes::splat(-1.0), &self.down);
        Self {
            up: M::zero().plus_times(curvature.fma(sum, slope), &apart),
            down: M::zero(),
        }
    }
}

/// [`value`] by a call.
struct Curved<I: Isa> {
    curve: Curve,
    a: Lanes<I>,
}

impl<I: Isa> Part<I> for Curved<I> {
    type Output = Lanes<I>;
    #[inline(always)]
    fn compute(self) -> Lanes<I> {
        value(self.curve, self.a)
    }
}
