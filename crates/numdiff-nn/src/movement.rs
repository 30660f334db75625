//! Numbers that stand for "by how much a value moved".
//!
//! The rest of a network, behind the unit that a parameter moves, is evaluated by one
//! program over several kinds of number:
//! - [`Sides`] of [`Exact`]: the differences above and below, from identities that subtract no nearly
//!   equal numbers (computational divided differencing: Reps and Rall 2003);
//! - [`Sides`] of [`Subtracted`]: the moved values minus the cached one, as a plain program has them;
//! - [`Series`]: the difference as a power series in the movement.

mod series;

pub(crate) use series::{POWERS, Series};

use crate::simd::{Isa, Lanes, exp_m1, ln_1p};
use std::marker::PhantomData;

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

/// Differences without cancellation.
#[derive(Clone, Copy)]
pub(crate) struct Exact;

/// Moved values minus the cached one, with the rounding of a plain evaluation. Where every
/// movement is `NEAR` 0 (see [`crate::simd::is_near`]), e^(a + u) is e^a, which is cached, times
/// e^u, which is a short polynomial.
#[derive(Clone, Copy)]
pub(crate) struct Subtracted<const NEAR: bool>;

/// The two sides of a central difference, each in this form.
#[derive(Clone, Copy)]
pub(crate) struct Sides<I: Isa, Form> {
    pub up: Lanes<I>,
    pub down: Lanes<I>,
    form: PhantomData<Form>,
}

impl<I: Isa, Form> Sides<I, Form> {
    #[inline(always)]
    pub fn new(up: Lanes<I>, down: Lanes<I>) -> Self {
        Self {
            up,
            down,
            form: PhantomData,
        }
    }
}

impl<I: Isa, Form: Copy> Moved<I> for Sides<I, Form> {
    #[inline(always)]
    fn zero() -> Self {
        Self::new(Lanes::splat(0.0), Lanes::splat(0.0))
    }

    #[inline(always)]
    fn plus_times(self, w: Lanes<I>, x: &Self) -> Self {
        Self::new(w.fma(x.up, self.up), w.fma(x.down, self.down))
    }
}

impl<I: Isa> Algebra<I> for Sides<I, Exact> {
    #[inline(always)]
    fn exp_m1(self) -> Self {
        Self::new(exp_m1(self.up), exp_m1(self.down))
    }

    #[inline(always)]
    fn ln_1p(self) -> Self {
        Self::new(ln_1p(self.up), ln_1p(self.down))
    }

    #[inline(always)]
    fn times(self, other: &Self) -> Self {
        Self::new(self.up * other.up, self.down * other.down)
    }

    #[inline(always)]
    fn over_1p(self, other: &Self) -> Self {
        let one = Lanes::splat(1.0);
        Self::new(self.up / (one + other.up), self.down / (one + other.down))
    }

    /// Of two sides only their difference counts, (u - v)(slope + curvature (u + v)): squares far
    /// larger than what is left of them meet before they round. It stands above, with 0 below.
    #[inline(always)]
    fn quadratic(self, slope: Lanes<I>, curvature: Lanes<I>) -> Self {
        let zero = Lanes::splat(0.0);
        let apart = Lanes::splat(-1.0).fma(self.down, self.up);
        let factor = curvature.fma(self.up + self.down, slope);
        Self::new(factor.fma(apart, zero), zero)
    }
}
