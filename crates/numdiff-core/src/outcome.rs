//! What a user's closure may return.

#[cfg(feature = "complex")]
mod complex;

#[cfg(feature = "complex")]
pub use complex::ComplexOutputs;

use crate::Real;
use ndarray::{ArrayBase, Data, Dimension};
use std::convert::Infallible;
use std::error::Error as StdError;

/// What a scalar function returns: `T`; `Result<T, E>` when an evaluation can fail, which ends the call;
/// `Option<T>` when there are points at which f is not defined: `None` is NaN, and
/// [`Adaptive`](crate::Adaptive) goes around it.
///
/// # Example
/// ```
/// use numdiff_core::Adaptive;
/// // A simulation that fails beyond 1.002: the points there are gone around.
/// let simulate = |t: f64| if t < 1.002 { Ok(t.exp()) } else { Err("no solution") };
/// assert!(Adaptive::new().derivative(simulate, 1.0).is_err());
/// let d = Adaptive::new().derivative(|t: f64| simulate(t).ok(), 1.0)?;
/// assert!((d.value - 1.0f64.exp()).abs() <= d.error && d.error < 1e-11);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a scalar function must return a number of type `{T}`, not `{Self}`",
    label = "the function's value is not a `{T}`",
    note = "return `{T}`, or `Result<{T}, E>` with an error that is a `String`, a `&str` or a `std::error::Error`, or `Option<{T}>`",
    note = "of a function with several outputs take the `jacobian`; for `f32` the method's `.single()`"
)]
pub trait Outcome<T> {
    /// What a failure says: `String`, `&'static str`, or any `std::error::Error`.
    type Error: Into<Box<dyn StdError + Send + Sync>>;
    /// The value or the failure.
    fn outcome(self) -> Result<T, Self::Error>;
}

impl<T: Real> Outcome<T> for T {
    type Error = Infallible;
    #[inline(always)]
    fn outcome(self) -> Result<T, Infallible> {
        Ok(self)
    }
}

impl<T: Real, E: Into<Box<dyn StdError + Send + Sync>>> Outcome<T> for Result<T, E> {
    type Error = E;
    #[inline(always)]
    fn outcome(self) -> Result<T, E> {
        self
    }
}

/// `None` is NaN: f is not defined there.
impl<T: Real> Outcome<T> for Option<T> {
    type Error = Infallible;
    #[inline(always)]
    fn outcome(self) -> Result<T, Infallible> {
        Ok(self.unwrap_or_else(T::nan))
    }
}

/// What a vector-valued function returns: an array of any dimension, a `Vec`, a fixed-size array,
/// or a `Result` of one of these. Outputs count in logical (row-major) order. Where f is not defined
/// it returns NaN in each output; for a fixed-size array `None` says so.
#[diagnostic::on_unimplemented(
    message = "a vector function can't return `{Self}` as its outputs of type `{T}`",
    label = "not outputs of type `{T}`",
    note = "return an ndarray array, a `Vec<{T}>`, an array `[{T}; M]`, with the features `nalgebra` and `faer` their vectors, or a `Result` of one of these",
    note = "of a function with one output take the `gradient`; for `f32` the method's `.single()`"
)]
pub trait Outputs<T> {
    /// What a failure says.
    type Error: Into<Box<dyn StdError + Send + Sync>>;
    /// Pushes the outputs to `values`.
    fn push_to(self, values: &mut Vec<f64>) -> Result<(), Self::Error>;
}

impl<T: Real, S: Data<Elem = T>, D: Dimension> Outputs<T> for ArrayBase<S, D> {
    type Error = Infallible;
    fn push_to(self, values: &mut Vec<f64>) -> Result<(), Infallible> {
        match self.as_slice() {
            Some(slice) => values.extend(slice.iter().map(|v| v.widen())),
            None => values.extend(self.iter().map(|v| v.widen())),
        }
        Ok(())
    }
}

impl<T: Real> Outputs<T> for Vec<T> {
    type Error = Infallible;
    fn push_to(self, values: &mut Vec<f64>) -> Result<(), Infallible> {
        values.extend(self.iter().map(|v| v.widen()));
        Ok(())
    }
}

impl<T: Real, const N: usize> Outputs<T> for [T; N] {
    type Error = Infallible;
    fn push_to(self, values: &mut Vec<f64>) -> Result<(), Infallible> {
        values.extend(self.iter().map(|v| v.widen()));
        Ok(())
    }
}

/// `None` is NaN in each output: f is not defined there.
impl<T: Real, const N: usize> Outputs<T> for Option<[T; N]> {
    type Error = Infallible;
    fn push_to(self, values: &mut Vec<f64>) -> Result<(), Infallible> {
        self.unwrap_or_else(|| [T::nan(); N]).push_to(values)
    }
}

impl<T, O: Outputs<T, Error = Infallible>, E: Into<Box<dyn StdError + Send + Sync>>> Outputs<T>
    for Result<O, E>
{
    type Error = E;
    fn push_to(self, values: &mut Vec<f64>) -> Result<(), E> {
        match self?.push_to(values) {
            Ok(()) => Ok(()),
            Err(never) => match never {},
        }
    }
}

/// What a function that writes its outputs in place returns: `()`, or `Result<(), E>`.
#[diagnostic::on_unimplemented(
    message = "a function that writes its outputs in place must return `()` or `Result<(), E>`, not `{Self}`",
    label = "neither `()` nor `Result<(), E>`",
    note = "write the outputs to the second argument, a slice, and return nothing; end the closure with `;`"
)]
pub trait Written {
    /// What a failure says.
    type Error: Into<Box<dyn StdError + Send + Sync>>;
    /// Success or the failure.
    fn written(self) -> Result<(), Self::Error>;
}

impl Written for () {
    type Error = Infallible;
    #[inline(always)]
    fn written(self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl<E: Into<Box<dyn StdError + Send + Sync>>> Written for Result<(), E> {
    type Error = E;
    #[inline(always)]
    fn written(self) -> Result<(), E> {
        self
    }
}
