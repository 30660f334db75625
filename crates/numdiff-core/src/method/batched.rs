//! Operators whose function sees many points at once.

use super::destination::{Destination, Made};
use super::operators::every_operator;
use super::signatures::{operator, result_shape, result_type, univariate};
use super::{Method, widen_into};
use crate::answer::{self, Out};
use crate::evaluate::batch;
use crate::moves::Failure;
use crate::operators::*;
use crate::plan::lines::LinePlan;
use crate::sparse::{SparseHessian, SparseJacobian, SparseMatrix};
use crate::workspace::Workspace;
use crate::{DenseMatrix, Error, Outputs, Point, Real, Written};
use ndarray::{Array1, Array2};
use std::slice;

/// A method whose function is called with many points at once; made by
/// [`batched`](crate::FiniteDifference::batched).
///
/// The closure takes an array with one point per row (of x's numbers in row-major order) and
/// returns one row of outputs per point: for a scalar function a 1-d array of values, for a vector
/// function a 2-d array. Results and counts of points are those of the serial method to the last
/// bit when f gives each row the bits that it would give the point alone. In every operator's
/// `*_into` f writes the outputs of each point to its second argument, a slice, one point after the
/// other; with a warm workspace nothing is allocated.
///
/// # Example
/// ```
/// use ndarray::{Axis, array};
/// use numdiff_core::FiniteDifference;
/// // One call for all four points.
/// let f = |points: &ndarray::Array2<f64>| points.map_axis(Axis(1), |x| x[0] * x[0] + x[1]);
/// let g = FiniteDifference::central().batched().gradient(f, &array![3.0, 4.0])?;
/// assert!((g[0] - 6.0).abs() < 1e-9 && (g[1] - 1.0).abs() < 1e-9);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batched<M> {
    pub(super) method: M,
}

/// f is called with the points of many evaluations, and has an output for each point where it is
/// scalar.
macro_rules! batched {
    ($method:ident scalar $entry:tt) => {
        operator! {
            $method [Point<T>]
            |b, o, f, x, v, to, w| b.returned(o, f, x, v, to, w), [FnMut(&Array2<T>) -> R] -> [Outputs<T>],
            |b, o, f, x, v, to, w| b.written(o, f, x, v, 1, to, w), [FnMut(&Array2<T>, &mut [T]) -> R] -> [Written],
            "without allocation: f writes the value at each point to its second argument"
            $entry
        }
    };
    ($method:ident vector $entry:tt) => {
        operator! {
            $method [Point<T>]
            |b, o, f, x, v, to, w| b.returned(o, f, x, v, to, w), [FnMut(&Array2<T>) -> R] -> [Outputs<T>],
            |b, o, f, x, v, outputs, to, w| b.written(o, f, x, v, outputs, to, w),
            [FnMut(&Array2<T>, &mut [T]) -> R] -> [Written],
            "without allocation: f writes the outputs at each point to its second argument, one point after the other"
            $entry
        }
    };
}

impl<M: Method<Number = T>, T: Real> Batched<M> {
    univariate! {
        M
        |b, o, f, x, v, to, w| b.returned(o, f, x, v, to, w), [FnMut(&Array2<T>) -> R] -> [Outputs<T>],
        |b, o, f, x, v, to, w| b.written(o, f, x, v, 1, to, w), [FnMut(&Array2<T>, &mut [T]) -> R] -> [Written],
        "without allocation: f writes the value at each point to its second argument"
    }
    every_operator!(batched M);
}

impl<M: Method<Number = T>, T: Real> Batched<M> {
    /// f returns its outputs.
    fn returned<X, R, D>(
        &self,
        operator: impl Into<AnyOperator>,
        mut f: impl FnMut(&Array2<T>) -> R,
        x: &X,
        vector: impl IntoIterator<Item = T>,
        to: D,
        workspace: &mut Workspace<X::Scratch, T>,
    ) -> Result<D::Done, Error>
    where
        X: Point<T> + ?Sized,
        R: Outputs<T>,
        D: Destination<M>,
    {
        self.run(operator, x, vector, to, workspace, |points, _, values| {
            f(points).push_to(values).map_err(Into::into)
        })
    }

    /// f writes so many outputs at each point.
    #[allow(clippy::too_many_arguments)]
    fn written<X, R, D>(
        &self,
        operator: impl Into<AnyOperator>,
        mut f: impl FnMut(&Array2<T>, &mut [T]) -> R,
        x: &X,
        vector: impl IntoIterator<Item = T>,
        outputs: usize,
        to: D,
        workspace: &mut Workspace<X::Scratch, T>,
    ) -> Result<D::Done, Error>
    where
        X: Point<T> + ?Sized,
        R: Written,
        D: Destination<M>,
    {
        self.run(
            operator,
            x,
            vector,
            to,
            workspace,
            |points, written, values| batch::write(&mut f, points, outputs, written, values),
        )
    }

    /// `fill` takes f's outputs at the points, by way of a buffer where f writes them.
    fn run<X, D>(
        &self,
        operator: impl Into<AnyOperator>,
        x: &X,
        vector: impl IntoIterator<Item = T>,
        to: D,
        workspace: &mut Workspace<X::Scratch, T>,
        mut fill: impl FnMut(&Array2<T>, &mut Vec<T>, &mut Vec<f64>) -> Result<(), Failure>,
    ) -> Result<D::Done, Error>
    where
        X: Point<T> + ?Sized,
        D: Destination<M>,
    {
        let scheme = self.method.scheme();
        let vector = widen_into(vector, workspace);
        let mut values = std::mem::take(&mut workspace.scratch.base);
        let rounds = std::mem::take(workspace.rounds());
        let mut plan = LinePlan::reuse(rounds, scheme, operator, x, vector)?;
        let buffers = (&mut workspace.points, &mut values);
        let written = &mut workspace.outputs;
        let done = batch::run(
            slice::from_mut(&mut plan),
            buffers,
            &mut |points: &Array2<T>, values| fill(points, written, values),
        );
        let LinePlan {
            operator,
            vector,
            rounds,
        } = plan;
        (workspace.vector, workspace.scratch.base) = (vector, values);
        workspace.results.count_as(&rounds.results);
        let answer = done.and_then(|()| to.take(&operator, &rounds.line_set, &rounds.results));
        *workspace.rounds() = rounds;
        answer
    }
}
