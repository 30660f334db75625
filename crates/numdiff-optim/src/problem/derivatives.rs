//! Gradients and Hessians that are given, or differences that the caller chose.

use super::Problem;
use crate::Error;
use crate::error::failed;
use crate::evaluator::GradientSource;
use crate::interrupt::{Cause, Interrupt};
use crate::matrix::is_finite;
use numdiff_core::FiniteDifference;

impl Problem<'_> {
    /// The gradient as the caller gave it, or by the difference that the caller chose: the first coordinate whose step
    /// vanished. See [`differences`](Self::differences) for those that follow f, which need more than x.
    pub fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Result<Option<usize>, Interrupt> {
        let (budget, unit) = (&mut self.budget, self.unit);
        match &mut self.source {
            GradientSource::Analytic(given) => {
                budget.spent.log.open("gradient", &[x]);
                let done = budget.derivative(&mut self.buffer, |out| given(x, out))?;
                taken(done, &self.buffer, out, budget.spent.gradients)?;
                into_unit(out, unit);
                Ok(None)
            }
            GradientSource::Fixed(method) => {
                budget.spent.log.open(&format!("{method:?}"), &[x]);
                let objective = &mut *self.objective;
                let counted = |x: &[f64]| {
                    let done = budget.value(|| Ok(objective.at(x)?.f));
                    budget.within(done).map(|f| f / unit)
                };
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
    ) -> Result<Option<Vec<f64>>, Interrupt> {
        let kind = match self.source.is_analytic() {
            true => "Hessian of gradients",
            false => "Hessian",
        };
        let (lower, upper) = self.bounds.slices().unwrap_or_default();
        let (budget, unit) = (&mut self.budget, self.unit);
        let at = [x, along.unwrap_or_default(), lower, upper];
        budget.spent.log.open(kind, &at);
        // Unknowns are taken to be of size 1 at least, as by every method here.
        let mut method = FiniteDifference::central().with_typical(1.0);
        if let Some((lower, upper)) = self.bounds.slices() {
            method = method.with_bounds(lower, upper);
        }
        let objective = &mut *self.objective;
        let entries = match &mut self.source {
            GradientSource::Analytic(given) => {
                let counted = |x: &[f64]| -> Result<Vec<f64>, Cause> {
                    let mut out = Vec::new();
                    let done = budget.derivative(&mut out, |out| given(x, out));
                    budget.within(done).map(|()| {
                        into_unit(&mut out, unit);
                        out
                    })
                };
                match along {
                    Some(v) => method.hessian_vector_from_gradient(counted, x, v),
                    None => method
                        .hessian_from_gradient(counted, x)
                        .map(|h| h.into_iter().collect()),
                }
            }
            _ => {
                let counted = |x: &[f64]| {
                    let done = budget.value(|| Ok(objective.at(x)?.f));
                    budget.within(done).map(|f| f / unit)
                };
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

fn into_unit(derivatives: &mut [f64], unit: f64) {
    if unit != 1.0 {
        derivatives.iter_mut().for_each(|d| *d /= unit);
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
    done.map_err(failed(function, evaluation))?;
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
    match finite {
        true => Ok(()),
        false => crate::error::finite(function, out),
    }
}
