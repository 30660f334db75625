//! Functions over complex numbers: at a copy of x they push their outputs, however they give them.

use crate::error::Misuse;
use crate::moves::Failure;
use crate::point::{ComplexPoint, Container};
use crate::{Error, Outcome, Outputs, Real, Written};
use num_complex::Complex;
use std::borrow::Borrow;

/// Pushes f's outputs at a copy of x.
pub(crate) type ComplexFunction<'f, S, T> =
    dyn FnMut(&S, &mut Vec<Complex<T>>) -> Result<(), Failure> + 'f;

/// A copy of x that is moved along the imaginary axis.
pub(crate) type Displaced<X, T> = <X as Container>::Filled<Complex<T>>;

/// The buffers of the complex step.
#[derive(Clone, Debug, Default)]
pub(crate) struct ComplexBuffers<T> {
    /// The numbers of x, and how far each is moved along the imaginary axis.
    pub x: Vec<f64>,
    pub h: Vec<f64>,
    pub outputs: Vec<Complex<T>>,
    /// A direction, and the derivative of each output along it.
    pub v: Vec<f64>,
    pub slopes: Vec<f64>,
    /// The outputs on both sides of x along it.
    pub sides: [Vec<Complex<T>>; 2],
}

/// The value of a scalar function as its one output.
pub(crate) fn scalar<T, X, F, R>(
    mut f: F,
) -> impl FnMut(&Displaced<X, T>, &mut Vec<Complex<T>>) -> Result<(), Failure>
where
    T: Real,
    X: ComplexPoint<T> + ?Sized,
    F: FnMut(&X::View<Complex<T>>) -> R,
    R: Outcome<Complex<T>>,
{
    move |copy, outputs| {
        outputs.push(f(copy.borrow()).outcome().map_err(Into::into)?);
        Ok(())
    }
}

/// The outputs that a function returns.
pub(crate) fn returned<T, X, F, R>(
    mut f: F,
) -> impl FnMut(&Displaced<X, T>, &mut Vec<Complex<T>>) -> Result<(), Failure>
where
    T: Real,
    X: ComplexPoint<T> + ?Sized,
    F: FnMut(&X::View<Complex<T>>) -> R,
    R: Outputs<Complex<T>>,
{
    move |copy, outputs| {
        let pushed = f(copy.borrow()).push_to(outputs);
        pushed.map_err(Into::into)
    }
}

/// The outputs, `count` of them, that a function writes; it is not asked for none.
pub(crate) fn written<T, X, F, R>(
    mut f: F,
    count: usize,
) -> impl FnMut(&Displaced<X, T>, &mut Vec<Complex<T>>) -> Result<(), Failure>
where
    T: Real,
    X: ComplexPoint<T> + ?Sized,
    F: FnMut(&X::View<Complex<T>>, &mut [Complex<T>]) -> R,
    R: Written,
{
    move |copy, outputs| {
        if count == 0 {
            return Ok(());
        }
        outputs.resize(count, Complex::new(T::unwritten(), T::unwritten()));
        let done = f(copy.borrow(), outputs).written();
        done.map_err(Into::into)?;
        for (output, value) in outputs.iter().enumerate() {
            let parts = [value.re, value.im];
            if parts.iter().all(|part| part.is_unwritten()) {
                return Err(Misuse(Error::OutputNotWritten { output }).into());
            }
            if parts.iter().any(|part| part.was_unwritten()) {
                return Err(Misuse(Error::OutputAddedTo { output }).into());
            }
        }
        Ok(())
    }
}
