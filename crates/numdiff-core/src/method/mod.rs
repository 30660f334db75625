//! Methods are values: how to differentiate, validated once and passed around.

mod adaptive;
mod batched;
mod finite_difference;
mod operators;
#[cfg(feature = "rayon")]
mod parallel;
mod sparse_drivers;

pub use adaptive::Adaptive;
pub use batched::Batched;
pub use finite_difference::FiniteDifference;
#[cfg(feature = "rayon")]
pub use parallel::Parallel;

use crate::answer::Form;
use crate::operators::Operator;
use crate::results::Results;
use crate::scheme::Scheme;
use crate::survey::Survey;
use crate::{Error, Real};

/// What the operators of a method return.
pub trait Answers {
    /// The result of an operator whose values are of type `V`: `V` itself, or an
    /// [`Estimate`](crate::Estimate) of it.
    type Answer<V>;
}

/// What operators need from a method.
pub(crate) trait Method<T: Real>: Answers {
    /// The settings, or why they make no sense.
    fn scheme(&self) -> Result<&Scheme, Error>;
    /// Builds the answer from what was found.
    ///
    /// # Errors
    /// f had another number of outputs than the operator differentiates; an element of the result
    /// overflows.
    fn answer<O: Operator, S: Form<T>>(
        operator: &O,
        form: &S,
        survey: &Survey,
        results: &Results,
    ) -> Result<Self::Answer<S::Value>, Error>;
}
