//! Numbers that stand for "by how much a value moved".
//!
//! The rest of a network, behind the unit that a parameter moves, is evaluated by one
//! program over several kinds of number:
//! - [`Exact`]: the difference itself, from identities that subtract no nearly equal
//!   numbers (computational divided differencing: Reps and Rall 2003);
//! - [`Value`]: the moved value minus the cached one, as a plain program has it;
//! - [`Sides`]: one of those above and one below;
//! - [`Series`]: the difference as a power series in the movement.

mod series;

pub(crate) use series::{POWERS, Series};

use crate::simd::{Isa, Lanes, exp_m1, ln_1p};

/// A number that says by how much a value moved: what an affine layer does to it.
pub(crate) trait Moved<I: Isa>: Copy {
    fn zero() -> Self;
    /// `self + w x`.
    fn plus_times(self, w: Lanes<I>, x: &Self) -> Self;
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

impl<I: Isa, const NEAR: bool> Moved<I> for Value<I, NEAR> {
    #[inline(always)]
    fn zero() -> Self {
        Self(Lanes::splat(0.0))
    }

    #[inline(always)]
    fn plus_times(self, w: Lanes<I>, x: &Self) -> Self {
        Self(w.fma(x.0, self.0))
    }
}

impl<I: Isa, const NEAR: bool> Single<I> for Value<I, NEAR> {
    #[inline(always)]
    fn amount(&self) -> Lanes<I> {
        self.0
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
