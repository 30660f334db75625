//! The operators without f.

use super::Method;
use super::destination::{Dense, Like};
use super::gradient_rows::EachRow;
use super::kinds::{Scalar, Univariate, Vector};
use super::operators::{every_operator, planned};
use super::question::Question;
use super::run::Run;
use crate::operators::*;
use crate::sparse::{SparseHessian, SparseJacobian, SparseMatrix};
use crate::{Point, Real};
use ndarray::{Array1, Array3, ArrayRef, Ix2};

/// The operators of a method that are yet to be told f; made by
/// [`plan`](crate::FiniteDifference::plan). Each is a [`Run`], whose last word says how f is evaluated.
///
/// # Example
/// ```
/// use ndarray::Array1;
/// use numdiff_core::FiniteDifference;
/// let central = FiniteDifference::central();
/// let x = Array1::linspace(0.0, 1.0, 100);
/// let mut most = 0;
/// let run = central.plan().gradient(&x).progress(|told, _| most = told);
/// let g = run.serial(|x| x.mapv(f64::sin).sum())?;
/// assert_eq!(g, central.gradient(|x| x.mapv(f64::sin).sum(), &x)?);
/// assert_eq!(most, 200);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Plans<'a, M> {
    pub(super) method: &'a M,
}

#[allow(private_interfaces)]
impl<'a, M: Method<Number = T>, T: Real> Plans<'a, M> {
    /// The derivative of order `order` of a function of one variable.
    ///
    /// Cost: by fixed differences of accuracy p `order` + p evaluations on one side of x
    /// and `order` + p - 1 on both (p even then), f(x) among them but for odd orders on both.
    ///
    /// # Errors
    /// x that is not finite; settings that make no sense; f that fails, or returns a
    /// non-finite value that the method can't do without; an order of 0, or one above the method's range.
    pub fn nth_derivative(&self, x: &'a T, order: usize) -> Run<'a, M, T, [T; 0], Univariate<T>> {
        self.run(Derivative(order), x, &[])
    }

    /// The gradients at many points: row i of the result is the gradient at row i of `xs`.
    ///
    /// Cost: that of [`gradient`](Self::gradient) for each row.
    ///
    /// Whatever is told which coordinates move, such as a [`Function`](crate::Function) or who makes the
    /// evaluations of [`ask_tell`](Run::ask_tell), has the first row as its x; a job's moves are all coordinates of a point.
    /// Settings for each coordinate hold in every row. Errors count coordinates through all rows.
    ///
    /// # Errors
    /// Those of [`gradient`](Self::gradient); no rows.
    pub fn gradient_rows(
        &self,
        xs: &'a ArrayRef<T, Ix2>,
    ) -> Run<'a, M, ArrayRef<T, Ix2>, [T; 0], EachRow> {
        let points = if xs.is_empty() { 0 } else { xs.nrows() };
        self.run(AtPoints { points, order: 1 }, xs, &[])
    }

    every_operator!(planned);

    /// An operator at x, with its v or u.
    pub(super) fn run<X, V, K>(
        &self,
        operator: impl Into<AnyOperator>,
        x: &'a X,
        vector: &'a V,
    ) -> Run<'a, M, X, V, K>
    where
        X: ?Sized,
        V: ?Sized,
    {
        Run::new(Question {
            scheme: self.method.scheme(),
            operator: operator.into(),
            x,
            vector,
            given: &[],
        })
    }
}
