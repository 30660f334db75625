//! Fixed differences without a plan: gradients, Jacobians and Hessians whose formula needs no weights,
//! straight from x to the result. The same points, numbers, counts and errors as the plan, without its
//! bookkeeping, which takes longer than a cheap f.
//!
//! Whatever is not plain (bounds, a higher accuracy, arrays that are not contiguous) is left to the
//! general way: these functions then return `None` and have done nothing.

mod columns;
mod hessian;

use crate::operators::Stream;
use crate::results::Results;
use crate::scheme::fixed::Fixed;
use crate::scheme::{Rule, Scheme};
use crate::survey::finite;
use crate::workspace::Workspace;
use crate::{Error, Outcome, Real, Written};
use columns::{gradient, jacobian};
use hessian::hessian;
use ndarray::{Array, ArrayRef, Dimension, Ix1};

/// What a failed evaluation said.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// An operator of a scalar function, into the elements of its result.
#[inline]
pub(crate) fn scalar<T, F, R, D>(
    stream: Stream,
    scheme: &Scheme,
    f: F,
    x: &ArrayRef<T, D>,
    out: &mut [T],
    workspace: &mut Workspace<T>,
) -> Option<Result<(), Error>>
where
    T: Real,
    F: FnMut(&ArrayRef<T, D>) -> R,
    R: Outcome<T>,
    D: Dimension,
{
    match stream {
        Stream::Gradient => gradient(scheme, f, x, out, workspace),
        Stream::Hessian => hessian(scheme, f, x, out, workspace),
        Stream::Jacobian => None,
    }
}

/// An operator of an f that writes so many outputs, into the elements of its result.
#[inline]
pub(crate) fn vector<T, F, R, D>(
    stream: Stream,
    scheme: &Scheme,
    f: F,
    x: &ArrayRef<T, D>,
    outputs: usize,
    out: &mut [T],
    workspace: &mut Workspace<T>,
) -> Option<Result<(), Error>>
where
    T: Real,
    F: FnMut(&ArrayRef<T, D>, &mut ArrayRef<T, Ix1>) -> R,
    R: Written,
    D: Dimension,
{
    match stream {
        Stream::Jacobian => jacobian(scheme, f, x, outputs, out, workspace),
        Stream::Gradient | Stream::Hessian => None,
    }
}

#[cold]
fn failed(coordinate: usize, displacement: f64, source: Failure) -> Error {
    Error::Function {
        coordinate,
        displacement,
        source,
    }
}

/// The rule and its two multiples of the step.
#[inline]
fn plain(scheme: &Scheme, order: usize) -> Option<(&Fixed, [f64; 2])> {
    match &scheme.rule {
        Rule::Fixed(fixed) if scheme.bounds.is_none() => Some((fixed, fixed.outer(order)?)),
        _ => None,
    }
}

/// x, checked, as an array to be moved. It is built around a buffer of the workspace, and lost with
/// it when f panics.
#[inline]
fn begin<T: Real, D: Dimension>(
    (fixed, order): (&Fixed, usize),
    (x, shape): (&[T], D),
    buffer: &mut Vec<T>,
    results: &mut Results,
) -> Result<Array<T, D>, Error> {
    (
        results.evaluations,
        results.vanished,
        results.first_vanished,
    ) = (0, 0, None);
    if x.is_empty() {
        return Err(Error::Empty { argument: "x" });
    }
    // Without an early exit: several elements at a time.
    if !x.iter().fold(true, |all, v| all & v.is_finite()) {
        let wide: Vec<f64> = x.iter().map(|v| v.widen()).collect();
        finite("x", &wide)?;
    }
    fixed.validate(order, x.len())?;
    let mut point = std::mem::take(buffer);
    point.clear();
    point.extend_from_slice(x);
    match Array::from_shape_vec(shape, point) {
        Ok(point) => Ok(point),
        Err(_) => unreachable!("as many elements as x has"),
    }
}

/// The elements of the point, in row-major order.
#[inline(always)]
fn elements<T, D: Dimension>(point: &mut Array<T, D>) -> &mut [T] {
    match point.as_slice_mut() {
        Some(slice) => slice,
        None => unreachable!("built from a vector"),
    }
}

#[inline(always)]
fn set<T, D: Dimension>(point: &mut Array<T, D>, k: usize, to: T) {
    elements(point)[k] = to;
}

fn keep<T, D: Dimension>(point: Array<T, D>, buffer: &mut Vec<T>) {
    *buffer = point.into_raw_vec_and_offset().0;
}
