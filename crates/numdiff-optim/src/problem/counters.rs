//! What a saved run remembers of its evaluations.

use super::Problem;
use crate::bounds::Bounds;
use crate::budget::Spent;
use crate::error::compatible;
use crate::{Error, Method, Schedule, Search};

/// What the caller asked for: a run is resumed with the same.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Asked {
    pub method: Method,
    pub search: Option<Search>,
    pub schedule: Schedule,
    pub tolerance: Option<f64>,
    /// A fit.
    pub fit: bool,
    /// Over batches.
    pub batches: bool,
    pub constrained: bool,
}

/// What was counted, the best points, and the values of an iteration that was cut short.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct RunCounters {
    pub spent: Spent,
    pub asked: Asked,
    pub bounds: Bounds,
    /// Numbers that each constraint returns.
    pub counts: Vec<usize>,
    pub best: (Vec<f64>, f64),
    /// By how much the best point violates its constraints.
    pub best_violation: f64,
    pub best_before: (Vec<f64>, f64),
}

impl RunCounters {
    /// Another kind of run, another method, other constraints or bounds than those of the saved run are another
    /// problem.
    pub fn fits(&self, asked: &Asked, bounds: &Bounds) -> Result<(), Error> {
        let saved = &self.asked;
        let kind = (saved.fit, saved.batches) == (asked.fit, asked.batches);
        let advice = "resume by the call that the checkpoint is of";
        compatible(
            kind,
            "resume",
            "a checkpoint of another kind of run",
            advice,
        )?;
        let method = [&Method::Automatic, &saved.method].contains(&&asked.method);
        let advice = "leave the method out: the saved one goes on";
        compatible(method, "method", "a checkpoint of another method", advice)?;
        let others = "a checkpoint of a run with others";
        let same = saved.constrained == asked.constrained;
        let advice = "resume with the constraints of the saved run, or start anew from its x";
        compatible(same, "constraints", others, advice)?;
        let advice = "resume with the bounds of the saved run and its fixed parameters, or start anew from its x";
        compatible(*bounds == self.bounds, "bounds", others, advice)
    }
}

impl Problem<'_> {
    /// What is saved with the state of the solver.
    pub fn counters(&self) -> RunCounters {
        let best_before = match self.can_interrupt() {
            true => &self.best_before,
            false => &self.best,
        };
        RunCounters {
            spent: self.budget.spent.clone(),
            asked: self.asked.clone(),
            bounds: self.bounds.clone(),
            counts: self.constraints.counts(),
            best: self.best_seen().clone(),
            best_violation: self.best_violation,
            best_before: best_before.clone(),
        }
    }

    /// Goes on from saved counters: the iteration that was cut short begins anew.
    pub fn resume(&mut self, counters: RunCounters) {
        self.asked = counters.asked;
        self.budget.resume(counters.spent);
        self.constraints.resume(&counters.counts);
        self.best = counters.best_before.clone();
        self.best_before = counters.best_before;
        self.best_saved = Some(counters.best);
        self.best_violation = counters.best_violation;
    }
}
