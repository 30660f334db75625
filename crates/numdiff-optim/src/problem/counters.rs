//! What a saved run remembers of its evaluations.

use super::Problem;
use crate::Method;
use crate::budget::Spent;
use crate::run::Limited;

/// What was counted, the best points, and the values of an iteration that was cut short.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct RunCounters {
    pub spent: Spent,
    /// What the caller chose.
    pub method: Method,
    /// The box; empty without bounds.
    pub bounds: (Vec<f64>, Vec<f64>),
    best: (Vec<f64>, f64),
    best_before: (Vec<f64>, f64),
}

impl Problem<'_> {
    /// What is saved with the state of the solver.
    pub fn counters(&self) -> RunCounters {
        let (lower, upper) = self.bounds.slices().unwrap_or_default();
        let best_before = match self.can_interrupt() {
            true => &self.best_before,
            false => &self.best,
        };
        RunCounters {
            spent: self.budget.spent.clone(),
            method: self.method.clone(),
            bounds: (lower.to_vec(), upper.to_vec()),
            best: self.best_seen().clone(),
            best_before: best_before.clone(),
        }
    }

    /// Goes on from saved counters: the iteration that was cut short begins anew.
    pub fn resume(&mut self, counters: RunCounters) {
        self.method = counters.method;
        self.budget.resume(counters.spent);
        self.best = counters.best_before.clone();
        self.best_before = counters.best_before;
        self.best_saved = Some(counters.best);
    }
}
