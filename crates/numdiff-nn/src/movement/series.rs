//! Power series of increments.
//!
//! Along one pre-activation the loss of a sample is a function of a single number u, so
//! its increment is a series c_1 u + c_2 u^2 + ... whose coefficients follow from the
//! network's own differential equations (Taylor arithmetic: Moore 1966; Griewank and
//! Walther, "Evaluating Derivatives", 2nd ed., section 13.2).

use super::{Algebra, Moved};
use crate::simd::{Isa, Lanes};

/// The highest power that is ever needed.
pub(crate) const POWERS: usize = 9;

/// c_1 u + ... + c_D u^D; `coefficients[m - 1]` is c_m, those from D on are not used. D is
/// known at run time alone: unrolled, the recurrences would fill the instruction cache.
#[derive(Clone, Copy)]
pub(crate) struct Series<I: Isa> {
    coefficients: [Lanes<I>; POWERS],
    powers: usize,
}

impl<I: Isa> Series<I> {
    /// u itself, with so many powers, at most [`POWERS`].
    #[inline(always)]
    pub fn identity(powers: usize) -> Self {
        let mut coefficients = [Lanes::splat(0.0); POWERS];
        coefficients[0] = Lanes::splat(1.0);
        Self {
            coefficients,
            powers: powers.min(POWERS),
        }
    }

    /// c_1, ..., c_D.
    #[inline(always)]
    pub fn coefficients(&self) -> &[Lanes<I>] {
        &self.coefficients[..self.powers]
    }

    /// The numbers of the powers.
    #[inline(always)]
    pub fn powers(&self) -> std::ops::RangeInclusive<usize> {
        1..=self.powers
    }

    /// Sets coefficient m.
    #[inline(always)]
    pub fn set(&mut self, m: usize, c: Lanes<I>) {
        self.coefficients[m - 1] = c;
    }

    /// 0 with as many powers.
    #[inline(always)]
    pub fn empty(&self) -> Self {
        Self {
            coefficients: [Lanes::splat(0.0); POWERS],
            powers: self.powers,
        }
    }

    /// Sum over 0 < i < m of i/m x_i y_(m - i).
    #[inline(always)]
    fn convolution(&self, y: &Self, m: usize) -> Lanes<I> {
        let mut sum = Lanes::splat(0.0);
        for i in 1..m {
            let x = self.coefficients[i - 1] * Lanes::splat(i as f64);
            sum = x.fma(y.coefficients[m - i - 1], sum);
        }
        sum * Lanes::splat(1.0 / m as f64)
    }

    /// Sum over 0 < i < m of x_i y_(m - i): coefficient m of the product.
    #[inline(always)]
    pub fn product(&self, y: &Self, m: usize) -> Lanes<I> {
        let mut sum = Lanes::splat(0.0);
        for i in 1..m {
            sum = self.coefficients[i - 1].fma(y.coefficients[m - i - 1], sum);
        }
        sum
    }

    /// Coefficient m of the series whose derivative is (first + factor) times that of this
    /// one. The factor is needed below m alone, so it may follow from the result step by step.
    #[inline(always)]
    pub fn integral(&self, m: usize, first: Lanes<I>, factor: &Self) -> Lanes<I> {
        self.coefficients[m - 1].fma(first, self.convolution(factor, m))
    }
}

impl<I: Isa> Moved<I> for Series<I> {
    #[inline(always)]
    fn zero() -> Self {
        Self {
            coefficients: [Lanes::splat(0.0); POWERS],
            powers: 0,
        }
    }

    #[inline(always)]
    fn scaled(mut self, by: Lanes<I>) -> Self {
        for c in &mut self.coefficients[..self.powers] {
            *c = *c * by;
        }
        self
    }

    #[inline(always)]
    fn plus_times(mut self, w: Lanes<I>, x: &Self) -> Self {
        for (y, x) in self.coefficients[..x.powers]
            .iter_mut()
            .zip(&x.coefficients)
        {
            *y = w.fma(*x, *y);
        }
        self.powers = self.powers.max(x.powers);
        self
    }
}

impl<I: Isa> Algebra<I> for Series<I> {
    #[inline(always)]
    fn exp_m1(self) -> Self {
        let mut y = self.empty();
        for m in 1..=self.powers {
            y.coefficients[m - 1] = self.integral(m, Lanes::splat(1.0), &y);
        }
        y
    }

    /// y' (1 + x) = x': m y_m = m x_m - sum over 0 < i < m of i y_i x_(m - i).
    #[inline(always)]
    fn ln_1p(self) -> Self {
        let mut y = self.empty();
        for m in 1..=self.powers {
            y.coefficients[m - 1] = self.coefficients[m - 1] - y.convolution(&self, m);
        }
        y
    }

    #[inline(always)]
    fn times(self, other: &Self) -> Self {
        let mut y = self.empty();
        for m in 1..=self.powers {
            y.coefficients[m - 1] = self.product(other, m);
        }
        y
    }

    /// y (1 + x) = s: y_m = s_m - sum over 0 < i < m of y_i x_(m - i).
    #[inline(always)]
    fn over_1p(self, other: &Self) -> Self {
        let mut y = self;
        for m in 1..=self.powers {
            y.coefficients[m - 1] = self.coefficients[m - 1] - y.product(other, m);
        }
        y
    }
}
