//! The operators as methods of every method value, on the calling thread.

use super::operators::every_operator;
use super::signatures::{answer, operator, out, result_form, result_type, univariate, written};
use super::{Adaptive, FiniteDifference, Method, prepare};
use crate::answer::{
    self, Form, LikeX, OnPattern, Out, OutputsByCoordinates, PerOutput, Scalar, Square,
};
use crate::evaluate::adapter::{self, Copied, Univariate};
use crate::evaluate::serial::Scratch;
use crate::evaluate::{self, stream};
use crate::line::LineResults;
use crate::line::LineSet;
use crate::operators::*;
use crate::scheme::Scheme;
use crate::sparse::{SparseHessian, SparseJacobian, SparseMatrix};
use crate::workspace::Workspace;
use crate::{Buffer, Error, Estimate, Function, Outcome, Outputs, Point, Real, Written};
use ndarray::{Array, Ix1};

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

macro_rules! methods {
    ($method:ident) => {
        impl<T: Real> $method<T> {
            univariate! {
                $method
                univariate: [FnMut(T) -> R] -> [Outcome<T>],
                univariate_into: [FnMut(T) -> R] -> [Outcome<T>],
                "without allocation"
            }
            every_operator!(serial $method);
        }
    };
}

methods!(FiniteDifference);
methods!(Adaptive);

fn univariate<M, T, F, R>(
    method: &M,
    operator: Derivative,
    f: F,
    x: T,
) -> Result<M::Answer<T>, Error>
where
    M: Method<T>,
    T: Real,
    F: FnMut(T) -> R,
    R: Outcome<T>,
{
    let (scheme, workspace) = (method.scheme()?, &mut Workspace::<T, T>::new());
    let mut f = Univariate::new(f, x);
    run(scheme, &operator, [x], [], &mut f, apart(workspace).2)?;
    M::answer(&operator, &Scalar, &workspace.line_set, &workspace.results)
}

fn univariate_into<M, T, F, R, U>(
    method: &M,
    operator: Derivative,
    f: F,
    x: T,
    out: &mut U,
    workspace: &mut Workspace<T, T>,
) -> Result<(), Error>
where
    M: Method<T>,
    T: Real,
    F: FnMut(T) -> R,
    R: Outcome<T>,
    U: Out<T>,
{
    let mut f = Univariate::new(f, x);
    run(
        method.scheme()?,
        &operator,
        [x],
        [],
        &mut f,
        apart(workspace).2,
    )?;
    answer::write(&operator, &workspace.line_set, &workspace.results, out)
}

fn scalar<M, T, O, S, F, R, X>(
    method: &M,
    operator: O,
    form: S,
    mut f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
) -> Result<M::Answer<S::Value>, Error>
where
    M: Method<T>,
    T: Real,
    O: Operator,
    S: Form<T>,
    F: FnMut(&X::Seen) -> R,
    R: Outcome<T>,
    X: Point<T> + ?Sized,
{
    let (scheme, workspace) = (method.scheme()?, &mut Workspace::new());
    if let Some(stream) = O::STREAM
        && let Some(done) = M::streamed(&form, X::len(workspace.point.copy(x)), |values| {
            stream::scalar(stream, scheme, &mut f, x, values, workspace)
        })
    {
        return done;
    }
    evaluate_scalar(scheme, &operator, f, x, vector, workspace)?;
    M::answer(&operator, &form, &workspace.line_set, &workspace.results)
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
    M: Method<T>,
    T: Real,
    O: Operator,
    F: FnMut(&X::Seen) -> R,
    R: Outcome<T>,
    X: Point<T> + ?Sized,
    U: Out<T> + ?Sized,
{
    let scheme = method.scheme()?;
    if let Some(stream) = O::STREAM
        && let Some(values) = out.values()
        && let Some(done) = stream::scalar(stream, scheme, &mut f, x, values, workspace)
    {
        return done;
    }
    evaluate_scalar(scheme, &operator, f, x, vector, workspace)?;
    answer::write(&operator, &workspace.line_set, &workspace.results, out)
}

/// Leaves what was found in the workspace.
pub(super) fn evaluate_scalar<T, O, F, R, X>(
    scheme: &Scheme,
    operator: &O,
    f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
    workspace: &mut Workspace<X::Scratch, T>,
) -> Result<(), Error>
where
    T: Real,
    O: Operator,
    F: FnMut(&X::Seen) -> R,
    R: Outcome<T>,
    X: Point<T> + ?Sized,
{
    let (point, _, buffers) = apart(workspace);
    let mut f = adapter::Scalar::new(f, x, point);
    run(scheme, operator, x.numbers(), vector, &mut f, buffers)
}

pub(super) fn vector<M, T, O, S, F, R, X>(
    method: &M,
    operator: O,
    form: S,
    f: F,
    x: &X,
    vector: impl IntoIterator<Item = T>,
) -> Result<M::Answer<S::Value>, Error>
where
    M: Method<T>,
    T: Real,
    O: Operator,
    S: Form<T>,
    F: FnMut(&X::Seen) -> R,
    R: Outputs<T>,
    X: Point<T> + ?Sized,
{
    let (scheme, workspace) = (method.scheme()?, &mut Workspace::new());
    let (point, _, buffers) = apart(workspace);
    let mut f = adapter::Vector::new(f, x, point);
    run(scheme, &operator, x.numbers(), vector, &mut f, buffers)?;
    M::answer(&operator, &form, &workspace.line_set, &workspace.results)
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
    M: Method<T>,
    T: Real,
    O: Operator,
    F: FnMut(&X::Seen, &mut [T]) -> R,
    R: Written,
    X: Point<T> + ?Sized,
    U: Out<T> + ?Sized,
{
    let scheme = method.scheme()?;
    if let Some(stream) = O::STREAM
        && let Some(values) = out.values()
        && let Some(done) = stream::vector(stream, scheme, &mut f, x, outputs, values, workspace)
    {
        return done;
    }
    let (point, written, buffers) = apart(workspace);
    let mut f = adapter::InPlace::new(f, x, point, written, outputs);
    run(scheme, &operator, x.numbers(), vector, &mut f, buffers)?;
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
fn apart<S, T>(workspace: &mut Workspace<S, T>) -> (&mut Copied<T, S>, &mut Vec<T>, Buffers<'_>) {
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
fn run<T: Real, O: Operator>(
    scheme: &Scheme,
    operator: &O,
    x: impl IntoIterator<Item = T>,
    vector: impl IntoIterator<Item = T>,
    f: &mut impl Function,
    (buffer, line_set, scratch, results): Buffers<'_>,
) -> Result<(), Error> {
    buffer.clear();
    buffer.extend(vector.into_iter().map(|v| v.widen()));
    prepare(scheme, operator, x, buffer, line_set)?;
    evaluate::serial::run(scheme, line_set, f, scratch, results)?;
    operator.conclude(line_set, results);
    Ok(())
}
