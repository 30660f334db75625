//! What a user's closure may return.

use crate::Real;
use ndarray::{ArrayBase, Data, Dimension};
use std::convert::Infallible;
use std::error::Error as StdError;

/// A number that f returns.
pub trait Output: Copy {
    /// What is kept of it: reals as `f64`.
    type Kept;
    /// The number, to be kept.
    fn kept(self) -> Self::Kept;
    /// What stands for the value of an f that is not defined.
    fn undefined() -> Self;
}

impl<T: Real> Output for T {
    type Kept = f64;
    #[inline(always)]
    fn kept(self) -> f64 {
        self.widen()
    }
    fn undefined() -> T {
        T::nan()
    }
}

#[cfg(feature = "complex")]
impl<T: Real> Output for num_complex::Complex<T> {
    type Kept = Self;
    fn kept(self) -> Self {
        self
    }
    fn undefined() -> Self {
        Self::new(T::nan(), T::nan())
    }
}

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

impl<N: Output> Outcome<N> for N {
    type Error = Infallible;
    #[inline(always)]
    fn outcome(self) -> Result<N, Infallible> {
        Ok(self)
    }
}

impl<N: Output, E: Into<Box<dyn StdError + Send + Sync>>> Outcome<N> for Result<N, E> {
    type Error = E;
    #[inline(always)]
    fn outcome(self) -> Result<N, E> {
        self
    }
}

/// `None` is NaN: f is not defined there.
impl<N: Output> Outcome<N> for Option<N> {
    type Error = Infallible;
    #[inline(always)]
    fn outcome(self) -> Result<N, Infallible> {
        Ok(self.unwrap_or_else(N::undefined))
    }
}

/// What a vector-valued function returns: an array of any dimension, a `Vec`, a fixed-size array,
/// or a `Result` of one of these. Outputs count in logical (row-major) order. Where f is not defined
/// it returns NaN in each output; for a fixed-size array `None` says so.
#[diagnostic::on_unimplemented(
    message = "a vector function can't return `{Self}` as its outputs of type `{N}`",
    label = "not outputs of type `{N}`",
    note = "return an ndarray array, a `Vec<{N}>`, an array `[{N}; M]`, with the features `nalgebra` and `faer` their vectors, or a `Result` of one of these",
    note = "of a function with one output take the `gradient`; for `f32` the method's `.single()`"
)]
pub trait Outputs<N: Output> {
    /// What a failure says.
    type Error: Into<Box<dyn StdError + Send + Sync>>;
    /// Pushes the outputs to `values`.
    fn push_to(self, values: &mut Vec<N::Kept>) -> Result<(), Self::Error>;
}

impl<N: Output, S: Data<Elem = N>, D: Dimension> Outputs<N> for ArrayBase<S, D> {
    type Error = Infallible;
    fn push_to(self, values: &mut Vec<N::Kept>) -> Result<(), Infallible> {
        match self.as_slice() {
            Some(slice) => values.extend(slice.iter().map(|v| v.kept())),
            None => values.extend(self.iter().map(|v| v.kept())),
        }
        Ok(())
    }
}

impl<N: Output> Outputs<N> for Vec<N> {
    type Error = Infallible;
    fn push_to(self, values: &mut Vec<N::Kept>) -> Result<(), Infallible> {
        values.extend(self.iter().map(|v| v.kept()));
        Ok(())
    }
}

impl<N: Output, const M: usize> Outputs<N> for [N; M] {
    type Error = Infallible;
    fn push_to(self, values: &mut Vec<N::Kept>) -> Result<(), Infallible> {
        values.extend(self.iter().map(|v| v.kept()));
        Ok(())
    }
}

/// `None` is NaN in each output: f is not defined there.
impl<N: Output, const M: usize> Outputs<N> for Option<[N; M]> {
    type Error = Infallible;
    fn push_to(self, values: &mut Vec<N::Kept>) -> Result<(), Infallible> {
        self.unwrap_or_else(|| [N::undefined(); M]).push_to(values)
    }
}

impl<N, O, E> Outputs<N> for Result<O, E>
where
    N: Output,
    O: Outputs<N, Error = Infallible>,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    type Error = E;
    fn push_to(self, values: &mut Vec<N::Kept>) -> Result<(), E> {
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
