//! What closures over complex numbers may return.

use crate::{Outcome, Real};
use ndarray::{Array, Dimension};
use num_complex::Complex;
use std::convert::Infallible;
use std::error::Error as StdError;

impl<T: Real> Outcome<Complex<T>> for Complex<T> {
    type Error = Infallible;
    #[inline(always)]
    fn outcome(self) -> Result<Complex<T>, Infallible> {
        Ok(self)
    }
}

impl<T: Real, E: Into<Box<dyn StdError + Send + Sync>>> Outcome<Complex<T>>
    for Result<Complex<T>, E>
{
    type Error = E;
    #[inline(always)]
    fn outcome(self) -> Result<Complex<T>, E> {
        self
    }
}

/// What a vector-valued function over complex numbers returns: an array of any dimension, a `Vec`,
/// a fixed-size array, or a `Result` of one of these. Outputs count in logical (row-major) order.
#[diagnostic::on_unimplemented(
    message = "a vector function over complex numbers can't return `{Self}` as its outputs over `{T}`",
    label = "not outputs of type `Complex<{T}>`",
    note = "return an ndarray array, a `Vec<Complex<{T}>>`, an array `[Complex<{T}>; M]`, or a `Result` of one of these"
)]
pub trait ComplexOutputs<T> {
    /// What a failure says.
    type Error: Into<Box<dyn StdError + Send + Sync>>;
    /// Pushes the outputs to `values`.
    fn push_to(self, values: &mut Vec<Complex<T>>) -> Result<(), Self::Error>;
}

impl<T: Real, D: Dimension> ComplexOutputs<T> for Array<Complex<T>, D> {
    type Error = Infallible;
    fn push_to(self, values: &mut Vec<Complex<T>>) -> Result<(), Infallible> {
        values.extend(self.iter());
        Ok(())
    }
}

impl<T: Real> ComplexOutputs<T> for Vec<Complex<T>> {
    type Error = Infallible;
    fn push_to(self, values: &mut Vec<Complex<T>>) -> Result<(), Infallible> {
        values.extend(self);
        Ok(())
    }
}

impl<T: Real, const N: usize> ComplexOutputs<T> for [Complex<T>; N] {
    type Error = Infallible;
    fn push_to(self, values: &mut Vec<Complex<T>>) -> Result<(), Infallible> {
        values.extend(self);
        Ok(())
    }
}

impl<T, O, E> ComplexOutputs<T> for Result<O, E>
where
    O: ComplexOutputs<T, Error = Infallible>,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    type Error = E;
    fn push_to(self, values: &mut Vec<Complex<T>>) -> Result<(), E> {
        match self?.push_to(values) {
            Ok(()) => Ok(()),
            Err(never) => match never {},
        }
    }
}
