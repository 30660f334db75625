//! The residuals as the solver sees them: counted, limited, replayed where a run goes on.

use super::evaluator::Evaluator;
use super::linear::Linear;
use crate::Error;
use crate::bounds::Bounds;
use crate::budget::EvaluationBudget;
use crate::interrupt::{Cause, Interrupt};
use crate::loss::Loss;
use crate::run::Limited;
use crate::same_function::check_same_function;
use numdiff_core::SparsityPattern;

/// A fit as the solver sees it: residuals that are counted and limited. Points hold the free parameters alone.
pub(crate) struct ResidualProblem<'e, 'r, 'a> {
    pub evaluator: &'e mut Evaluator<'r, 'a>,
    pub bounds: Bounds,
    pub budget: EvaluationBudget,
    pub loss: Loss,
    /// The standard deviation of the noise of a residual, where the caller knows it.
    pub noise: Option<f64>,
    /// Floors of the parameters' sizes, where the caller knows them.
    pub typical: Option<Vec<f64>>,
    /// Coordinates that are moved together.
    pub groups: Vec<Vec<usize>>,
    pub pattern: Option<SparsityPattern>,
    /// The pattern of all parameters, those that are fixed included.
    pub whole_pattern: Option<SparsityPattern>,
}

impl Limited for ResidualProblem<'_, '_, '_> {
    fn next_iteration(&mut self) {
        self.budget.next_iteration(false);
    }

    fn can_interrupt(&self) -> bool {
        true
    }
}

impl ResidualProblem<'_, '_, '_> {
    pub fn is_given(&self) -> bool {
        self.evaluator.given.is_some()
    }

    /// r(x); `Err` inside is what r said.
    pub fn first(&mut self, x: &[f64], out: &mut Vec<f64>) -> Result<Result<(), Cause>, Interrupt> {
        self.budget.spent.log.open("residuals", &[x]);
        let evaluator = &mut self.evaluator;
        self.budget.values(out, |out| evaluator.value(x, out))
    }

    /// Refuses other residuals than those of the saved fit, whose value was `value` at x.
    pub fn check_same_function(
        &mut self,
        x: &[f64],
        value: f64,
        noise: f64,
    ) -> Result<(), Interrupt> {
        let (budget, evaluator, loss) = (&mut self.budget, &mut self.evaluator, self.loss);
        check_same_function(value, noise, || {
            budget.check(|| {
                let mut residuals = Vec::new();
                match evaluator.value(x, &mut residuals) {
                    Ok(()) => loss.value(&residuals),
                    Err(_) => f64::NAN,
                }
            })
        })
    }

    /// r at a trial point; `None` where it failed, is not finite, or has another length.
    pub fn residuals(&mut self, x: &[f64], m: usize) -> Result<Option<Vec<f64>>, Interrupt> {
        let mut out = Vec::new();
        let known = self.first(x, &mut out)?;
        Ok(known.ok().map(|()| out).and_then(|r| usable(r, m)))
    }

    /// r at several points, together where the caller can; `None` as for [`residuals`](Self::residuals).
    pub fn round(
        &mut self,
        points: &[Vec<f64>],
        m: usize,
    ) -> Result<Vec<Option<Vec<f64>>>, Interrupt> {
        let parts: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
        self.budget.spent.log.open("round", &parts);
        let mut all: Vec<Option<Vec<f64>>> = Vec::with_capacity(points.len());
        while all.len() < points.len() {
            match self.budget.spent.log.recall_many() {
                Some(known) => all.push(known.and_then(|r| usable(r, m))),
                None => break,
            }
        }
        let rest = &points[all.len()..];
        let now = rest.len().min(self.budget.left());
        if now > 1 && self.evaluator.residuals.is_together() {
            self.budget.in_time()?;
            let values = self.evaluator.many(&rest[..now]);
            if values.len() != now {
                return Err(Interrupt::from(numdiff_core::Error::Length {
                    argument: "the residuals of the batch",
                    found: values.len(),
                    expected: now,
                }));
            }
            self.budget.spent.evaluations += now;
            for value in values {
                self.budget.spent.log.write_many(value.as_deref());
                all.push(value.and_then(|r| usable(r, m)));
            }
            return match now < rest.len() {
                true => Err(Interrupt::Evaluations),
                false => Ok(all),
            };
        }
        for x in rest {
            let (mut out, evaluator) = (Vec::new(), &mut self.evaluator);
            let known = self
                .budget
                .values(&mut out, |out| evaluator.value(x, out))?;
            all.push(known.ok().map(|()| out).and_then(|r| usable(r, m)));
        }
        Ok(all)
    }

    /// The given Jacobian of the free parameters at x.
    pub fn given(&mut self, x: &[f64], m: usize) -> Result<Linear, Interrupt> {
        self.budget.spent.log.open("Jacobian", &[x]);
        let (mut entries, evaluator) = (Vec::new(), &mut self.evaluator);
        let done = self
            .budget
            .derivative(&mut entries, |out| evaluator.jacobian(x, out))?;
        let function = "the Jacobian";
        done.map_err(|source| Error::Function {
            function,
            evaluation: self.budget.spent.gradients,
            source,
        })?;
        let n = self.evaluator.whole.len();
        let expected = match &self.whole_pattern {
            Some(pattern) => pattern.nnz(),
            None => m * n,
        };
        if entries.len() != expected {
            return Err(Interrupt::from(Error::Elements {
                function,
                found: entries.len(),
                expected,
            }));
        }
        if let Some(index) = entries.iter().position(|entry| !entry.is_finite()) {
            return Err(Interrupt::from(numdiff_core::Error::NotFinite {
                argument: function,
                index,
                value: entries[index],
            }));
        }
        let sigma = self.evaluator.sigma.as_deref();
        let sigma = |i: usize| sigma.map_or(1.0, |s| s[i]);
        if let (Some(whole), Some(pattern)) = (&self.whole_pattern, &self.pattern) {
            let (starts, indices) = whole.csr();
            let mut values = Vec::with_capacity(pattern.nnz());
            for i in 0..m {
                let row = starts[i]..starts[i + 1];
                let free = row.filter(|&k| self.evaluator.free.binary_search(&indices[k]).is_ok());
                values.extend(free.map(|k| entries[k] / sigma(i)));
            }
            return Ok(Linear::Sparse {
                pattern: pattern.clone(),
                values,
            });
        }
        let entry = |i: usize, j: usize| entries[i * n + j] / sigma(i);
        let column = |j: usize| (0..m).map(|i| entry(i, j)).collect();
        Ok(Linear::Dense {
            m,
            columns: self.evaluator.free.iter().map(|&j| column(j)).collect(),
        })
    }
}

fn usable(residuals: Vec<f64>, m: usize) -> Option<Vec<f64>> {
    let fits = residuals.len() == m && residuals.iter().all(|r| r.is_finite());
    fits.then_some(residuals)
}
