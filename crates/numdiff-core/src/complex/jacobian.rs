//! The Jacobian by the complex step.

use super::confirm::looks_right;
use super::displaced::same_count;
use super::displacement::{displacement, quotient};
use super::{ComplexStep, begin, length};
use crate::evaluate::axis::AxisBuffers;
use crate::evaluate::complex::Imaginary;
use crate::outcome::ComplexOutputs;
use crate::point::ComplexPoint;
use crate::{Buffer, DenseMatrix, Error, Real, Workspace, Written};
use num_complex::Complex;

impl<T: Real> ComplexStep<T> {
    /// The Jacobian of a vector function: row i holds the derivatives of output i, column j those
    /// with respect to coordinate j, both in row-major order; one evaluation for each coordinate, and
    /// two of the check.
    ///
    /// # Errors
    /// Those of [`gradient`](Self::gradient); f that returns no outputs, or another number of outputs
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
    pub fn jacobian<F, R, X>(&self, mut f: F, x: &X) -> Result<X::Matrix, Error>
    where
        F: FnMut(&X::ComplexSeen) -> R,
        R: ComplexOutputs<T>,
        X: ComplexPoint<T> + ?Sized,
    {
        begin(x, &mut Workspace::<X::ComplexScratch, T>::new())?;
        let mut scratch = None;
        let mut copy = Imaginary(&mut scratch);
        copy.begin(x);
        let mut axis = AxisBuffers::default();
        axis.begin(x.numbers());
        let (mut columns, mut values, mut outputs) = (Vec::<T>::new(), Vec::new(), 0);
        for (k, x) in x.numbers().enumerate() {
            let h = displacement::<T>(x.widen());
            copy.set::<T, X>(k, T::round_from(h));
            values.clear();
            copy.outputs::<T, X, _, _>(&mut f, &mut values, k, h)?;
            copy.set::<T, X>(k, T::zero());
            outputs = same_count(values.len(), outputs)?;
            for (output, &value) in values.iter().enumerate() {
                let slope = quotient(value, h, k, output)?;
                axis.add(output, k, slope);
                columns.push(slope);
            }
        }
        if self.checked {
            let evaluate = |copy: &Imaginary<'_, _>, values: &mut Vec<_>| {
                copy.outputs::<T, X, _, _>(&mut f, values, 0, 0.0)
            };
            if looks_right(x, &mut copy, &mut axis, evaluate).is_err() {
                self.refute(&mut f, x, &axis.v)?;
            }
        }
        let n = columns.len() / outputs.max(1);
        let entry = |at: usize| columns[(at % n) * outputs + at / n];
        let entries = (0..columns.len()).map(entry).collect();
        Ok(X::Matrix::from_rows(outputs, n, entries))
    }

    /// [`jacobian`](Self::jacobian) without allocation: f writes its outputs to its second argument,
    /// whose length is the number of rows of `out`.
    ///
    /// # Errors
    /// Those of [`jacobian`](Self::jacobian); `out` without rows, or with other columns than x has elements.
    /// After an error `out` may hold parts of a result.
    pub fn jacobian_into<F, R, X>(
        &self,
        f: F,
        x: &X,
        out: &mut (impl Buffer<T> + ?Sized),
        workspace: &mut Workspace<X::ComplexScratch, T>,
    ) -> Result<(), Error>
    where
        F: FnMut(&X::ComplexSeen, &mut [Complex<T>]) -> R,
        R: Written,
        X: ComplexPoint<T> + ?Sized,
    {
        columns(self, f, x, out, workspace)
    }
}

fn columns<T, F, R, X>(
    method: &ComplexStep<T>,
    mut f: F,
    x: &X,
    out: &mut (impl Buffer<T> + ?Sized),
    workspace: &mut Workspace<X::ComplexScratch, T>,
) -> Result<(), Error>
where
    T: Real,
    F: FnMut(&X::ComplexSeen, &mut [Complex<T>]) -> R,
    R: Written,
    X: ComplexPoint<T> + ?Sized,
{
    begin(x, workspace)?;
    let n = x.numbers().count();
    let rows = out.rows().unwrap_or(out.room() / n);
    same_count(rows, 0)?;
    length("out", out.room(), rows * n)?;
    let mut copy = Imaginary(&mut workspace.point.scratch);
    copy.begin(x);
    workspace.axis.begin(x.numbers());
    let outputs = &mut workspace.complex_outputs;
    outputs.resize(rows, Complex::new(T::nan(), T::nan()));
    for (k, x) in x.numbers().enumerate() {
        let h = displacement::<T>(x.widen());
        copy.set::<T, X>(k, T::round_from(h));
        workspace.results.evaluations += 1;
        copy.write::<T, X, _, _>(&mut f, outputs, k, h)?;
        copy.set::<T, X>(k, T::zero());
        for (output, &value) in outputs.iter().enumerate() {
            let slope = quotient(value, h, k, output)?;
            workspace.axis.add(output, k, slope);
            out.put(output * n + k, slope);
        }
    }
    if method.checked {
        let evaluate = |copy: &Imaginary<'_, _>, values: &mut Vec<_>| {
            values.resize(rows, Complex::new(T::nan(), T::nan()));
            copy.write::<T, X, _, _>(&mut f, values, 0, 0.0)
        };
        match looks_right(x, &mut copy, &mut workspace.axis, evaluate) {
            Ok(count) => workspace.results.evaluations += count,
            Err(count) => {
                let f = returning::<T, X, _, _>(&mut f, rows);
                workspace.results.evaluations += count + method.refute(f, x, &workspace.axis.v)?;
            }
        }
    }
    Ok(())
}

/// A function that returns the outputs which `f` writes.
pub(super) fn returning<T, X, F, R>(
    f: &mut F,
    count: usize,
) -> impl FnMut(&X::ComplexSeen) -> Result<Vec<Complex<T>>, R::Error>
where
    T: Real,
    F: FnMut(&X::ComplexSeen, &mut [Complex<T>]) -> R,
    R: Written,
    X: ComplexPoint<T> + ?Sized,
{
    move |z| {
        let mut outputs = vec![Complex::new(T::nan(), T::nan()); count];
        f(z, &mut outputs).written()?;
        Ok(outputs)
    }
}
