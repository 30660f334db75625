//! What a run calls the user's functions through, x in row-major order.

mod closures;
mod constraints;
mod drivers;
mod point;
mod simulated;
mod source;
mod values;

use crate::Error;
use crate::budget::EvaluationBudget;
use crate::interrupt::{Cause, Interrupt};
use crate::matrix::is_finite;
pub(crate) use closures::{Callback, Function, Given, given, numbers};
pub(crate) use constraints::{Constraints, SampleFailure};
#[cfg(feature = "rayon")]
pub(crate) use drivers::by_threads;
pub(crate) use drivers::{Batch, Driver};
use numdiff_core::{FiniteDifference, Workspace};
pub(crate) use point::CallerPoint;
pub use simulated::Simulated;
pub(crate) use simulated::{Own, Returned};
pub(crate) use source::GradientSource;
pub use values::ConstraintValues;

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

    /// Whether several points are evaluated together.
    pub fn is_together(&self) -> bool {
        self.objective.is_together()
    }

    /// What f returns at several points: together where that is how they are evaluated; `None` where it failed.
    fn returned(&mut self, points: &[Vec<f64>]) -> Result<Vec<Option<Own>>, Interrupt> {
        if !self.is_together() {
            return Ok(points.iter().map(|x| self.objective.at(x).ok()).collect());
        }
        let (all, expected) = (self.objective.many(points), points.len());
        match all.len() == expected {
            true => Ok(all),
            false => Err(Interrupt::from(numdiff_core::Error::Length {
                argument: "the values of the batch",
                found: all.len(),
                expected,
            })),
        }
    }

    /// f at several points; NaN where it failed.
    pub fn values(&mut self, points: &[Vec<f64>], values: &mut Vec<f64>) -> Result<(), Interrupt> {
        values.clear();
        let value = |own: Option<Own>| own.map_or(f64::NAN, |own| own.f);
        match self.is_together() {
            true => values.extend(self.returned(points)?.into_iter().map(value)),
            // Nothing is allocated for a point.
            false => values.extend(points.iter().map(|x| value(self.objective.at(x).ok()))),
        }
        Ok(())
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
                let done = method
                    .plan()
                    .gradient(x)
                    .write_to(out, &mut self.workspace)
                    .serial(counted);
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
