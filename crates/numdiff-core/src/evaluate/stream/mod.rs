//! Central differences with automatic steps without a plan: gradients, Jacobians and Hessians straight from
//! x to the result. The same points, numbers, counts and errors as the plan, without its bookkeeping, which
//! takes longer than a cheap f: the rows `gradient`, `jacobian` and `hessian` of the benchmark
//! `instructions` are the reason.
//!
//! Whatever else is asked for (other steps and sides, bounds) is left to the plan:
//! these functions then return `None` and have done nothing.

mod columns;
mod hessian;

use crate::line::{LineResults, finite};
use crate::operators::Stream;
use crate::scheme::fixed::{Fixed, Side};
use crate::scheme::{Rule, Scheme};
use crate::workspace::Workspace;
use crate::{Error, Outcome, Point, Real, Step};
use columns::gradient;
pub(crate) use columns::jacobian;
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
        Stream::Columns => gradient(scheme, f, x, out, workspace),
        Stream::Pairs => hessian(scheme, f, x, out, workspace),
    }
}

/// The rule of what is usual.
#[inline]
fn plain(scheme: &Scheme) -> Option<&Fixed> {
    match &scheme.rule {
        Rule::Fixed(fixed)
            if fixed.side == Side::Central
                && matches!(fixed.accuracy, 1 | 2)
                && matches!(fixed.step, Step::Automatic)
                && !fixed.nominal
                && scheme.bounds.is_none() =>
        {
            Some(fixed)
        }
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
