//! Methods are values: how to differentiate, checked with x at each call.

mod adaptive;
mod derivatives;
mod destination;
mod finite_difference;
mod gradient_rows;
mod kinds;
mod operators;
mod plans;
mod propagate;
mod question;
mod run;
mod serial;
mod verify_pattern;

pub use adaptive::Adaptive;
pub use finite_difference::FiniteDifference;
pub use plans::Plans;
pub(crate) use question::Question;
pub use run::Run;

use crate::answer::{Found, Size};
use crate::bounds::{Bound, Bounds};
use crate::scheme::Scheme;
use crate::{Error, Estimate, Real};
use std::marker::PhantomData;

/// A method of differentiation, [`FiniteDifference`] or [`Adaptive`]: for code that takes either.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_core::{Adaptive, Error, FiniteDifference, Method, Plans};
/// fn first_round<M: Method<Number = f64>>(method: Plans<'_, M>) -> Result<usize, Error> {
///     method.gradient(&array![3.0, 4.0]).ask_tell().map(|plan| plan.open())
/// }
/// println!("{}", first_round(FiniteDifference::central().plan())?);
/// println!("{}", first_round(Adaptive::new().plan())?);
/// # assert_eq!(first_round(FiniteDifference::central().plan())?, 4);
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
        found: Found<'_>,
        shape: impl Fn(Size, Vec<Self::Number>) -> V,
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
    /// The operators without f, for every way to evaluate it: on threads, in batches, without allocation,
    /// by the caller; see [`Run`].
    #[inline]
    pub fn plan(&self) -> Plans<'_, Self> {
        Plans { method: self }
    }
}

/// Numbers as `f64`.
fn widened<T: Real>(numbers: impl IntoIterator<Item = T>) -> Vec<f64> {
    numbers.into_iter().map(Real::widen).collect()
}
