//! Long products of positive numbers, with the exponent taken out before it leaves the range of `f64`.

use super::exponential::{from_integer_bits, ln_1p};
use super::isa::Isa;
use super::lanes::Lanes;

/// A product 2^exponent mantissa.
#[derive(Clone, Copy)]
pub(crate) struct Product<I: Isa> {
    /// Positive and normal.
    pub mantissa: Lanes<I>,
    exponent: Lanes<I>,
}

impl<I: Isa> Product<I> {
    #[inline(always)]
    pub fn one() -> Self {
        Self {
            mantissa: Lanes::splat(1.0),
            exponent: Lanes::splat(0.0),
        }
    }

    /// Moves the exponent out of the mantissa, which is positive and normal.
    #[inline(always)]
    pub fn settle(&mut self) {
        let exponent = from_integer_bits(self.mantissa.exponent_bits(), 1023.0);
        self.exponent = self.exponent + exponent;
        self.mantissa = self
            .mantissa
            .bits_and((1 << 52) - 1)
            .bits_or(1f64.to_bits());
    }

    /// ln(self / other).
    #[inline(always)]
    pub fn ln_ratio(mut self, mut other: Self) -> Lanes<I> {
        self.settle();
        other.settle();
        let ratio = ln_1p((self.mantissa - other.mantissa) / other.mantissa);
        (self.exponent - other.exponent).fma(Lanes::splat(std::f64::consts::LN_2), ratio)
    }
}
