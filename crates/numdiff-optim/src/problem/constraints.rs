//! Evaluations of f together with constraints.

use super::Problem;
use crate::Error;
use crate::constraint::{Sample, is_on_target, largest_violation};
use crate::evaluator::SampleFailure;
use crate::interrupt::Interrupt;

impl Problem<'_> {
    /// f and the constraints: one evaluation. `strict` returns a failure, which is not finite otherwise.
    pub fn sample(&mut self, x: &[f64], strict: bool) -> Result<Sample, Interrupt> {
        self.budget.log.open("f and constraints", &[x]);
        let (mut numbers, mut failure) = (Vec::new(), None);
        let evaluator = &mut self.evaluator;
        let done = self.budget.values(&mut numbers, |out| {
            evaluator.sample(x, strict, out).map_err(|found| {
                failure = Some(found);
                "f or a constraint failed".into()
            })
        })?;
        if let Err(source) = done {
            let evaluation = self.budget.evaluations;
            return Err(Interrupt::from(match failure {
                Some(SampleFailure::Cause(function, source)) => Error::Function {
                    function,
                    evaluation,
                    source,
                },
                Some(SampleFailure::Count { found, expected }) => Error::ConstraintCount {
                    evaluation,
                    found,
                    expected,
                },
                None => Error::Function {
                    function: "f or a constraint",
                    evaluation,
                    source,
                },
            }));
        }
        if strict {
            let groups = numbers[0] as usize;
            let counts: Vec<usize> = numbers[1..=groups].iter().map(|v| *v as usize).collect();
            self.evaluator.constraints.resume(&counts);
            numbers.drain(..=groups);
        }
        let f = numbers[0];
        let mut c = numbers.split_off(1);
        if let Some(rows) = self.evaluator.constraints.rows()
            && c.is_empty()
        {
            c.resize(rows, f64::NAN);
        }
        let sample = Sample { f, c };
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
            self.budget.log.open("Jacobians", &[x]);
            let (mut flat, evaluator) = (Vec::new(), &mut self.evaluator);
            let done = self
                .budget
                .derivative(&mut flat, |out| evaluator.constraints.jacobians(x, out))?;
            done.map_err(|source| Error::Function {
                function: "the Jacobian of a constraint",
                evaluation: self.budget.gradients,
                source,
            })?;
            if let Some(index) = flat.iter().position(|v| !v.is_finite()) {
                let (argument, value) = ("the Jacobian of a constraint", flat[index]);
                return Err(Interrupt::from(numdiff_core::Error::NotFinite {
                    argument,
                    index,
                    value,
                }));
            }
            let mut given = flat.chunks(x.len()).map(<[f64]>::to_vec);
            rows.extend(
                has_row
                    .iter()
                    .map(|has| has.then(|| given.next().unwrap_or_default())),
            );
        }
        Ok(rows)
    }
}
