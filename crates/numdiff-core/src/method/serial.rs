//! The operators as methods of every method value, on the calling thread.

use super::destination::{Destination, Made};
use super::operators::every_operator;
use super::signatures::{operator, result_shape, result_type, univariate};
use super::{Differences, Method, prepare};
use crate::answer::{self, Out};
use crate::evaluate::adapter::{self, Copied, of_number};
use crate::evaluate::{self, stream};
use crate::line::Scratch;
use crate::line::{LineResults, LineSet};
use crate::moves::AnyFunction;
use crate::operators::*;
use crate::scheme::Scheme;
use crate::sparse::{SparseHessian, SparseJacobian, SparseMatrix};
use crate::workspace::Workspace;
use crate::{DenseMatrix, Error, Outcome, Outputs, Point, Real, Written};
use ndarray::Array1;

/// f is called once for each evaluation.
macro_rules! serial {
    ($method:ident scalar $entry:tt) => {
        operator! {
            $method [Point<T>]
            |m, o, f, x, v, to, w| scalar(m, o, f, x, v, to, w), [FnMut(&X::Seen) -> R] -> [Outcome<T>],
            |m, o, f, x, v, to, w| scalar(m, o, f, x, v, to, w), [FnMut(&X::Seen) -> R] -> [Outcome<T>],
            "without allocation"
            $entry
        }
    };
    ($method:ident vector $entry:tt) => {
        operator! {
            $method [Point<T>]
            |m, o, f, x, v, to, w| vector(m, o, f, x, v, to, w), [FnMut(&X::Seen) -> R] -> [Outputs<T>],
            |m, o, f, x, v, outputs, to, w| written(m, o, f, x, v, outputs, to, w),
            [FnMut(&X::Seen, &mut [T]) -> R] -> [Written],
            "without allocation: f writes its outputs, in row-major order, to its second argument"
            $entry
        }
    };
}

impl<K, T: Real> Differences<K, T>
where
    Self: Method<Number = T>,
{
    univariate! {
        Self
        |m, o, f, x, v, to, w| scalar(m, o, of_number(f), x, v, to, w), [FnMut(T) -> R] -> [Outcome<T>],
        |m, o, f, x, v, to, w| scalar(m, o, of_number(f), x, v, to, w), [FnMut(T) -> R] -> [Outcome<T>],
        "without allocation"
    }
    every_operator!(serial Self);
}

fn scalar<M, T, O, F, R, X, D>(
    method: &M,
    operator: O,
    mut f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
    mut to: D,
    workspace: &mut Workspace<X::Scratch, T>,
) -> Result<D::Done, Error>
where
    M: Method<Number = T>,
    T: Real,
    O: Operator,
    F: FnMut(&X::Seen) -> R,
    R: Outcome<T>,
    X: Point<T> + ?Sized,
    D: Destination<M>,
{
    let scheme = method.scheme();
    if let Some(stream) = O::stream()
        && let Some(values) = to.values(|| stream.size(X::len(workspace.point.copy(x))))
        && let Some(done) = stream::scalar(stream, scheme, &mut f, x, values, workspace)
    {
        return done.map(|()| to.filled());
    }
    evaluate_scalar(scheme, &operator, f, x, vector, workspace)?;
    to.take(&operator, &workspace.line_set, &workspace.results)
}

/// Leaves what was found in the workspace.
pub(super) fn evaluate_scalar<T, F, R, X>(
    scheme: &Scheme,
    operator: &dyn Operator,
    f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
    workspace: &mut Workspace<X::Scratch, T>,
) -> Result<(), Error>
where
    T: Real,
    F: FnMut(&X::Seen) -> R,
    R: Outcome<T>,
    X: Point<T> + ?Sized,
{
    let (point, _, buffers) = split(workspace);
    let mut f = adapter::scalar_closure(f, x, point);
    run(scheme, operator, x, vector, &mut f, buffers)
}

pub(super) fn vector<M, T, F, R, X, D>(
    method: &M,
    operator: impl Operator,
    f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
    to: D,
    workspace: &mut Workspace<X::Scratch, T>,
) -> Result<D::Done, Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(&X::Seen) -> R,
    R: Outputs<T>,
    X: Point<T> + ?Sized,
    D: Destination<M>,
{
    let (point, _, buffers) = split(workspace);
    run(
        method.scheme(),
        &operator,
        x,
        vector,
        &mut adapter::vector_closure(f, x, point),
        buffers,
    )?;
    to.take(&operator, &workspace.line_set, &workspace.results)
}

#[allow(clippy::too_many_arguments)]
fn written<M, T, O, F, R, X, D>(
    method: &M,
    operator: O,
    mut f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
    outputs: usize,
    mut to: D,
    workspace: &mut Workspace<X::Scratch, T>,
) -> Result<D::Done, Error>
where
    M: Method<Number = T>,
    T: Real,
    O: Operator,
    F: FnMut(&X::Seen, &mut [T]) -> R,
    R: Written,
    X: Point<T> + ?Sized,
    D: Destination<M>,
{
    let scheme = method.scheme();
    if O::stream() == Some(Stream::Jacobian)
        && let Some(values) = to.values(|| (outputs, x.numbers().count()))
        && let Some(done) = stream::jacobian(scheme, &mut f, x, outputs, values, workspace)
    {
        return done.map(|()| to.filled());
    }
    let (point, written, buffers) = split(workspace);
    run(
        scheme,
        &operator,
        x,
        vector,
        &mut adapter::in_place_closure(f, x, point, written, outputs),
        buffers,
    )?;
    to.take(&operator, &workspace.line_set, &workspace.results)
}

/// What a run works with, of a workspace.
type Buffers<'w> = (
    &'w mut Vec<f64>,
    &'w mut LineSet,
    &'w mut Scratch,
    &'w mut LineResults,
);

/// The copy of x, the outputs to be written, and the rest.
fn split<S, T>(workspace: &mut Workspace<S, T>) -> (&mut Copied<T, S>, &mut Vec<T>, Buffers<'_>) {
    let Workspace {
        point,
        outputs,
        vector,
        line_set,
        scratch,
        results,
        ..
    } = workspace;
    (point, outputs, (vector, line_set, scratch, results))
}

/// Prepares the lines, differentiates along them, and leaves what was found in the workspace.
#[inline]
fn run<T: Real, X: Point<T> + ?Sized>(
    scheme: &Scheme,
    operator: &dyn Operator,
    x: &X,
    vector: impl IntoIterator<Item = T>,
    f: &mut dyn AnyFunction,
    (buffer, line_set, scratch, results): Buffers<'_>,
) -> Result<(), Error> {
    buffer.clear();
    buffer.extend(vector.into_iter().map(|v| v.widen()));
    prepare(scheme, operator, x, buffer, line_set)?;
    evaluate::serial::run(scheme, line_set, f, scratch, results)?;
    operator.conclude(line_set, results);
    Ok(())
}
