//! Sparse Jacobians by the complex step.

use super::confirm::looks_right;
use super::displacement::{displacement, quotient};
use super::{ComplexStep, begin};
use crate::evaluate::axis::AxisBuffers;
use crate::evaluate::complex::Imaginary;
use crate::outcome::ComplexOutputs;
use crate::point::ComplexPoint;
use crate::sparse::{SparseJacobian, SparseMatrix};
use crate::{Error, Real, Workspace};
use std::sync::Arc;

impl<T: Real> ComplexStep<T> {
    /// The Jacobian of a vector function on a sparsity pattern: one evaluation for each color, and the
    /// two of the check. Columns of one color have no row in common, so that each moves outputs of its
    /// own.
    ///
    /// # Errors
    /// Those of [`jacobian`](Self::jacobian); a pattern whose columns are not the coordinates of x, or whose
    /// rows are not the outputs of f ([`Error::PatternShape`]).
    ///
    /// # Example
    /// ```
    /// use ndarray::Array1;
    /// use numdiff_core::num_complex::Complex64;
    /// use numdiff_core::{ComplexStep, SparseJacobian, SparsityPattern};
    /// let n = 1000;
    /// let f = |z: &Array1<Complex64>| {
    ///     (0..n).map(|i| z[i].sin() * z[(i + 1) % n]).collect::<Vec<_>>()
    /// };
    /// let structure = SparseJacobian::new(SparsityPattern::from_fn(n, n, |i, j| j == i || j == (i + 1) % n));
    /// let x = Array1::linspace(0.0, 3.0, n);
    /// let j = ComplexStep::new().sparse_jacobian(f, &x, &structure)?;
    /// println!("{} evaluations", structure.coloring().colors() + 2);
    /// assert!((j.get(7, 7) - x[7].cos() * x[8]).abs() < 1e-15);
    /// assert!((j.get(7, 8) - x[7].sin()).abs() < 1e-15);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    /// ```text
    /// 4 evaluations
    /// ```
    pub fn sparse_jacobian<F, R, X>(
        &self,
        mut f: F,
        x: &X,
        structure: &SparseJacobian,
    ) -> Result<SparseMatrix<T>, Error>
    where
        F: FnMut(&X::ComplexSeen) -> R,
        R: ComplexOutputs<T>,
        X: ComplexPoint<T> + ?Sized,
    {
        begin(x, &mut Workspace::<X::ComplexScratch, T>::new())?;
        let numbers: Vec<T> = x.numbers().collect();
        let (pattern, coloring) = (structure.pattern(), structure.coloring());
        let shape = |other, other_rows, other_columns| Error::PatternShape {
            rows: pattern.rows(),
            columns: pattern.columns(),
            other,
            other_rows,
            other_columns,
        };
        if pattern.columns() != numbers.len() {
            return Err(shape("the Jacobian", pattern.rows(), numbers.len()));
        }
        let mut scratch = None;
        let mut copy = Imaginary(&mut scratch);
        copy.begin(x);
        let mut axis = AxisBuffers::default();
        axis.begin(x.numbers());
        axis.slopes.resize(pattern.rows(), 0.0);
        let starts = pattern.csc().0;
        let mut values = vec![T::zero(); pattern.nnz()];
        let mut outputs = Vec::new();
        for color in 0..coloring.colors() {
            let group = coloring.group(color);
            let moves = |j: usize| displacement::<T>(numbers[j].widen());
            for &j in group {
                copy.set::<T, X>(j, T::round_from(moves(j)));
            }
            outputs.clear();
            let first = group.first().copied().unwrap_or(0);
            copy.outputs::<T, X, _, _>(&mut f, &mut outputs, first, moves(first))?;
            if outputs.len() != pattern.rows() {
                return Err(shape("the Jacobian", outputs.len(), numbers.len()));
            }
            for &j in group {
                copy.set::<T, X>(j, T::zero());
                for (k, &i) in pattern.column(j).iter().enumerate() {
                    let slope = quotient(outputs[i], moves(j), j, i)?;
                    values[starts[j] + k] = slope;
                    axis.add(i, j, slope);
                }
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
        let places = (0..values.len()).map(|k| values[structure.compression.permuted(k)]);
        let values = places.collect();
        Ok(SparseMatrix::new(
            Arc::clone(&structure.compression),
            values,
        ))
    }
}
