//! Central differences with automatic steps without a plan: gradients, Jacobians and Hessians straight from
//! x to the result. The same points, numbers, counts and errors as the plan, without its bookkeeping, which
//! takes longer than a cheap f: the rows `gradient`, `jacobian` and `hessian` of the benchmark
//! `instructions` are the reason.
//!
//! Whatever else is asked for (other steps and sides, bounds) is left to the plan:
//! these functions then return `None` and have done nothing.

mod columns;
mod hessian;

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
