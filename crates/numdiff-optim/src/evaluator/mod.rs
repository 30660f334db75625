//! What a run calls the user's functions through, x in row-major order.

mod closures;
mod constraints;
mod drivers;
mod point;
mod probes;
mod simulated;
mod source;
mod values;

use crate::Error;
use crate::budget::EvaluationBudget;
use crate::differences::Differences;
use crate::interrupt::{Cause, Interrupt};
use crate::matrix::is_finite;
pub(crate) use closures::{Callback, Function, Given, given, numbers};
pub(crate) use constraints::{Constraints, SampleFailure};
#[cfg(feature = "rayon")]
pub(crate) use drivers::by_threads;
pub(crate) use drivers::{Batch, Driver};
use numdiff_core::{FiniteDifference, Workspace};
pub(crate) use point::CallerPoint;
use probes::{counted, serially, together};
pub use simulated::Simulated;
pub(crate) use simulated::{Own, Returned};
pub(crate) use source::GradientSource;
use std::ops::Range;
pub use values::ConstraintValues;

/// What sees each point and its value and may end the round.
pub(crate) type Each<'e> = &'e mut dyn FnMut(&[f64], f64) -> Result<(), Interrupt>;

/// What an optimizer may have evaluated.
pub(crate) struct Evaluator<'o, 'a> {
    pub objective: &'o mut dyn Function<Own>,
    pub source: GradientSource<'a>,
    pub constraints: Constraints<'a>,
    workspace: Workspace<Vec<f64>>,
    buffer: Vec<f64>,
}

impl<'o, 'a> Evaluator<'o, 'a> {
    pub fn new(objective: &'o mut dyn Function<Own>, source: GradientSource<'a>) -> Self {
        Evaluator {
            objective,
            source,
            constraints: Constraints::default(),
            workspace: Workspace::new(),
            buffer: Vec::new(),
        }
    }

    /// f(x); NaN and infinities are the caller's business.
    pub fn value(&mut self, x: &[f64]) -> Result<f64, Cause> {
        Ok(self.objective.at(x)?.f)
    }

    /// Evaluates these open points of the differences, in order. `each` sees a value as soon as it is there and may
    /// end the round.
    pub fn differences(
        &mut self,
        x: &[f64],
        differences: &mut Differences,
        jobs: Range<usize>,
        each: Each<'_>,
    ) -> Result<(), Interrupt> {
        match self.objective.is_together() {
            true => together(x, differences, jobs, each, self.objective),
            false => serially(x, differences, jobs, each, self.objective),
        }
    }

    /// The gradient as the caller gave it, or by the difference that the caller chose: the first coordinate whose step
    /// vanished. Not to be called where differences follow f, which need more than x.
    pub fn gradient(
        &mut self,
        x: &[f64],
        out: &mut [f64],
        budget: &mut EvaluationBudget,
    ) -> Result<Option<usize>, Interrupt> {
        match &mut self.source {
            GradientSource::Analytic(given) => {
                budget.spent.log.open("gradient", &[x]);
                let done = budget.derivative(&mut self.buffer, |out| given(x, out))?;
                taken(done, &self.buffer, out, budget.spent.gradients)?;
                Ok(None)
            }
            GradientSource::Fixed(method) => {
                budget.spent.log.open(&format!("{method:?}"), &[x]);
                let objective = &mut *self.objective;
                let counted = |x: &[f64]| budget.value_within(|| Ok(objective.at(x)?.f));
                let done = method.gradient_into(counted, x, out, &mut self.workspace);
                match budget.refused() {
                    Some(interrupt) => return Err(interrupt),
                    None => done?,
                };
                Ok(self.workspace.vanished().1)
            }
            GradientSource::Adaptive => unreachable!("differences that follow f need f(x)"),
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
        // Unknowns are taken to be of size 1 at least, as by every method here.
        let mut method = FiniteDifference::central().with_typical(1.0);
        if let Some((lower, upper)) = bounds {
            method = method.with_bounds(lower, upper);
        }
        let objective = &mut *self.objective;
        let entries = match &mut self.source {
            GradientSource::Analytic(given) => {
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
            _ => {
                let counted = |x: &[f64]| budget.value_within(|| Ok(objective.at(x)?.f));
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

/// Copies a given gradient that has as many elements as asked for, all of them finite.
fn taken(
    done: Result<(), Cause>,
    gradient: &[f64],
    out: &mut [f64],
    evaluation: usize,
) -> Result<(), Error> {
    let function = "the gradient";
    done.map_err(|source| Error::Function {
        function,
        evaluation,
        source,
    })?;
    let (found, expected) = (gradient.len(), out.len());
    if found != expected {
        return Err(Error::Elements {
            function,
            found,
            expected,
        });
    }
    let mut finite = true;
    for (out, block) in out.chunks_mut(512).zip(gradient.chunks(512)) {
        out.copy_from_slice(block);
        finite &= is_finite(block);
    }
    if finite {
        return Ok(());
    }
    let index = out.iter().position(|g| !g.is_finite()).unwrap_or(0);
    Err(Error::Difference(numdiff_core::Error::NotFinite {
        argument: function,
        index,
        value: out[index],
    }))
}
