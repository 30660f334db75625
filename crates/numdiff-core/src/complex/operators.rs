//! The operators of the complex step.

use super::ComplexStep;
use super::lines::Lines;
use crate::buffer::Buffer;
use crate::error::{expect_length, expect_outputs};
use crate::evaluate::complex::{returned, scalar, written};
use crate::point::ComplexPoint;
use crate::sparse::{SparseJacobian, SparseMatrix};
use crate::{DenseMatrix, Error, Outcome, Outputs, Point, Real, Workspace, Written};
use ndarray::{Array, Ix1};
use num_complex::Complex;

impl<T: Real> ComplexStep<T> {
    /// f'(x) of a function of one variable; one evaluation, and two of the check.
    ///
    /// # Errors
    /// x that is not finite; f that fails, returns a value that is not finite, or is not analytic.
    pub fn derivative<F, R>(&self, mut f: F, x: T) -> Result<T, Error>
    where
        F: FnMut(Complex<T>) -> R,
        R: Outcome<Complex<T>>,
    {
        let (f, mut out) = (move |z: &[Complex<T>; 1]| f(z[0]), [T::zero()]);
        self.gradient_into(f, &[x], &mut out, &mut Workspace::new())?;
        Ok(out[0])
    }

    /// The gradient of a scalar function, of x's shape; one evaluation for each coordinate, and two of
    /// the check.
    ///
    /// # Errors
    /// x that is empty or not finite; f that fails, returns a value that is not finite, or is not analytic.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_core::ComplexStep;
    /// let g = ComplexStep::new().gradient(|z| z[0].exp() * z[1].sin(), &array![1.0, 2.0])?;
    /// let exact = array![1f64.exp() * 2f64.sin(), 1f64.exp() * 2f64.cos()];
    /// assert!((&g - &exact).iter().all(|error| error.abs() < 1e-15));
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn gradient<F, R, X>(&self, f: F, x: &X) -> Result<X::Like, Error>
    where
        F: FnMut(&X::View<Complex<T>>) -> R,
        R: Outcome<Complex<T>>,
        X: ComplexPoint<T> + ?Sized,
    {
        let mut out = vec![T::zero(); x.numbers().count()];
        self.gradient_into(f, x, &mut out, &mut Workspace::new())?;
        Ok(x.like(out))
    }

    /// [`gradient`](Self::gradient) without allocation.
    ///
    /// # Errors
    /// Those of [`gradient`](Self::gradient); `out` of another length than x. After an error `out` may hold
    /// parts of a result.
    pub fn gradient_into<F, R, X>(
        &self,
        f: F,
        x: &X,
        out: &mut (impl Buffer<T> + ?Sized),
        workspace: &mut Workspace<X::Filled<Complex<T>>, T>,
    ) -> Result<(), Error>
    where
        F: FnMut(&X::View<Complex<T>>) -> R,
        R: Outcome<Complex<T>>,
        X: ComplexPoint<T> + ?Sized,
    {
        let f = &mut scalar::<T, X, _, _>(f);
        let mut lines = Lines::begin(f, x, workspace)?;
        expect_length("out", out.room(), x.numbers().count())?;
        lines.along_coordinates(|_, k, slope| out.put(k, slope))?;
        self.confirm(lines)
    }

    /// The derivative of a scalar function along `v`, v . gradient; one evaluation, and two of the check. Any norm of v
    /// serves that leaves the result a number; v = 0 gives 0.
    ///
    /// # Errors
    /// Those of [`gradient`](Self::gradient); v that is not finite or of another length than x.
    pub fn directional<F, R, X>(
        &self,
        f: F,
        x: &X,
        v: &(impl Point<T> + ?Sized),
    ) -> Result<T, Error>
    where
        F: FnMut(&X::View<Complex<T>>) -> R,
        R: Outcome<Complex<T>>,
        X: ComplexPoint<T> + ?Sized,
    {
        let mut out = T::zero();
        self.directional_into(f, x, v, &mut out, &mut Workspace::new())?;
        Ok(out)
    }

