//! Fixed differences without a plan: gradients, Jacobians and Hessians whose formula needs no weights,
//! straight from x to the result. The same points, numbers, counts and errors as the plan, without its
//! bookkeeping, which takes longer than a cheap f.
//!
//! Whatever is not plain (bounds, a higher accuracy) is left to the general way: these functions then
//! return `None` and have done nothing.

mod columns;
mod hessian;

use crate::line::LineResults;
use crate::line::finite;
use crate::moves::Failure;
use crate::operators::Stream;
use crate::scheme::fixed::Fixed;
use crate::scheme::{Rule, Scheme};
use crate::workspace::Workspace;
use crate::{Error, Outcome, Point, Real, Written};
use columns::{gradient, jacobian};
use hessian::hessian;

/// An operator of a scalar function, into the elements of its result.
#[inline]
pub(crate) fn scalar<T, F, R, X>(
    stream: Stream,
    scheme: &Scheme,
    f: F,
    x: &X,
    out: &mut [T],
    workspace: &mut Workspace<X::Scratch, T>,
) -> Option<Result<(), Error>>
where
    T: Real,
    F: FnMut(&X::Seen) -> R,
    R: Outcome<T>,
    X: Point<T> + ?Sized,
{
    match stream {
        Stream::Gradient => gradient(scheme, f, x, out, workspace),
        Stream::Hessian => hessian(scheme, f, x, out, workspace),
        Stream::Jacobian => None,
    }
}

/// An operator of an f that writes so many outputs, into the elements of its result.
#[inline]
pub(crate) fn vector<T, F, R, X>(
    stream: Stream,
    scheme: &Scheme,
    f: F,
    x: &X,
    outputs: usize,
    out: &mut [T],
    workspace: &mut Workspace<X::Scratch, T>,
) -> Option<Result<(), Error>>
where
    T: Real,
    F: FnMut(&X::Seen, &mut [T]) -> R,
    R: Written,
    X: Point<T> + ?Sized,
{
    match stream {
        Stream::Jacobian => jacobian(scheme, f, x, outputs, out, workspace),
        Stream::Gradient | Stream::Hessian => None,
    }
}

#[cold]
fn failed(coordinate: usize, displacement: f64, source: Failure) -> Error {
    Error::function(coordinate, displacement, source)
}

/// The rule and its two multiples of the step.
#[inline]
fn plain(scheme: &Scheme, order: usize) -> Option<(&Fixed, [f64; 2])> {
    match &scheme.rule {
        Rule::Fixed(fixed) if scheme.bounds.is_none() => Some((fixed, fixed.outer(order)?)),
        _ => None,
    }
}

/// Checks the copy of x and the settings, and forgets the last call.
#[inline]
fn begin<T: Real, X: Point<T> + ?Sized>(
    (fixed, order): (&Fixed, usize),
    scratch: &mut X::Scratch,
    results: &mut LineResults,
) -> Result<(), Error> {
    (
        results.evaluations,
        results.vanished,
        results.first_vanished,
    ) = (0, 0, None);
    let length = X::len(scratch);
    if length == 0 {
        return Err(Error::Empty { argument: "x" });
    }
    // Without an early exit: several elements at a time.
    let all = match X::slice(scratch) {
        Some(slice) => slice.iter().fold(true, |all, v| all & v.is_finite()),
        None => (0..length).all(|i| X::get(scratch, i).is_finite()),
    };
    if !all {
        let wide: Vec<f64> = (0..length).map(|i| X::get(scratch, i).widen()).collect();
        finite("x", &wide)?;
    }
    fixed.validate(order, length)
}
