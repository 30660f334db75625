//! The Jacobian by the complex step.

use super::displacement::{displacement, quotient};
use super::{ComplexStep, begin, length};
use crate::evaluate::complex::Point;
use crate::outcome::ComplexOutputs;
use crate::{Error, Real, Workspace, Written};
use ndarray::{Array, ArrayRef, Axis, Dimension, Ix1, Ix2};
use num_complex::Complex;

impl<T: Real> ComplexStep<T> {
    /// The Jacobian of a vector function: row i holds the derivatives of output i, column j those
    /// with respect to coordinate j, both in row-major order; one evaluation for each coordinate.
    ///
    /// # Errors
    /// As [`gradient`](Self::gradient); f that returns no outputs, or another number of outputs
    /// than before.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_core::ComplexStep;
    /// let j = ComplexStep::new().jacobian(|z| [z[0] * z[1], z[0].sin()], &array![2.0, 3.0])?;
    /// assert_eq!(j, array![[3.0, 2.0], [2f64.cos(), 0.0]]);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn jacobian<F, R, D>(&self, mut f: F, x: &ArrayRef<T, D>) -> Result<Array<T, Ix2>, Error>
    where
        F: FnMut(&ArrayRef<Complex<T>, D>) -> R,
        R: ComplexOutputs<T>,
        D: Dimension,
    {
        let mut workspace = Workspace::<T>::new();
        begin(x, &mut workspace)?;
        let mut point = Point::new(x, &mut workspace.complex_point);
        let (mut columns, mut values, mut outputs) = (Vec::<T>::new(), Vec::new(), 0);
        for (k, x) in x.iter().enumerate() {
            let h = displacement::<T>(x.widen());
            point.set(k, T::round_from(h));
            values.clear();
            point.outputs(&mut f, &mut values, k, h)?;
            point.set(k, T::zero());
            outputs = same_count(values.len(), outputs)?;
            for (output, &value) in values.iter().enumerate() {
                columns.push(quotient(value, h, k, output)?);
            }
        }
        match Array::from_shape_vec((x.len(), outputs), columns) {
            Ok(transposed) => Ok(transposed.reversed_axes().as_standard_layout().into_owned()),
            Err(_) => unreachable!("as many columns as x has coordinates"),
        }
    }

    /// [`jacobian`](Self::jacobian) without allocation: f writes its outputs to its second argument,
    /// whose length is the number of rows of `out`.
    ///
    /// # Errors
    /// As [`jacobian`](Self::jacobian); `out` without rows, or with other columns than x has elements.
    /// After an error `out` may hold parts of a result.
    pub fn jacobian_into<F, R, D>(
        &self,
        mut f: F,
        x: &ArrayRef<T, D>,
        out: &mut ArrayRef<T, Ix2>,
        workspace: &mut Workspace<T>,
    ) -> Result<(), Error>
    where
        F: FnMut(&ArrayRef<Complex<T>, D>, &mut ArrayRef<Complex<T>, Ix1>) -> R,
        R: Written,
        D: Dimension,
    {
        begin(x, workspace)?;
        let rows = out.nrows();
        same_count(rows, 0)?;
        length("out", out.len(), rows * x.len())?;
        let mut point = Point::new(x, &mut workspace.complex_point);
        let outputs = &mut workspace.complex_outputs;
        outputs.resize(rows, Complex::new(T::nan(), T::nan()));
        let mut evaluations = 0;
        let mut column = |k: usize, x: f64| {
            let h = displacement::<T>(x);
            point.set(k, T::round_from(h));
            evaluations += 1;
            point.write(&mut f, outputs, k, h)?;
            point.set(k, T::zero());
            let column = out.index_axis_mut(Axis(1), k);
            for (output, (slot, &value)) in column.into_iter().zip(&*outputs).enumerate() {
                *slot = quotient(value, h, k, output)?;
            }
            Ok(())
        };
        let mut elements = x.iter().enumerate();
        let done = elements.try_for_each(|(k, x)| column(k, x.widen()));
        workspace.results.evaluations = evaluations;
        point.keep(&mut workspace.complex_point);
        done
    }
}

/// The number of outputs, which stays the same; `expected` is 0 before it is known.
pub(super) fn same_count(found: usize, expected: usize) -> Result<usize, Error> {
    if found == 0 {
        Err(Error::Empty {
            argument: "f's output",
        })
    } else if expected == 0 || found == expected {
        Ok(found)
    } else {
        Err(Error::OutputsChanged { found, expected })
    }
}
