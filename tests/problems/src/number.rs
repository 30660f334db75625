//! Numbers a formula is written in: `f64`, and [`Dual`] for its exact derivative.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// What the formulas need of a number.
pub trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// A constant.
    fn constant(value: f64) -> Self;
    /// The value alone.
    fn value(self) -> f64;
    /// e^self.
    fn exp(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Sine.
    fn sin(self) -> Self;
    /// Cosine.
    fn cos(self) -> Self;
    /// Arc tangent.
    fn atan(self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// self^p for self > 0 and a variable exponent.
    fn pow(self, p: Self) -> Self;

    /// The sum, from left to right.
    fn sum(terms: impl Iterator<Item = Self>) -> Self {
        terms.fold(Self::constant(0.0), |sum, term| sum + term)
    }

    /// self * self.
    fn squared(self) -> Self {
        self * self
    }

    /// self * self * self.
    fn cubed(self) -> Self {
        self * self * self
    }
}

impl Number for f64 {
    fn constant(value: f64) -> Self {
        value
    }
    fn value(self) -> f64 {
        self
    }
    fn exp(self) -> Self {
        f64::exp(self)
    }
    fn ln(self) -> Self {
        f64::ln(self)
    }
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }
    fn sin(self) -> Self {
        f64::sin(self)
    }
    fn cos(self) -> Self {
        f64::cos(self)
    }
    fn atan(self) -> Self {
        f64::atan(self)
    }
    fn abs(self) -> Self {
        f64::abs(self)
    }
    fn pow(self, p: Self) -> Self {
        f64::powf(self, p)
    }
}

/// A value and its derivative along one direction: forward differentiation, exact to rounding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual {
    /// The value.
    pub value: f64,
    /// The derivative.
    pub slope: f64,
}

impl Dual {
    fn new(value: f64, slope: f64) -> Self {
        Dual { value, slope }
    }
}

impl Add for Dual {
    type Output = Self;
    fn add(self, b: Self) -> Self {
        Dual::new(self.value + b.value, self.slope + b.slope)
    }
}
impl Sub for Dual {
    type Output = Self;
    fn sub(self, b: Self) -> Self {
        Dual::new(self.value - b.value, self.slope - b.slope)
    }
}
impl Mul for Dual {
    type Output = Self;
    fn mul(self, b: Self) -> Self {
        Dual::new(
            self.value * b.value,
            self.slope * b.value + self.value * b.slope,
        )
    }
}
impl Div for Dual {
    type Output = Self;
    fn div(self, b: Self) -> Self {
        let value = self.value / b.value;
        Dual::new(value, (self.slope - value * b.slope) / b.value)
    }
}
impl Neg for Dual {
    type Output = Self;
    fn neg(self) -> Self {
        Dual::new(-self.value, -self.slope)
    }
}
impl Add<f64> for Dual {
    type Output = Self;
    fn add(self, b: f64) -> Self {
        Dual::new(self.value + b, self.slope)
    }
}
impl Sub<f64> for Dual {
    type Output = Self;
    fn sub(self, b: f64) -> Self {
        Dual::new(self.value - b, self.slope)
    }
}
impl Mul<f64> for Dual {
    type Output = Self;
    fn mul(self, b: f64) -> Self {
        Dual::new(self.value * b, self.slope * b)
    }
}
impl Div<f64> for Dual {
    type Output = Self;
    fn div(self, b: f64) -> Self {
        Dual::new(self.value / b, self.slope / b)
    }
}

impl Number for Dual {
    fn constant(value: f64) -> Self {
        Dual::new(value, 0.0)
    }
    fn value(self) -> f64 {
        self.value
    }
    fn exp(self) -> Self {
        let e = self.value.exp();
        Dual::new(e, e * self.slope)
    }
    fn ln(self) -> Self {
        Dual::new(self.value.ln(), self.slope / self.value)
    }
    fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        Dual::new(root, self.slope / (2.0 * root))
    }
    fn sin(self) -> Self {
        Dual::new(self.value.sin(), self.value.cos() * self.slope)
    }
    fn cos(self) -> Self {
        Dual::new(self.value.cos(), -self.value.sin() * self.slope)
    }
    fn atan(self) -> Self {
        Dual::new(
            self.value.atan(),
            self.slope / (1.0 + self.value * self.value),
        )
    }
    fn abs(self) -> Self {
        Dual::new(self.value.abs(), self.value.signum() * self.slope)
    }
    fn pow(self, p: Self) -> Self {
        let power = self.value.powf(p.value);
        // The logarithm of 0 has no place in a formula whose exponent is constant there.
        let through_p = if p.slope == 0.0 {
            0.0
        } else {
            power * self.value.ln() * p.slope
        };
        Dual::new(
            power,
            p.value * self.value.powf(p.value - 1.0) * self.slope + through_p,
        )
    }
}
