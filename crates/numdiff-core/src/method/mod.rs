//! Methods are values: how to differentiate, checked with x at each call.

mod adaptive;
mod batched;
mod derivatives;
mod finite_difference;
mod gradient_rows;
mod operators;
#[cfg(feature = "rayon")]
mod parallel;
mod planned;
mod propagate;
mod serial;
mod signatures;
mod vector_hessian;
mod verify_pattern;

pub use adaptive::Adaptive;
pub use batched::Batched;
pub use finite_difference::FiniteDifference;
#[cfg(feature = "rayon")]
pub use parallel::Parallel;
pub use planned::Planned;

use crate::answer::{Out, Size};
use crate::line::{LineResults, LineSet};
use crate::operators::Operator;
use crate::scheme::Scheme;
use crate::workspace::Workspace;
use crate::{Buffer, Error, Point, Real};

/// A method of differentiation, [`FiniteDifference`] or [`Adaptive`]: for code that takes either.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_core::{Adaptive, Error, FiniteDifference, Method, Planned};
/// fn first_round<M: Method<Number = f64>>(method: Planned<M>) -> Result<usize, Error> {
///     method.gradient(&array![3.0, 4.0]).map(|plan| plan.open())
/// }
/// println!("{}", first_round(FiniteDifference::central().planned())?);
/// println!("{}", first_round(Adaptive::new().planned())?);
/// # assert_eq!(first_round(FiniteDifference::central().planned())?, 4);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
// Its private parts keep it to this crate.
#[allow(private_interfaces, private_bounds)]
pub trait Method: Clone + Sync {
    /// The numbers that f takes: `f64`, or `f32` after `.single()`.
    type Number: Real;
    /// The result of an operator whose values are of type `V`: `V` itself, or an
    /// [`Estimate`](crate::Estimate) of it.
    type Answer<V>;

    #[doc(hidden)]
    fn scheme(&self) -> &Scheme;

    /// Builds the answer from what was found.
    #[doc(hidden)]
    fn answer<V>(
        operator: &dyn Operator,
        shape: impl Fn(Size, Vec<Self::Number>) -> V,
        line_set: &LineSet,
        results: &LineResults,
    ) -> Result<Self::Answer<V>, Error>;

    /// What an answer is written through.
    #[doc(hidden)]
    fn out<B: Buffer<Self::Number>>(out: &mut Self::Answer<B>) -> impl Out<Self::Number>;

    /// An answer to be written, in a buffer like this one.
    #[doc(hidden)]
    fn blank<V: Clone>(buffer: V) -> Self::Answer<V>;

    /// The answer that `make` gives, of a method whose answers are values alone.
    #[doc(hidden)]
    fn plain<V>(
        make: impl FnOnce() -> Option<Result<V, Error>>,
    ) -> Option<Result<Self::Answer<V>, Error>> {
        let _ = make;
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
                Batched {
                    method: self.clone(),
                }
            }

            /// The same method as plans, whose evaluations the caller makes.
            pub fn planned(&self) -> Planned<Self> {
                Planned {
                    method: self.clone(),
                }
            }
        }
    };
}

drivers!(FiniteDifference);
drivers!(Adaptive);

/// Puts x and the operator's lines into the set, and checks the settings against them.
#[inline]
fn prepare<T: Real, X: Point<T> + ?Sized>(
    scheme: &Scheme,
    operator: &dyn Operator,
    x: &X,
    vector: &[f64],
    line_set: &mut LineSet,
) -> Result<(), Error> {
    let (kind, order) = operator.lines();
    line_set.begin(x.numbers().map(Real::widen), T::EPSILON, kind, order)?;
    line_set.given.extend(x.known().iter().map(|v| v.widen()));
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
