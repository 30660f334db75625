//! Functions over complex numbers, one imaginary displacement at a time.

use crate::outcome::ComplexOutputs;
use crate::{Error, Outcome, Real, Written};
use ndarray::{Array, ArrayRef, ArrayViewMut1, Dimension, Ix1};
use num_complex::Complex;

/// x as complex numbers, moved along the imaginary axis. It is built around a buffer that
/// [`keep`](Self::keep) gives back, and lost with it when f panics.
pub(crate) struct Point<T, D> {
    array: Array<Complex<T>, D>,
}

impl<T: Real, D: Dimension> Point<T, D> {
    pub fn new(x: &ArrayRef<T, D>, buffer: &mut Vec<Complex<T>>) -> Self {
        let mut elements = std::mem::take(buffer);
        elements.clear();
        let zero = T::zero();
        elements.extend(x.iter().map(|&re| Complex::new(re, zero)));
        match Array::from_shape_vec(x.raw_dim(), elements) {
            Ok(array) => Point { array },
            Err(_) => unreachable!("as many elements as x has"),
        }
    }

    pub fn keep(self, buffer: &mut Vec<Complex<T>>) {
        *buffer = self.array.into_raw_vec_and_offset().0;
    }

    /// Sets the imaginary part of coordinate `k`.
    #[inline]
    pub fn set(&mut self, k: usize, im: T) {
        match self.array.as_slice_memory_order_mut() {
            Some(slice) => slice[k].im = im,
            None => unreachable!("built from a vector"),
        }
    }

    /// The value of a scalar function.
    #[inline]
    pub fn value<F, R>(&self, f: &mut F, k: usize, h: f64) -> Result<Complex<T>, Error>
    where
        F: FnMut(&ArrayRef<Complex<T>, D>) -> R,
        R: Outcome<Complex<T>>,
    {
        f(&self.array).outcome().map_err(|e| failed(k, h, e))
    }

    /// Pushes the outputs of a function that returns them.
    pub fn outputs<F, R>(
        &self,
        f: &mut F,
        values: &mut Vec<Complex<T>>,
        k: usize,
        h: f64,
    ) -> Result<(), Error>
    where
        F: FnMut(&ArrayRef<Complex<T>, D>) -> R,
        R: ComplexOutputs<T>,
    {
        f(&self.array).push_to(values).map_err(|e| failed(k, h, e))
    }

    /// Lets a function write its outputs. What it does not write is NaN.
    pub fn write<F, R>(
        &self,
        f: &mut F,
        values: &mut [Complex<T>],
        k: usize,
        h: f64,
    ) -> Result<(), Error>
    where
        F: FnMut(&ArrayRef<Complex<T>, D>, &mut ArrayRef<Complex<T>, Ix1>) -> R,
        R: Written,
    {
        values.fill(Complex::new(T::nan(), T::nan()));
        let mut view = ArrayViewMut1::from(values);
        let written = f(&self.array, &mut view).written();
        written.map_err(|e| failed(k, h, e))
    }
}

/// The value of a function of one variable at x + ih.
pub(crate) fn univariate<T, F, R>(mut f: F, x: T, h: T) -> Result<Complex<T>, Error>
where
    T: Real,
    F: FnMut(Complex<T>) -> R,
    R: Outcome<Complex<T>>,
{
    let value = f(Complex::new(x, h)).outcome();
    value.map_err(|e| failed(0, h.widen(), e))
}

#[cold]
fn failed<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    coordinate: usize,
    displacement: f64,
    source: E,
) -> Error {
    Error::Function {
        coordinate,
        displacement,
        source: source.into(),
    }
}
