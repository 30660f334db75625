//! Methods are values: how to differentiate, checked with x at each call.

mod adaptive;
mod batched;
mod derivatives;
mod destination;
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

use crate::answer::Size;
use crate::bounds::{Bound, Bounds};
use crate::line::{LineResults, LineSet};
use crate::operators::Operator;
use crate::scheme::Scheme;
use crate::workspace::Workspace;
use crate::{Error, Estimate, Point, Real};
use std::marker::PhantomData;

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

    /// What decides where f is evaluated.
    #[doc(hidden)]
    type Rule;

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

    /// The values, and the whole estimate where there are error bars.
    #[doc(hidden)]
    fn values<V>(answer: &Self::Answer<V>) -> (&V, Option<&Estimate<V>>);

    /// The answer that is `value`, of a method whose answers are values alone.
    #[doc(hidden)]
    fn plain<V>(value: V) -> Option<Self::Answer<V>> {
        let _ = value;
        None
    }
}

/// Differences of f's values by a rule: what [`FiniteDifference`] and [`Adaptive`] are, and the operators
/// that both have. Results are those of the method, [`Method::Answer`]: values, or values with error bars.
#[derive(Clone, Debug)]
#[must_use = "a setting is in what it returns"]
pub struct Differences<K, T = f64> {
    scheme: Scheme,
    kind: PhantomData<fn() -> (K, T)>,
}

impl<K> Differences<K> {
    /// The same method for functions of `f32` arrays. Displaced points are rounded to `f32`, and
    /// steps follow from its rounding.
    pub fn single(self) -> Differences<K, f32> {
        Differences::of(self.scheme)
    }
}

impl<K, T: Real> Differences<K, T> {
    fn of(scheme: Scheme) -> Self {
        Differences {
            scheme,
            kind: PhantomData,
        }
    }

    /// f is evaluated at points with lower <= x <= upper only: where a fixed stencil sticks out, it is
    /// shifted, and shrunk if need be, with its accuracy kept; an adaptive method looks on one side
    /// where x is at a bound. A number holds for all coordinates, an array for each; infinities are no
    /// bounds; equal bounds fix a coordinate, whose derivative is 0 by convention, with
    /// [`Status::Fixed`](crate::Status::Fixed) where there is a status.
    pub fn with_bounds(mut self, lower: impl Into<Bound>, upper: impl Into<Bound>) -> Self {
        self.scheme.bounds = Some(Bounds {
            lower: lower.into(),
            upper: upper.into(),
        });
        self
    }
}

impl<K, T: Real> Differences<K, T>
where
    Self: Method,
{
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
