//! f and its gradient on one batch.

use crate::evaluator::{Cause, DifferenceFailure, Evaluator, GradientFailure};
use crate::meter::Meter;
use crate::oracle::Halt;
use ndarray::{Array, ArrayRef, Dimension};
use numdiff_core::{FiniteDifference, Outcome, Workspace};

/// A gradient of f(x, batch).
pub(super) type Given<'a, D, B> =
    Box<dyn FnMut(&ArrayRef<f64, D>, &B, &mut Vec<f64>) -> Result<(), Cause> + 'a>;

/// f and the gradient on the batch at hand.
pub(super) struct BatchCalls<'a, F, D: Dimension, B> {
    pub f: F,
    pub given: Option<Given<'a, D, B>>,
    pub point: Array<f64, D>,
    pub scratch: Array<f64, D>,
    pub workspace: Workspace,
    pub batch: Option<B>,
}

impl<F, R, D, B> BatchCalls<'_, F, D, B>
where
    F: FnMut(&ArrayRef<f64, D>, &B) -> R,
    R: Outcome<f64>,
    D: Dimension,
{
    /// One f, in which the batch is fixed, for the code that knows functions of x alone.
    fn with<T>(&mut self, call: impl FnOnce(&mut dyn Evaluator) -> T) -> T {
        let Some(batch) = &self.batch else {
            unreachable!("a batch is set before every call")
        };
        let (f, given) = (&mut self.f, &mut self.given);
        let given: Option<crate::evaluator::Given<'_, D>> = match given {
            Some(given) => Some(Box::new(move |x, out| given(x, batch, out))),
            None => None,
        };
        let mut door = crate::evaluator::Door {
            f: |x: &ArrayRef<f64, D>| f(x, batch).outcome(),
            threads: None,
        };
        let mut closures = crate::evaluator::Closures {
            objective: &mut door,
            point: std::mem::take(&mut self.point),
            given,
            driver: crate::evaluator::Driver::Serial,
            workspace: std::mem::take(&mut self.workspace),
            scratch: std::mem::take(&mut self.scratch),
            buffer: Vec::new(),
        };
        let result = call(&mut closures);
        self.point = closures.point;
        self.workspace = closures.workspace;
        self.scratch = closures.scratch;
        result
    }

    pub fn value(&mut self, x: &[f64]) -> Result<f64, Cause> {
        self.with(|calls| calls.value(x))
    }

    pub fn gradient(
        &mut self,
        x: &[f64],
        out: &mut [f64],
        meter: &mut Meter,
    ) -> Result<Result<(), GradientFailure>, Halt> {
        self.with(|calls| calls.gradient(x, out, meter))
    }

    pub fn difference(
        &mut self,
        method: &FiniteDifference,
        x: &[f64],
        out: &mut [f64],
        meter: &mut Meter,
    ) -> Result<Option<usize>, DifferenceFailure> {
        self.with(|calls| calls.difference(method, x, out, meter))
    }
}
