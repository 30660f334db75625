//! Steps on one batch after the other.

use super::UpdateRule;
use crate::interrupt::Interrupt;
use crate::matrix::{difference, norm};
use crate::problem::Problem;
use crate::status::{Divergence, Status};

/// The state between two batches.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct BatchDescent {
    pub x: Vec<f64>,
    rule: UpdateRule,
    pub steps: usize,
    /// Whether f is evaluated where a step begins.
    values: bool,
    /// f of the last batch before its step, its gradient there, the length of the step.
    pub value: f64,
    pub gradient: Vec<f64>,
    pub last_step: f64,
}

impl BatchDescent {
    pub fn new(x: Vec<f64>, rule: UpdateRule, values: bool) -> Self {
        BatchDescent {
            gradient: vec![f64::NAN; x.len()],
            x,
            rule,
            steps: 0,
            values,
            value: f64::NAN,
            last_step: f64::NAN,
        }
    }

    pub fn iterate(&mut self, problem: &mut Problem<'_>) -> Result<Option<Status>, Interrupt> {
        problem.next_batch()?;
        if self.values {
            self.value = problem.first(&self.x)?;
        }
        let at = self.rule.ahead(&self.x).unwrap_or_else(|| self.x.clone());
        problem.gradient(&at, &mut self.gradient)?;
        let before = self.x.clone();
        self.rule.step(self.steps, &mut self.x, &self.gradient);
        self.steps += 1;
        if self.x.iter().any(|x| !x.is_finite()) {
            self.x = before;
            return Ok(Some(Divergence::NotFinite.at(self.steps)));
        }
        self.last_step = norm(&difference(&self.x, &before));
        Ok(None)
    }
}
