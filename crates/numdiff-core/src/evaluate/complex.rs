//! Functions over complex numbers, one imaginary displacement at a time.

use crate::outcome::ComplexOutputs;
use crate::point::ComplexPoint;
use crate::{Error, Outcome, Real, Written};
use num_complex::Complex;

/// A copy of x as complex numbers, moved along the imaginary axis.
pub(crate) struct Imaginary<'s, S>(pub &'s mut Option<S>);

impl<S> Imaginary<'_, S> {
    /// A copy of x: in the place of an earlier one, whatever an evaluation that panicked left there.
    pub fn begin<T, X>(&mut self, x: &X)
    where
        X: ComplexPoint<T, ComplexScratch = S> + ?Sized,
    {
        match self.0.as_mut() {
            Some(scratch) => x.complex_copy_to(scratch),
            None => *self.0 = Some(x.complex()),
        }
    }

    fn seen(&self) -> &S {
        match self.0.as_ref() {
            Some(scratch) => scratch,
            None => unreachable!("x is copied before f is evaluated"),
        }
    }

    /// Sets the imaginary part of coordinate `k`.
    #[inline]
    pub fn set<T, X>(&mut self, k: usize, im: T)
    where
        X: ComplexPoint<T, ComplexScratch = S> + ?Sized,
    {
        if let Some(scratch) = self.0.as_mut() {
            X::complex_slice(scratch)[k].im = im;
        }
    }

    /// Puts a number in the place of coordinate `k`.
    pub fn place<T, X>(&mut self, k: usize, z: Complex<T>)
    where
        X: ComplexPoint<T, ComplexScratch = S> + ?Sized,
    {
        if let Some(scratch) = self.0.as_mut() {
            X::complex_slice(scratch)[k] = z;
        }
    }

    /// The value of a scalar function.
    #[inline]
    pub fn value<T, X, F, R>(&self, f: &mut F, k: usize, h: f64) -> Result<Complex<T>, Error>
    where
        T: Real,
        X: ComplexPoint<T, ComplexScratch = S> + ?Sized,
        F: FnMut(&X::ComplexSeen) -> R,
        R: Outcome<Complex<T>>,
    {
        let value = f(X::complex_seen(self.seen())).outcome();
        value.map_err(|e| failed(k, h, e))
    }

    /// Pushes the outputs of a function that returns them.
    pub fn outputs<T, X, F, R>(
        &self,
        f: &mut F,
        values: &mut Vec<Complex<T>>,
        k: usize,
        h: f64,
    ) -> Result<(), Error>
    where
        T: Real,
        X: ComplexPoint<T, ComplexScratch = S> + ?Sized,
        F: FnMut(&X::ComplexSeen) -> R,
        R: ComplexOutputs<T>,
    {
        let pushed = f(X::complex_seen(self.seen())).push_to(values);
        pushed.map_err(|e| failed(k, h, e))
    }

    /// Lets a function write its outputs.
    pub fn write<T, X, F, R>(
        &self,
        f: &mut F,
        values: &mut [Complex<T>],
        k: usize,
        h: f64,
    ) -> Result<(), Error>
    where
        T: Real,
        X: ComplexPoint<T, ComplexScratch = S> + ?Sized,
        F: FnMut(&X::ComplexSeen, &mut [Complex<T>]) -> R,
        R: Written,
    {
        values.fill(Complex::new(T::unwritten(), T::unwritten()));
        let written = f(X::complex_seen(self.seen()), values).written();
        written.map_err(|e| failed(k, h, e))?;
        for (output, value) in values.iter().enumerate() {
            if value.re.is_unwritten() && value.im.is_unwritten() {
                return Err(Error::OutputNotWritten { output });
            }
            if value.re.was_unwritten() || value.im.was_unwritten() {
                return Err(Error::OutputAddedTo { output });
            }
        }
        Ok(())
    }
}

#[cold]
fn failed<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    coordinate: usize,
    displacement: f64,
    source: E,
) -> Error {
    Error::function(coordinate, displacement, source.into())
}
