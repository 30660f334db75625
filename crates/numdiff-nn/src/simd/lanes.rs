//! Sixteen numbers that move in step.
//!
//! Elementwise operators alone: a lane never meets its neighbors, so a result depends
//! neither on the width of the registers nor on the number of threads.

use super::isa::{Isa, LANES};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Sixteen numbers in the registers of an instruction set.
#[derive(Clone, Copy)]
pub(crate) struct Lanes<I: Isa>(I::Register);

impl<I: Isa> Lanes<I> {
    #[inline(always)]
    pub fn splat(x: f64) -> Self {
        Self(I::splat(x))
    }

    /// The first sixteen numbers of a slice; `fill` for those it does not have.
    #[inline(always)]
    pub fn load(from: &[f64], fill: f64) -> Self {
        if let Some(whole) = from.first_chunk() {
            return Self(I::load(whole));
        }
        let mut out = [fill; LANES];
        for (o, x) in out.iter_mut().zip(from) {
            *o = *x;
        }
        Self(I::load(&out))
    }

    /// Writes the first numbers, as many as the slice takes, up to sixteen.
    #[inline(always)]
    pub fn store(self, to: &mut [f64]) {
        if let Some(whole) = to.first_chunk_mut() {
            I::store(self.0, whole);
            return;
        }
        let all = self.array();
        for (o, x) in to.iter_mut().zip(all) {
            *o = x;
        }
    }

    #[inline(always)]
    pub fn array(self) -> [f64; LANES] {
        let mut all = [0.0; LANES];
        I::store(self.0, &mut all);
        all
    }

    /// `self * b + c`, rounded once where the machine can.
    #[inline(always)]
    pub fn fma(self, b: Self, c: Self) -> Self {
        Self(I::fma(self.0, b.0, c.0))
    }

    /// The larger; `self` where it is NaN.
    #[inline(always)]
    pub fn at_least(self, bound: f64) -> Self {
        Self(I::max(Self::splat(bound).0, self.0))
    }

    /// The smaller; `self` where it is NaN.
    #[inline(always)]
    pub fn at_most(self, bound: f64) -> Self {
        Self(I::min(Self::splat(bound).0, self.0))
    }

    /// `yes` in the lanes where `self > other`, else `no`.
    #[inline(always)]
    pub fn where_above(self, other: Self, yes: Self, no: Self) -> Self {
        Self(I::where_above(self.0, other.0, yes.0, no.0))
    }

    /// The polynomial with these coefficients, the highest power first.
    #[inline(always)]
    pub fn polynomial<const N: usize>(self, coefficients: &[f64; N]) -> Self {
        let mut sum = Self::splat(coefficients[0]);
        for c in &coefficients[1..] {
            sum = sum.fma(self, Self::splat(*c));
        }
        sum
    }

    /// The bits as integers, plus a constant, modulo 2^64.
    #[inline(always)]
    pub fn bits_plus(self, constant: u64) -> Self {
        self.bits_add(Self::splat(f64::from_bits(constant)))
    }

    /// The sum of the bits as integers, modulo 2^64.
    #[inline(always)]
    pub fn bits_add(self, other: Self) -> Self {
        Self(I::bits_add(self.0, other.0))
    }

    /// The difference of the bits as integers, modulo 2^64.
    #[inline(always)]
    pub fn bits_sub(self, other: Self) -> Self {
        Self(I::bits_sub(self.0, other.0))
    }

    #[inline(always)]
    pub fn bits_and(self, mask: u64) -> Self {
        Self(I::bits_and(self.0, Self::splat(f64::from_bits(mask)).0))
    }

    #[inline(always)]
    pub fn bits_or(self, mask: u64) -> Self {
        Self(I::bits_or(self.0, Self::splat(f64::from_bits(mask)).0))
    }

    /// The bits moved 52 places up: what stood lowest becomes an exponent.
    #[inline(always)]
    pub fn bits_into_exponent(self) -> Self {
        Self(I::bits_up_52(self.0))
    }

    /// The bits moved 52 places down: sign and exponent as an integer.
    #[inline(always)]
    pub fn exponent_bits(self) -> Self {
        Self(I::bits_down_52(self.0))
    }

    #[inline(always)]
    pub fn abs(self) -> Self {
        self.bits_and(!(1 << 63))
    }
}

macro_rules! elementwise {
    ($($trait:ident $method:ident),*) => {$(
        impl<I: Isa> $trait for Lanes<I> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(I::$method(self.0, other.0))
            }
        }
    )*};
}
elementwise!(Add add, Sub sub, Mul mul, Div div);

impl<I: Isa> Neg for Lanes<I> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self::splat(-0.0) - self
    }
}
