//! Evaluations of f together with constraints.

use super::Problem;
use crate::Error;
use crate::budget::EvaluationBudget;
use crate::constraint::{Sample, is_on_target, largest_violation};
use crate::error::{failed, finite};
use crate::interrupt::{Cause, Interrupt};

/// What the log calls an evaluation of f with the constraints.
const SAMPLE: &str = "f and constraints";

impl Problem<'_> {
    /// f and the constraints at the start: one evaluation, whose failure is returned.
    pub fn first_sample(&mut self, x: &[f64]) -> Result<Sample, Interrupt> {
        let sample = self.sample(x)?;
        match self.failure.take() {
            Some(error) => Err(error.into()),
            None => Ok(sample),
        }
    }

    /// f and the constraints: one evaluation; not finite where one of them fails.
    pub fn sample(&mut self, x: &[f64]) -> Result<Sample, Interrupt> {
        let mut samples = self.samples(&[x.to_vec()])?;
        Ok(samples.swap_remove(0))
    }

    /// f and the constraints at several points, together where that is possible: as many evaluations.
    pub fn samples(&mut self, points: &[Vec<f64>]) -> Result<Vec<Sample>, Interrupt> {
        let mut samples = Vec::with_capacity(points.len());
        while let Some(rest @ [x, ..]) = points.get(samples.len()..) {
            // Opened one by one, so that a serial run may go on where a parallel one stopped.
            self.budget.spent.log.open(SAMPLE, &[x]);
            if let Some(known) = self.budget.spent.log.recall_many() {
                samples.push(self.seen(x, &known.unwrap_or_else(|| vec![f64::NAN]))?);
                continue;
            }
            self.budget.room()?;
            let now = match self.objective.is_together() {
                true => rest.len().min(self.budget.left()),
                false => 1,
            };
            let all = self.numbers(&rest[..now])?;
            let mut ended = Ok(());
            for (k, (x, numbers)) in rest.iter().zip(&all).enumerate() {
                if k > 0 {
                    self.budget.spent.log.open(SAMPLE, &[x]);
                }
                self.budget.spent.evaluations += 1;
                self.budget.spent.log.write_many(Some(numbers));
                // All of them were evaluated: all are counted, whatever the first of them ends.
                match self.seen(x, numbers) {
                    Ok(sample) => samples.push(sample),
                    Err(end) => ended = ended.and(Err(end)),
                }
            }
            ended?;
        }
        Ok(samples)
    }

    /// f, all constraints, and the residuals that came with f, at several points: f by threads or by the caller's
    /// batch, the other closures one after the other. A single NaN stands for a point that could not be evaluated.
    fn numbers(&mut self, points: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, Interrupt> {
        let mut all = Vec::with_capacity(points.len());
        for (own, x) in self.returned(points)?.into_iter().zip(points) {
            let evaluation = self.budget.spent.evaluations + all.len() + 1;
            let mut out = Vec::new();
            let done = own.map_err(failed("f", evaluation));
            let done = done.and_then(|own| self.constraints.after(own, x, evaluation, &mut out));
            all.push(match done {
                Ok(()) => out,
                Err(error @ Error::Function { .. }) => {
                    self.failure = Some(error);
                    vec![f64::NAN]
                }
                Err(error) => return Err(error.into()),
            });
        }
        Ok(all)
    }

    /// A sample from its numbers; it may be the best so far.
    fn seen(&mut self, x: &[f64], numbers: &[f64]) -> Result<Sample, Interrupt> {
        let f = numbers[0];
        let rows = self.constraints.rows().unwrap_or(0);
        let (c, residuals) = match numbers.len() > rows {
            true => (numbers[1..=rows].to_vec(), numbers[1 + rows..].to_vec()),
            false => (vec![f64::NAN; rows], Vec::new()),
        };
        let sample = Sample { f, c, residuals };
        if f < self.best.1 && sample.is_finite() {
            let equality = self.constraints.equality();
            if is_on_target(&equality, &sample.c) {
                self.best = (x.to_vec(), f);
                self.best_violation = largest_violation(&equality, &sample.c);
                self.check_target()?;
            }
        }
        Ok(sample)
    }

    /// The rows of the Jacobian of (f, c) that were given.
    pub fn given_rows(&mut self, x: &[f64]) -> Result<Vec<Option<Vec<f64>>>, Interrupt> {
        let mut rows = vec![None];
        if self.is_analytic() {
            let mut gradient = vec![0.0; x.len()];
            self.gradient(x, &mut gradient)?;
            rows[0] = Some(gradient);
        }
        let has_row = self.constraints.has_row();
        if has_row.contains(&true) {
            self.budget.spent.log.open("Jacobians", &[x]);
            let constraints = &mut self.constraints;
            let flat = jacobian_of(&mut self.budget, "the Jacobian of a constraint", |out| {
                constraints.jacobians(x, out)
            })?;
            let mut given = flat.chunks(x.len()).map(<[f64]>::to_vec);
            rows.extend(
                has_row
                    .iter()
                    .map(|has| has.then(|| given.next().unwrap_or_default())),
            );
        }
        if let Some(flat) = self.residual_jacobian(x)? {
            rows.resize(1 + has_row.len(), None);
            rows.extend(flat.chunks(x.len()).map(|row| Some(row.to_vec())));
        }
        Ok(rows)
    }
}

/// The entries of a given Jacobian, all finite.
pub(super) fn jacobian_of(
    budget: &mut EvaluationBudget,
    function: &'static str,
    call: impl FnOnce(&mut Vec<f64>) -> Result<(), Cause>,
) -> Result<Vec<f64>, Interrupt> {
    let mut flat = Vec::new();
    let done = budget.derivative(&mut flat, call)?;
    done.map_err(failed(function, budget.spent.gradients))?;
    finite(function, &flat)?;
    Ok(flat)
}
