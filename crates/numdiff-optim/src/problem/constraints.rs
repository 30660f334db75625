//! Evaluations of f together with constraints.

use super::Problem;
use crate::Error;
use crate::budget::EvaluationBudget;
use crate::constraint::{Sample, is_on_target, largest_violation};
use crate::evaluator::SampleFailure;
use crate::interrupt::{Cause, Interrupt};

/// What the log calls an evaluation of f with the constraints.
const SAMPLE: &str = "f and constraints";

impl Problem<'_> {
    /// f and the constraints at the start: one evaluation, whose failure is returned.
    pub fn first_sample(&mut self, x: &[f64]) -> Result<Sample, Interrupt> {
        self.budget.spent.log.open(SAMPLE, &[x]);
        let (mut numbers, mut failure) = (Vec::new(), None);
        let evaluator = &mut self.evaluator;
        let done = self.budget.values(&mut numbers, |out| {
            evaluator.first_sample(x, out).map_err(|found| {
                failure = Some(found);
                "f or a constraint failed".into()
            })
        })?;
        if let Err(source) = done {
            let function = "f or a constraint";
            let failure = failure.unwrap_or(SampleFailure::Cause(function, source));
            return Err(self.failed(failure));
        }
        let groups = numbers[0] as usize;
        let counts: Vec<usize> = numbers[1..=groups].iter().map(|v| *v as usize).collect();
        self.evaluator.constraints.resume(&counts);
        numbers.drain(..=groups);
        self.seen(x, &numbers)
    }

    /// f and the constraints: one evaluation; not finite where one of them fails.
    pub fn sample(&mut self, x: &[f64]) -> Result<Sample, Interrupt> {
        let mut samples = self.samples(&[x.to_vec()])?;
        Ok(samples.swap_remove(0))
    }

    fn failed(&self, failure: SampleFailure) -> Interrupt {
        let evaluation = self.budget.spent.evaluations;
        Interrupt::from(match failure {
            SampleFailure::Cause(function, source) => Error::Function {
                function,
                evaluation,
                source,
            },
            SampleFailure::Count { found, expected } => Error::ConstraintCount {
                evaluation,
                found,
                expected,
            },
        })
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
            let now = match self.evaluator.is_together() {
                true => rest.len().min(self.budget.left()),
                false => 1,
            };
            let all = self.evaluator.samples(&rest[..now])?;
            let all = all.map_err(|failure| self.failed(failure))?;
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

    /// A sample from its numbers; it may be the best so far.
    fn seen(&mut self, x: &[f64], numbers: &[f64]) -> Result<Sample, Interrupt> {
        let f = numbers[0];
        let rows = self.evaluator.constraints.rows().unwrap_or(0);
        let (c, residuals) = match numbers.len() > rows {
            true => (numbers[1..=rows].to_vec(), numbers[1 + rows..].to_vec()),
            false => (vec![f64::NAN; rows], Vec::new()),
        };
        let sample = Sample { f, c, residuals };
        if f < self.best.1 && sample.is_finite() && is_on_target(&self.equality(), &sample.c) {
            self.best = (x.to_vec(), f);
            self.best_violation = largest_violation(&self.equality(), &sample.c);
            self.check_target()?;
        }
        Ok(sample)
    }

    /// Whether each of the constraints is an equality; known after the first evaluation.
    pub fn equality(&self) -> Vec<bool> {
        self.evaluator.constraints.equality()
    }

    /// Numbers that each constraint returns.
    pub fn counts(&self) -> Vec<usize> {
        self.evaluator.constraints.counts()
    }

    /// Goes on with the constraints of a saved run.
    pub fn resume_constraints(&mut self, counts: &[usize]) {
        self.evaluator.constraints.resume(counts);
    }

    /// The rows of the Jacobian of (f, c) that were given.
    pub fn given_rows(&mut self, x: &[f64]) -> Result<Vec<Option<Vec<f64>>>, Interrupt> {
        let mut rows = vec![None];
        if self.is_analytic() {
            let mut gradient = vec![0.0; x.len()];
            self.gradient(x, &mut gradient)?;
            rows[0] = Some(gradient);
        }
        let has_row = self.evaluator.constraints.has_row();
        if has_row.contains(&true) {
            self.budget.spent.log.open("Jacobians", &[x]);
            let evaluator = &mut self.evaluator;
            let flat = jacobian_of(&mut self.budget, "the Jacobian of a constraint", |out| {
                evaluator.constraints.jacobians(x, out)
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
    done.map_err(|source| Error::Function {
        function,
        evaluation: budget.spent.gradients,
        source,
    })?;
    match flat.iter().position(|v| !v.is_finite()) {
        None => Ok(flat),
        Some(index) => Err(Interrupt::from(numdiff_core::Error::NotFinite {
            argument: function,
            index,
            value: flat[index],
        })),
    }
}
