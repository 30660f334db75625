//! Methods are values: how to differentiate, validated once and passed around.

mod adaptive;
mod ask_tell;
mod batched;
mod derivatives;
mod finite_difference;
mod gradient_rows;
mod operators;
#[cfg(feature = "rayon")]
mod parallel;
mod plans;
mod propagate;
mod serial;
mod signatures;
mod vector_hessian;
mod verify_pattern;

pub use adaptive::Adaptive;
pub use ask_tell::{AskTell, Job, OwnedMoves};
pub use batched::Batched;
pub use finite_difference::FiniteDifference;
#[cfg(feature = "rayon")]
pub use parallel::Parallel;

use crate::answer::Form;
use crate::line::LineResults;
use crate::line::LineSet;
use crate::operators::Operator;
use crate::scheme::Scheme;
use crate::workspace::Workspace;
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
        line_set: &LineSet,
        results: &LineResults,
    ) -> Result<Self::Answer<S::Value>, Error>;
    /// The answer when values are all of it, filled by `stream` if it can; `None` where it can't or
    /// error bars are wanted.
    fn streamed<S: Form<T>>(
        form: &S,
        coordinates: usize,
        stream: impl FnOnce(&mut [T]) -> Option<Result<(), Error>>,
    ) -> Option<Result<Self::Answer<S::Value>, Error>> {
        let _ = (form, coordinates, stream);
        None
    }
}

/// The other drivers of a method.
macro_rules! drivers {
    ($method:ident) => {
        impl<T: Real> $method<T> {
            /// The same method with its evaluations on the threads of the current rayon pool.
            #[cfg(feature = "rayon")]
            pub fn parallel(&self) -> Parallel<Self> {
                Parallel::new(self.clone())
            }

            /// The same method for a function that takes many points at once.
            pub fn batched(&self) -> Batched<Self> {
                Batched::new(self.clone())
            }
        }
    };
}

drivers!(FiniteDifference);
drivers!(Adaptive);

/// Puts x and the operator's lines into the set, and checks the settings against them.
#[inline]
fn prepare<T: Real, O: Operator>(
    scheme: &Scheme,
    operator: &O,
    x: impl IntoIterator<Item = T>,
    vector: &[f64],
    line_set: &mut LineSet,
) -> Result<(), Error> {
    let (kind, order) = operator.lines();
    line_set.begin(x.into_iter().map(|v| v.widen()), T::EPSILON, kind, order)?;
    scheme.validate(line_set)?;
    operator.prepare(vector, scheme, line_set)
}

/// Numbers as `f64`.
fn widened<T: Real>(numbers: impl IntoIterator<Item = T>) -> Vec<f64> {
    numbers.into_iter().map(Real::widen).collect()
}

/// The same in the workspace's buffer, to be given back to it.
fn widen_into<S, T: Real>(
    numbers: impl IntoIterator<Item = T>,
    workspace: &mut Workspace<S, T>,
) -> Vec<f64> {
    let mut buffer = std::mem::take(&mut workspace.vector);
    buffer.clear();
    buffer.extend(numbers.into_iter().map(Real::widen));
    buffer
}
