//! Central differences with automatic steps without a plan: gradients, Jacobians and Hessians straight from
//! x to the result. The same points, numbers, counts and errors as the plan, without its bookkeeping, which
//! takes longer than a cheap f: the rows `gradient`, `jacobian` and `hessian` of the benchmark
//! `instructions` are the reason.
//!
//! Whatever else is asked for (other steps and sides, bounds) is left to the plan:
//! these functions then return `None` and have done nothing.

mod columns;
mod hessian;

use crate::Step;
use crate::scheme::fixed::{Fixed, Side};
use crate::scheme::{Rule, Scheme};
pub(crate) use columns::{gradient, jacobian};
pub(crate) use hessian::hessian;

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