    /// [`directional`](Self::directional) without allocation.
    ///
    /// # Errors
    /// Those of [`directional`](Self::directional).
    pub fn directional_into<F, R, X>(
        &self,
        f: F,
        x: &X,
        v: &(impl Point<T> + ?Sized),
        out: &mut T,
        workspace: &mut Workspace<X::Filled<Complex<T>>, T>,
    ) -> Result<(), Error>
    where
        F: FnMut(&X::View<Complex<T>>) -> R,
        R: Outcome<Complex<T>>,
        X: ComplexPoint<T> + ?Sized,
    {
        let f = &mut scalar::<T, X, _, _>(f);
        let mut lines = Lines::begin(f, x, workspace)?;
        let mut found = T::zero();
        lines.along(v, |_, slope| found = slope)?;
        self.confirm(lines)?;
        *out = found;
        Ok(())
    }

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
    pub fn jacobian<F, R, X>(&self, f: F, x: &X) -> Result<X::Matrix, Error>
    where
        F: FnMut(&X::View<Complex<T>>) -> R,
        R: Outputs<Complex<T>>,
        X: ComplexPoint<T> + ?Sized,
    {
        let (f, workspace) = (&mut returned::<T, X, _, _>(f), &mut Workspace::new());
        let mut lines = Lines::begin(f, x, workspace)?;
        let mut columns = Vec::new();
        let rows = lines.along_coordinates(|_, _, slope| columns.push(slope))?;
        self.confirm(lines)?;
        let n = columns.len() / rows;
        let entry = |at: usize| columns[(at % n) * rows + at / n];
        let entries = (0..columns.len()).map(entry).collect();
        Ok(X::Matrix::from_rows(rows, n, entries))
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
        workspace: &mut Workspace<X::Filled<Complex<T>>, T>,
    ) -> Result<(), Error>
    where
        F: FnMut(&X::View<Complex<T>>, &mut [Complex<T>]) -> R,
        R: Written,
        X: ComplexPoint<T> + ?Sized,
    {
        let n = x.numbers().count();
        let rows = out.rows().unwrap_or(out.room() / n.max(1));
        let f = &mut written::<T, X, _, _>(f, rows);
        let mut lines = Lines::begin(f, x, workspace)?;
        expect_outputs(rows, 0)?;
        expect_length("out", out.room(), rows * n)?;
        lines.along_coordinates(|output, k, slope| out.put(output * n + k, slope))?;
        self.confirm(lines)
    }

    /// The Jacobian of a vector function on a sparsity pattern: one evaluation for each color, and the
    /// two of the check. Columns of one color have no row in common, so that each moves outputs of its
    /// own.
    ///
    /// # Errors
    /// Those of [`jacobian`](Self::jacobian); a pattern whose columns are not the coordinates of x, or whose
    /// rows are not the outputs of f ([`Error::PatternShape`]); one that misses an entry, as far as the check sees it
    /// ([`Error::MissingEntry`]).
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
        f: F,
        x: &X,
        structure: &SparseJacobian,
    ) -> Result<SparseMatrix<T>, Error>
    where
        F: FnMut(&X::View<Complex<T>>) -> R,
        R: Outputs<Complex<T>>,
        X: ComplexPoint<T> + ?Sized,
    {
        let (f, workspace) = (&mut returned::<T, X, _, _>(f), &mut Workspace::new());
        let mut lines = Lines::begin(f, x, workspace)?;
        let values = lines.along_groups(&structure.compression)?;
        self.confirm(lines)?;
        Ok(SparseMatrix::new(structure.compression.clone(), values))
    }

    /// The product of the Jacobian with `v`, one number for each output; one evaluation, and two of
    /// the check.
    ///
    /// # Errors
    /// Those of [`jacobian`](Self::jacobian) and [`directional`](Self::directional).
    pub fn jacobian_vector<F, R, X>(
        &self,
        f: F,
        x: &X,
        v: &(impl Point<T> + ?Sized),
    ) -> Result<Array<T, Ix1>, Error>
    where
        F: FnMut(&X::View<Complex<T>>) -> R,
        R: Outputs<Complex<T>>,
        X: ComplexPoint<T> + ?Sized,
    {
        let (f, workspace) = (&mut returned::<T, X, _, _>(f), &mut Workspace::new());
        let mut lines = Lines::begin(f, x, workspace)?;
        let mut products = Vec::new();
        lines.along(v, |_, slope| products.push(slope))?;
        self.confirm(lines)?;
        Ok(products.into())
    }

    /// [`jacobian_vector`](Self::jacobian_vector) without allocation: f writes its outputs to its
    /// second argument, whose length is that of `out`.
    ///
    /// # Errors
    /// Those of [`jacobian_vector`](Self::jacobian_vector); an empty `out`. After an error `out` may hold
    /// parts of a result.
    pub fn jacobian_vector_into<F, R, X>(
        &self,
        f: F,
        x: &X,
        v: &(impl Point<T> + ?Sized),
        out: &mut (impl Buffer<T> + ?Sized),
        workspace: &mut Workspace<X::Filled<Complex<T>>, T>,
    ) -> Result<(), Error>
    where
        F: FnMut(&X::View<Complex<T>>, &mut [Complex<T>]) -> R,
        R: Written,
        X: ComplexPoint<T> + ?Sized,
    {
        let f = &mut written::<T, X, _, _>(f, out.room());
        let mut lines = Lines::begin(f, x, workspace)?;
        lines.along(v, |output, slope| out.put(output, slope))?;
        self.confirm(lines)
    }
}
