//! The residuals as the solver sees them: counted, limited, replayed where a run goes on.

use super::linear::Linear;
use super::sum_of_squares::{SumOfSquares, whole};
use crate::Error;
use crate::bounds::Bounds;
use crate::evaluator::{Evaluator, Given, GradientSource};
use crate::interrupt::Interrupt;
use crate::loss::Loss;
use crate::problem::{Problem, jacobian_of};
use crate::run::Limited;
use crate::settings::Limits;
use numdiff_core::SparsityPattern;
use std::ops::{Deref, DerefMut};

/// A fit as the solver sees it. Points hold the free parameters alone.
pub(crate) struct ResidualProblem<'e> {
    problem: Problem<'e>,
    /// The sum at which an accepted point ends the run.
    pub target: Option<f64>,
    /// The Jacobian of all parameters, where the caller gave it.
    pub jacobian: Option<Given<'e>>,
    sigma: Option<Vec<f64>>,
    pub loss: Loss,
    /// The standard deviation of the noise of a residual, where the caller knows it.
    pub noise: Option<f64>,
    /// Floors of the parameters' sizes, where the caller knows them.
    pub typical: Option<Vec<f64>>,
    all: Vec<f64>,
    /// The parameters that move.
    pub free: Vec<usize>,
    /// Coordinates that are moved together.
    pub groups: Vec<Vec<usize>>,
    pub pattern: Option<SparsityPattern>,
    /// The pattern of all parameters, those that are fixed included.
    pub whole_pattern: Option<SparsityPattern>,
}

impl<'e> Deref for ResidualProblem<'e> {
    type Target = Problem<'e>;

    fn deref(&self) -> &Self::Target {
        &self.problem
    }
}

impl DerefMut for ResidualProblem<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.problem
    }
}

impl Limited for ResidualProblem<'_> {
    fn next_iteration(&mut self) {
        self.problem.next_iteration();
    }

    fn can_interrupt(&self) -> bool {
        self.problem.can_interrupt()
    }
}

impl<'e> ResidualProblem<'e> {
    /// Within these limits, but for their target, which is for accepted points.
    pub fn new(sum: &'e mut SumOfSquares<'_>, bounds: Bounds, limits: Limits) -> Self {
        let (sigma, loss) = (sum.sigma.clone(), sum.loss);
        let (all, free) = (sum.whole.clone(), sum.free.clone());
        let target = limits.target;
        let limits = Limits {
            target: None,
            ..limits
        };
        let evaluator = Evaluator::new(sum, GradientSource::Adaptive);
        ResidualProblem {
            problem: Problem::new(evaluator, bounds, limits),
            target,
            jacobian: None,
            sigma,
            loss,
            noise: None,
            typical: None,
            all,
            groups: (0..free.len()).map(|k| vec![k]).collect(),
            free,
            pattern: None,
            whole_pattern: None,
        }
    }

    pub fn is_given(&self) -> bool {
        self.jacobian.is_some()
    }

    /// All parameters, where the free ones are `x`.
    pub fn whole(&self, x: &[f64]) -> Vec<f64> {
        whole(&self.all, &self.free, x)
    }

    /// r at a trial point; `None` where it failed, is not finite, or has another length.
    pub fn residuals(&mut self, x: &[f64], m: usize) -> Result<Option<Vec<f64>>, Interrupt> {
        Ok(usable(self.problem.sample(x, false)?.residuals, m))
    }

    /// r at several points, together where the caller can; `None` as for [`residuals`](Self::residuals).
    pub fn round(
        &mut self,
        points: &[Vec<f64>],
        m: usize,
    ) -> Result<Vec<Option<Vec<f64>>>, Interrupt> {
        let samples = self.problem.samples(points)?.into_iter();
        Ok(samples.map(|sample| usable(sample.residuals, m)).collect())
    }

    /// The given Jacobian of the free parameters at x.
    pub fn given(&mut self, x: &[f64], m: usize) -> Result<Linear, Interrupt> {
        let (at, n, function) = (self.whole(x), self.all.len(), "the Jacobian");
        let Some(jacobian) = &mut self.jacobian else {
            unreachable!("asked for a Jacobian that was not given")
        };
        let budget = &mut self.problem.budget;
        budget.spent.log.open("Jacobian", &[x]);
        let entries = jacobian_of(budget, function, |out| jacobian(&at, out))?;
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
        let sigma = self.sigma.as_deref();
        let sigma = |i: usize| sigma.map_or(1.0, |s| s[i]);
        if let (Some(whole), Some(pattern)) = (&self.whole_pattern, &self.pattern) {
            let (starts, indices) = whole.csr();
            let mut values = Vec::with_capacity(pattern.nnz());
            for i in 0..m {
                let row = starts[i]..starts[i + 1];
                let free = row.filter(|&k| self.free.binary_search(&indices[k]).is_ok());
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
            columns: self.free.iter().map(|&j| column(j)).collect(),
        })
    }
}

fn usable(residuals: Vec<f64>, m: usize) -> Option<Vec<f64>> {
    let fits = residuals.len() == m && residuals.iter().all(|r| r.is_finite());
    fits.then_some(residuals)
}
