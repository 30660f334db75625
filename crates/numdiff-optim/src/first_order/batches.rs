//! Steps on one batch after the other.

use super::UpdateRule;
use crate::Error;
use crate::budget::EvaluationBudget;
use crate::evaluator::Evaluator;
use crate::interrupt::Interrupt;
use crate::matrix::{difference, norm};
use crate::run::{Iterate, Limited};
use crate::status::{Divergence, Status};
use std::cell::RefCell;

/// The state between two batches.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct BatchDescent {
    pub x: Vec<f64>,
    rule: UpdateRule,
    pub steps: usize,
    /// f of the last batch before its step, the norm of its gradient, the length of the step.
    #[cfg_attr(feature = "serde", serde(skip, default = "nothing"))]
    pub last: [f64; 3],
}

/// Before the first step.
fn nothing() -> [f64; 3] {
    [f64::NAN; 3]
}

impl BatchDescent {
    pub fn new(x: Vec<f64>, rule: UpdateRule) -> Self {
        BatchDescent {
            x,
            rule,
            steps: 0,
            last: nothing(),
        }
    }
}

/// f of one batch after the other.
pub(crate) struct Batches<'c, B, I> {
    pub evaluator: Evaluator<'c, 'c>,
    pub budget: EvaluationBudget,
    pub batches: I,
    /// The batch at hand, fixed for the code that knows functions of x alone.
    pub current: &'c RefCell<Option<B>>,
    /// f itself is evaluated, too.
    pub wants_value: bool,
    /// A batch was begun.
    pub begun: bool,
}

impl<B, I> Limited for Batches<'_, B, I> {
    fn next_iteration(&mut self) {
        // Without another batch, values of one that was cut short are still needed.
        if std::mem::take(&mut self.begun) {
            self.budget
                .next_iteration(self.evaluator.source.is_analytic());
        }
    }

    fn can_interrupt(&self) -> bool {
        !self.budget.spent.log.is_off()
    }
}

impl<B, I> Batches<'_, B, I> {
    fn value(&mut self, x: &[f64]) -> Result<f64, Interrupt> {
        self.budget.spent.log.open("f", &[x]);
        let evaluator = &mut self.evaluator;
        let value = self.budget.value(|| evaluator.value(x))?;
        value.map_err(|source| {
            Interrupt::from(Error::Function {
                function: "f",
                evaluation: self.budget.spent.evaluations,
                source,
            })
        })
    }
}

impl<B, I: Iterator<Item = B>> Iterate<Batches<'_, B, I>> for BatchDescent {
    fn iteration(&self) -> usize {
        self.steps
    }

    fn iterate(
        &mut self,
        problem: &mut Batches<'_, B, I>,
        _: usize,
    ) -> Result<Option<Status>, Interrupt> {
        let Some(batch) = problem.batches.next() else {
            return Ok(Some(Status::OutOfIterations));
        };
        *problem.current.borrow_mut() = Some(batch);
        problem.begun = true;
        let value = match problem.wants_value {
            true => problem.value(&self.x)?,
            false => f64::NAN,
        };
        let at = self.rule.ahead(&self.x).unwrap_or_else(|| self.x.clone());
        let mut gradient = vec![0.0; at.len()];
        let budget = &mut problem.budget;
        problem.evaluator.gradient(&at, &mut gradient, budget)?;
        let before = self.x.clone();
        self.rule.step(self.steps, &mut self.x, &gradient);
        self.steps += 1;
        if self.x.iter().any(|x| !x.is_finite()) {
            self.x = before;
            self.last[0] = value;
            let cause = Divergence::NotFinite;
            return Ok(Some(Status::Diverged {
                iteration: self.steps,
                cause,
            }));
        }
        self.last = [value, norm(&gradient), norm(&difference(&self.x, &before))];
        Ok(None)
    }
}
