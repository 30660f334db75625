//! Operators whose function sees many points at once.

use super::operators::every_operator;
use super::signatures::{operator, result_shape, result_type, univariate};
use super::{Method, widen_into, widened};
use crate::answer::{self, Out, Size};
use crate::evaluate::batch;
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
            run: [FnMut(&Array2<T>) -> R] -> [Outputs<T>],
            scalar_into: [FnMut(&Array2<T>, &mut [T]) -> R] -> [Written],
            "without allocation: f writes the value at each point to its second argument"
            $entry
        }
    };
    ($method:ident vector $entry:tt) => {
        operator! {
            $method [Point<T>]
            run: [FnMut(&Array2<T>) -> R] -> [Outputs<T>],
            vector_into: [FnMut(&Array2<T>, &mut [T]) -> R] -> [Written],
            "without allocation: f writes the outputs at each point to its second argument, one point after the other"
            $entry
        }
    };
}

impl<M: Method<Number = T>, T: Real> Batched<M> {
    univariate! {
        M
        univariate: [FnMut(&Array2<T>) -> R] -> [Outputs<T>],
        univariate_into: [FnMut(&Array2<T>, &mut [T]) -> R] -> [Written],
        "without allocation: f writes the value at each point to its second argument"
    }
    every_operator!(batched M);
}

fn univariate<M, T, F, R, X>(
    driver: &Batched<M>,
    operator: Derivative,
    f: F,
    x: &X,
) -> Result<M::Answer<T>, Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(&Array2<T>) -> R,
    R: Outputs<T>,
    X: Point<T>,
{
    run(driver, operator, |_, numbers| numbers[0], f, x, [])
}

fn univariate_into<M, T, F, R, X, U>(
    driver: &Batched<M>,
    operator: Derivative,
    f: F,
    x: &X,
    out: &mut U,
    workspace: &mut Workspace<T, T>,
) -> Result<(), Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(&Array2<T>, &mut [T]) -> R,
    R: Written,
    X: Point<T>,
    U: Out<M::Rule, T> + ?Sized,
{
    scalar_into(driver, operator, f, x, [], out, workspace)
}

fn run<M, T, V, F, R, X>(
    driver: &Batched<M>,
    operator: impl Into<AnyOperator>,
    shape: impl Fn(Size, Vec<T>) -> V,
    mut f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
) -> Result<M::Answer<V>, Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(&Array2<T>) -> R,
    R: Outputs<T>,
    X: Point<T> + ?Sized,
{
    let scheme = driver.method.scheme();
    let mut plan = LinePlan::new(scheme, operator, x, widened(vector))?;
    let buffers = (&mut Vec::new(), &mut Vec::new());
    batch::run(
        slice::from_mut(&mut plan),
        buffers,
        &mut |points: &Array2<T>, values| f(points).push_to(values).map_err(Into::into),
    )?;
    let rounds = &plan.rounds;
    M::answer(&plan.operator, shape, &rounds.line_set, &rounds.results)
}

fn scalar_into<M, T, F, R, X, U, S>(
    driver: &Batched<M>,
    operator: impl Into<AnyOperator>,
    f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
    out: &mut U,
    workspace: &mut Workspace<S, T>,
) -> Result<(), Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(&Array2<T>, &mut [T]) -> R,
    R: Written,
    X: Point<T> + ?Sized,
    U: Out<M::Rule, T> + ?Sized,
{
    vector_into(driver, operator, f, x, vector, 1, out, workspace)
}

#[allow(clippy::too_many_arguments)]
fn vector_into<M, T, F, R, X, U, S>(
    driver: &Batched<M>,
    operator: impl Into<AnyOperator>,
    mut f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
    outputs: usize,
    out: &mut U,
    workspace: &mut Workspace<S, T>,
) -> Result<(), Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(&Array2<T>, &mut [T]) -> R,
    R: Written,
    X: Point<T> + ?Sized,
    U: Out<M::Rule, T> + ?Sized,
{
    let scheme = driver.method.scheme();
    let vector = widen_into(vector, workspace);
    let mut values = std::mem::take(&mut workspace.scratch.base);
    let rounds = std::mem::take(&mut workspace.rounds);
    let mut plan = LinePlan::reuse(rounds, scheme, operator, x, vector)?;
    let buffers = (&mut workspace.points, &mut values);
    let written = &mut workspace.outputs;
    let done = batch::run(
        slice::from_mut(&mut plan),
        buffers,
        &mut |points: &Array2<T>, values| batch::write(&mut f, points, outputs, written, values),
    );
    let operator = plan.operator;
    (workspace.rounds, workspace.vector) = (plan.rounds, plan.vector);
    workspace.scratch.base = values;
    let (line_set, results) = (&workspace.rounds.line_set, &workspace.rounds.results);
    let counts = &mut workspace.results;
    counts.evaluations = results.evaluations;
    (counts.vanished, counts.first_vanished) = (results.vanished, results.first_vanished);
    done?;
    answer::write(&operator, line_set, results, out)
}
