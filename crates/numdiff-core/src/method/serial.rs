//! The operators as methods of every method value, on the calling thread.

use super::operators::every_operator;
use super::signatures::{operator, result_shape, result_type, univariate};
use super::{Differences, Method, prepare};
use crate::answer::{self, Out, Size};
use crate::evaluate::adapter::{self, Copied, Univariate};
use crate::evaluate::serial::Scratch;
use crate::evaluate::{self, stream};
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
            scalar: [FnMut(&X::Seen) -> R] -> [Outcome<T>],
            scalar_into: [FnMut(&X::Seen) -> R] -> [Outcome<T>],
            "without allocation"
            $entry
        }
    };
    ($method:ident vector $entry:tt) => {
        operator! {
            $method [Point<T>]
            vector: [FnMut(&X::Seen) -> R] -> [Outputs<T>],
            vector_into: [FnMut(&X::Seen, &mut [T]) -> R] -> [Written],
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
        univariate: [FnMut(T) -> R] -> [Outcome<T>],
        univariate_into: [FnMut(T) -> R] -> [Outcome<T>],
        "without allocation"
    }
    every_operator!(serial Self);
}

fn univariate<M, T, F, R, X>(
    method: &M,
    operator: Derivative,
    f: F,
    x: &X,
) -> Result<M::Answer<T>, Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(T) -> R,
    R: Outcome<T>,
    X: Point<T, Scratch = T>,
{
    let workspace = &mut Workspace::new();
    evaluate_univariate(method, &operator, f, x, workspace)?;
    let number = |_, numbers: Vec<T>| numbers[0];
    M::answer(&operator, number, &workspace.line_set, &workspace.results)
}

fn univariate_into<M, T, F, R, X, U>(
    method: &M,
    operator: Derivative,
    f: F,
    x: &X,
    out: &mut U,
    workspace: &mut Workspace<T, T>,
) -> Result<(), Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(T) -> R,
    R: Outcome<T>,
    X: Point<T, Scratch = T>,
    U: Out<M::Rule, T> + ?Sized,
{
    evaluate_univariate(method, &operator, f, x, workspace)?;
    answer::write(&operator, &workspace.line_set, &workspace.results, out)
}

fn evaluate_univariate<M, T, F, R, X>(
    method: &M,
    operator: &Derivative,
    f: F,
    x: &X,
    workspace: &mut Workspace<T, T>,
) -> Result<(), Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(T) -> R,
    R: Outcome<T>,
    X: Point<T, Scratch = T>,
{
    let mut f = Univariate::new(f, x.scratch());
    run(method.scheme(), operator, x, [], &mut f, split(workspace).2)
}

fn scalar<M, T, O, V, F, R, X>(
    method: &M,
    operator: O,
    shape: impl Fn(Size, Vec<T>) -> V,
    mut f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
) -> Result<M::Answer<V>, Error>
where
    M: Method<Number = T>,
    T: Real,
    O: Operator,
    F: FnMut(&X::Seen) -> R,
    R: Outcome<T>,
    X: Point<T> + ?Sized,
{
    let (scheme, workspace) = (method.scheme(), &mut Workspace::new());
    let streamed = M::plain(|| {
        let stream = O::stream()?;
        let size = stream.size(X::len(workspace.point.copy(x)))?;
        let mut numbers = vec![T::zero(); size.0 * size.1];
        let done = stream::scalar(stream, scheme, &mut f, x, &mut numbers, workspace)?;
        Some(done.map(|()| shape(size, numbers)))
    });
    if let Some(done) = streamed {
        return done;
    }
    evaluate_scalar(scheme, &operator, f, x, vector, workspace)?;
    M::answer(&operator, shape, &workspace.line_set, &workspace.results)
}

fn scalar_into<M, T, O, F, R, X, U>(
    method: &M,
    operator: O,
    mut f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
    out: &mut U,
    workspace: &mut Workspace<X::Scratch, T>,
) -> Result<(), Error>
where
    M: Method<Number = T>,
    T: Real,
    O: Operator,
    F: FnMut(&X::Seen) -> R,
    R: Outcome<T>,
    X: Point<T> + ?Sized,
    U: Out<M::Rule, T> + ?Sized,
{
    let scheme = method.scheme();
    if let Some(stream) = O::stream()
        && let Some(values) = out.values()
        && let Some(done) = stream::scalar(stream, scheme, &mut f, x, values, workspace)
    {
        return done;
    }
    evaluate_scalar(scheme, &operator, f, x, vector, workspace)?;
    answer::write(&operator, &workspace.line_set, &workspace.results, out)
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
    let mut f = adapter::Scalar::new(f, x, point);
    run(scheme, operator, x, vector, &mut f, buffers)
}

pub(super) fn vector<M, T, V, F, R, X>(
    method: &M,
    operator: impl Operator,
    shape: impl Fn(Size, Vec<T>) -> V,
    f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
) -> Result<M::Answer<V>, Error>
where
    M: Method<Number = T>,
    T: Real,
    F: FnMut(&X::Seen) -> R,
    R: Outputs<T>,
    X: Point<T> + ?Sized,
{
    let workspace = &mut Workspace::new();
    let (point, _, buffers) = split(workspace);
    let mut f = adapter::Vector::new(f, x, point);
    run(method.scheme(), &operator, x, vector, &mut f, buffers)?;
    M::answer(&operator, shape, &workspace.line_set, &workspace.results)
}

#[allow(clippy::too_many_arguments)]
fn vector_into<M, T, O, F, R, X, U>(
    method: &M,
    operator: O,
    mut f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
    outputs: usize,
    out: &mut U,
    workspace: &mut Workspace<X::Scratch, T>,
) -> Result<(), Error>
where
    M: Method<Number = T>,
    T: Real,
    O: Operator,
    F: FnMut(&X::Seen, &mut [T]) -> R,
    R: Written,
    X: Point<T> + ?Sized,
    U: Out<M::Rule, T> + ?Sized,
{
    let scheme = method.scheme();
    if let Some(stream) = O::stream()
        && let Some(values) = out.values()
        && let Some(done) = stream::vector(stream, scheme, &mut f, x, outputs, values, workspace)
    {
        return done;
    }
    let (point, written, buffers) = split(workspace);
    let mut f = adapter::InPlace::new(f, x, point, written, outputs);
    run(scheme, &operator, x, vector, &mut f, buffers)?;
    answer::write(&operator, &workspace.line_set, &workspace.results, out)
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
