//! The one place that calls the user's functions, x in row-major order.

mod closures;
mod constraints;
mod drivers;
mod point;
mod simulated;
mod values;

use crate::Error;
use crate::budget::EvaluationBudget;
use crate::interrupt::{Cause, Interrupt};
use crate::matrix::is_finite;
use crate::probe::Probe;
#[cfg(feature = "rayon")]
pub(crate) use closures::by_threads;
pub(crate) use closures::{Callback, Given, Objective, Threads, given, numbers};
pub(crate) use constraints::{Constraints, SampleFailure};
pub(crate) use drivers::{Batch, Driver};
use drivers::{counted, in_rows, serially, together};
use numdiff_core::{FiniteDifference, Workspace};
pub(crate) use point::CallerPoint;
pub(crate) use simulated::Own;
pub use simulated::Simulated;
use std::ops::Range;
pub use values::ConstraintValues;

/// What sees each point and its value and may end the round.
pub(crate) type Each<'e> = &'e mut dyn FnMut(&[f64], f64) -> Result<(), Interrupt>;

/// What an optimizer may have evaluated.
pub(crate) struct Evaluator<'o, 'a> {
    pub objective: &'o mut dyn Objective,
    given: Option<Given<'a>>,
    pub constraints: Constraints<'a>,
    driver: Driver<'a>,
    workspace: Workspace<Vec<f64>>,
    buffer: Vec<f64>,
}

impl<'o, 'a> Evaluator<'o, 'a> {
    pub fn new(
        objective: &'o mut dyn Objective,
        given: Option<Given<'a>>,
        driver: Driver<'a>,
    ) -> Self {
        Evaluator {
            objective,
            given,
            constraints: Constraints::default(),
            driver,
            workspace: Workspace::new(),
            buffer: Vec::new(),
        }
    }

    /// f(x); NaN and infinities are the caller's business.
    pub fn value(&mut self, x: &[f64]) -> Result<f64, Cause> {
        self.objective.value(x)
    }

    /// Evaluates these open jobs of the probe, in order. `each` sees a value as soon as it is there and may
    /// end the round.
    pub fn probe(
        &mut self,
        x: &[f64],
        probe: &mut Probe,
        jobs: Range<usize>,
        each: Each<'_>,
    ) -> Result<(), Interrupt> {
        let objective = &mut *self.objective;
        match &mut self.driver {
            Driver::Serial => serially(x, probe, jobs, each, |z| objective.value(z)),
            Driver::Threads => together(x, probe, jobs, each, |points| {
                objective.many(points).unwrap_or_default()
            }),
            Driver::Batch(run) => together(x, probe, jobs, each, |points| in_rows(run, points)),
        }
    }

    /// The given gradient. Only to be called when there is one.
    pub fn gradient(
        &mut self,
        x: &[f64],
        out: &mut [f64],
        budget: &mut EvaluationBudget,
    ) -> Result<(), Interrupt> {
        let Some(given) = self.given.as_mut() else {
            unreachable!("asked for a gradient that was not given")
        };
        let function = "the gradient";
        let done = budget.derivative(&mut self.buffer, |out| given(x, out))?;
        done.map_err(|source| Error::Function {
            function,
            evaluation: budget.gradients,
            source,
        })?;
        let (found, expected) = (self.buffer.len(), out.len());
        if found != expected {
            return Err(Interrupt::from(Error::Elements {
                function,
                found,
                expected,
            }));
        }
        let mut finite = true;
        for (out, block) in out.chunks_mut(512).zip(self.buffer.chunks(512)) {
            out.copy_from_slice(block);
            finite &= is_finite(block);
        }
        if finite {
            return Ok(());
        }
        let index = out.iter().position(|g| !g.is_finite()).unwrap_or(0);
        Err(Interrupt::from(numdiff_core::Error::NotFinite {
            argument: function,
            index,
            value: out[index],
        }))
    }

    /// The gradient by a fixed difference: the first coordinate whose step vanished.
    pub fn difference(
        &mut self,
        method: &FiniteDifference,
        x: &[f64],
        out: &mut [f64],
        budget: &mut EvaluationBudget,
    ) -> Result<Option<usize>, Interrupt> {
        let objective = &mut *self.objective;
        let counted = |x: &[f64]| budget.value_within(|| objective.value(x));
        let done = method.gradient_into(counted, x, out, &mut self.workspace);
        match budget.refused() {
            Some(interrupt) => Err(interrupt),
            None => {
                done?;
                Ok(self.workspace.vanished().1)
            }
        }
    }

    /// The Hessian row by row, or its product with `along`, by central differences of the gradient
    /// when it is given, of f otherwise; `None` where f does not allow it.
    pub fn hessian(
        &mut self,
        x: &[f64],
        along: Option<&[f64]>,
        bounds: Option<(&[f64], &[f64])>,
        budget: &mut EvaluationBudget,
    ) -> Result<Option<Vec<f64>>, Interrupt> {
        let mut method = FiniteDifference::central();
        if let Some((lower, upper)) = bounds {
            method = method.with_bounds(lower, upper);
        }
        let objective = &mut *self.objective;
        let entries = match &mut self.given {
            Some(given) => {
                let counted = |x: &[f64]| -> Result<Vec<f64>, Cause> {
                    let mut out = Vec::new();
                    budget.derivative_within(&mut out, |out| given(x, out))?;
                    Ok(out)
                };
                match along {
                    Some(v) => method.hessian_vector_from_gradient(counted, x, v),
                    None => method
                        .hessian_from_gradient(counted, x)
                        .map(|h| h.into_iter().collect()),
                }
            }
            None => {
                let counted = |x: &[f64]| budget.value_within(|| objective.value(x));
                match along {
                    Some(v) => method.hessian_vector(counted, x, v),
                    None => method.hessian(counted, x).map(|h| h.into_iter().collect()),
                }
            }
        };
        match budget.refused() {
            Some(interrupt) => Err(interrupt),
            None => Ok(entries.ok()),
        }
    }
}
