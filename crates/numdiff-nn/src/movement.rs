//! Numbers that stand for "by how much a value moved".
//!
//! The rest of a network, behind the unit that a parameter moves, is evaluated by one
//! program over several kinds of number:
//! - [`Sides`]: the differences above and below, from identities that subtract no nearly equal
//!   numbers (computational divided differencing: Reps and Rall 2003);
//! - [`Series`]: the difference as a power series in the movement.

mod series;

pub(crate) use series::{POWERS, Series};

use crate::simd::{Isa, Lanes, Part, exp_m1, exp_m1_near, ln_1p};

/// A number that says by how much a value moved: what an affine layer does to it.
pub(crate) trait Moved<I: Isa>: Copy {
    fn zero() -> Self;
    /// All of it times a number.
    fn scaled(self, by: Lanes<I>) -> Self;
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
        self.scaled(slope).plus_times(curvature, &self.times(&self))
    }
}

/// The two sides of a central difference. Where every movement is `NEAR` 0 (see [`crate::simd::is_near`]), e^u - 1 is a
/// short polynomial.
#[derive(Clone, Copy)]
pub(crate) struct Sides<I: Isa, const NEAR: bool> {
    pub up: Lanes<I>,
    pub down: Lanes<I>,
}

impl<I: Isa, const NEAR: bool> Sides<I, NEAR> {
    #[inline(always)]
    pub fn new(up: Lanes<I>, down: Lanes<I>) -> Self {
        Self { up, down }
    }
}

impl<I: Isa, const NEAR: bool> Moved<I> for Sides<I, NEAR> {
    #[inline(always)]
    fn zero() -> Self {
        Self::new(Lanes::splat(0.0), Lanes::splat(0.0))
    }

    #[inline(always)]
    fn scaled(self, by: Lanes<I>) -> Self {
        Self::new(by * self.up, by * self.down)
    }

    #[inline(always)]
    fn plus_times(self, w: Lanes<I>, x: &Self) -> Self {
        Self::new(w.fma(x.up, self.up), w.fma(x.down, self.down))
    }
}

/// e^u - 1 of both, near 0.
impl<I: Isa, const NEAR: bool> Part<I> for Sides<I, NEAR> {
    type Output = Self;
    #[inline(always)]
    fn compute(self) -> Self {
        Self::new(exp_m1_near(self.up), exp_m1_near(self.down))
    }
}

impl<I: Isa, const NEAR: bool> Algebra<I> for Sides<I, NEAR> {
    #[inline(always)]
    fn exp_m1(self) -> Self {
        if NEAR && I::WIDE {
            self.compute()
        } else if NEAR {
            I::outline(self)
        } else {
            Self::new(exp_m1(self.up), exp_m1(self.down))
        }
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
