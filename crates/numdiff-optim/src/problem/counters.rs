//! What a saved run remembers of its evaluations.

use super::Problem;
use crate::Method;
use crate::replay_log::ReplayLog;
use crate::run::Limited;

/// What was counted, the best points, and the values of an iteration that was cut short.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct RunCounters {
    pub evaluations: usize,
    checks: usize,
    /// What the caller chose.
    pub method: Method,
    /// The box; empty without bounds.
    pub bounds: (Vec<f64>, Vec<f64>),
    gradient_evaluations: usize,
    best: (Vec<f64>, f64),
    best_before: (Vec<f64>, f64),
    log: ReplayLog,
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
            evaluations: self.budget.evaluations,
            checks: self.budget.checks,
            gradient_evaluations: self.budget.gradients,
            method: self.method.clone(),
            bounds: (lower.to_vec(), upper.to_vec()),
            best: self.best_seen().clone(),
            best_before: best_before.clone(),
            log: self.budget.log.clone(),
        }
    }

    /// Goes on from saved counters: the iteration that was cut short begins anew.
    pub fn resume(&mut self, counters: RunCounters) {
        self.method = counters.method;
        self.budget.evaluations = counters.evaluations;
        self.budget.checks = counters.checks;
        self.budget.gradients = counters.gradient_evaluations;
        self.budget.log = counters.log;
        self.budget.log.rewind();
        self.best = counters.best_before.clone();
        self.best_before = counters.best_before;
        self.best_saved = Some(counters.best);
    }
}
