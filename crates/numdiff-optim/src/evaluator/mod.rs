//! The one place that calls the user's functions.

mod closures;
mod drivers;

use crate::meter::Meter;
use crate::oracle::Halt;
pub(crate) use closures::{Closures, Door, Given, Objective, given, view};
#[cfg(feature = "rayon")]
pub(crate) use drivers::by_threads;
pub(crate) use drivers::{Batch, Driver, Threads};
use numdiff_core::{FiniteDifference, Probe};
use std::error::Error as StdError;
use std::ops::Range;

pub(crate) type Cause = Box<dyn StdError + Send + Sync>;

/// What sees each point and its value and may end the round.
pub(crate) type Each<'e> = &'e mut dyn FnMut(&[f64], f64) -> Result<(), Halt>;

/// What an optimizer may have evaluated, x in row-major order.
pub(crate) trait Evaluator {
    /// f(x); NaN and infinities are the caller's business.
    fn value(&mut self, x: &[f64]) -> Result<f64, Cause>;

    /// Evaluates these open jobs of the probe, in order. `each` sees a value as soon as it is there and may
    /// end the round.
    fn probe(
        &mut self,
        x: &[f64],
        probe: &mut Probe,
        jobs: Range<usize>,
        each: Each<'_>,
    ) -> Result<(), Halt>;

    /// The given gradient. Only to be called when there is one.
    fn gradient(
        &mut self,
        x: &[f64],
        out: &mut [f64],
        meter: &mut Meter,
    ) -> Result<Result<(), GradientFailure>, Halt>;

    /// The gradient by a fixed difference: the first coordinate whose step vanished. What the meter refuses
    /// ends it.
    fn difference(
        &mut self,
        method: &FiniteDifference,
        x: &[f64],
        out: &mut [f64],
        meter: &mut Meter,
    ) -> Result<Option<usize>, DifferenceFailure>;

    /// The Hessian row by row, or its product with `along`, by central differences of the gradient
    /// when it is given, of f otherwise. What the meter refuses ends it.
    fn hessian(
        &mut self,
        x: &[f64],
        along: Option<&[f64]>,
        bounds: Option<(&[f64], &[f64])>,
        meter: &mut Meter,
    ) -> Result<Vec<f64>, DifferenceFailure>;
}

/// Why a given gradient cannot be used.
pub(crate) enum GradientFailure {
    Cause(Cause),
    Length(usize),
    /// The first element that is not finite, and what it is.
    NotFinite(usize, f64),
}

/// Why a fixed difference could not be taken.
pub(crate) struct DifferenceFailure(pub numdiff_core::Error);
