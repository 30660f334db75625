//! Evaluations are counted and limited; a resumed run repeats none.

use crate::interrupt::{Cause, Interrupt};
use crate::replay_log::ReplayLog;
use crate::settings::Limits;
use std::time::Instant;

/// More evaluations than a search and a minimality check of a run with a given gradient make in one iteration: this
/// many,
const ITERATION: usize = 512;
/// and so many for each unknown.
const FOR_EACH_UNKNOWN: usize = 8;

/// What was evaluated, and the log that keeps an evaluation from being made twice: it is saved with a run.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Spent {
    pub evaluations: usize,
    /// Those among them that only showed a resumed run that f is the same.
    pub checks: usize,
    /// Evaluations of a given derivative.
    pub gradients: usize,
    pub log: ReplayLog,
}

/// Counts and limits.
#[derive(Debug)]
pub(crate) struct EvaluationBudget {
    pub spent: Spent,
    pub limits: Limits,
    /// Why a call inside of a difference was refused.
    refused: Option<Interrupt>,
}

impl EvaluationBudget {
    pub fn new(limits: Limits) -> Self {
        EvaluationBudget {
            spent: Spent::default(),
            limits,
            refused: None,
        }
    }

    /// Goes on from a saved run: the iteration that was cut short begins anew.
    pub fn resume(&mut self, spent: Spent) {
        self.spent = spent;
        self.spent.log.rewind();
    }

    /// A new iteration. One that cannot be cut short is not written down when gradients are given: copies of
    /// them would be a good part of the work of a cheap method on many unknowns.
    pub fn next_iteration(&mut self, given: bool, unknowns: usize) {
        let limits = &self.limits;
        let most = ITERATION + FOR_EACH_UNKNOWN * unknowns;
        let safe = limits.deadline.is_none() && limits.target.is_none() && self.left() > most;
        self.spent.log.clear(given && safe);
    }

    /// Evaluations that may be made.
    pub fn left(&self) -> usize {
        self.limits
            .evaluations
            .saturating_sub(self.spent.evaluations)
    }

    pub fn in_time(&self) -> Result<(), Interrupt> {
        match self.limits.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(Interrupt::Time),
            _ => Ok(()),
        }
    }

    /// Room for one more evaluation.
    pub fn room(&self) -> Result<(), Interrupt> {
        if self.left() == 0 {
            return Err(Interrupt::Evaluations);
        }
        self.in_time()
    }

    /// One evaluation of f, or its value in the log, where a failure is NaN.
    pub fn value(
        &mut self,
        call: impl FnOnce() -> Result<f64, Cause>,
    ) -> Result<Result<f64, Cause>, Interrupt> {
        if let Some(known) = self.spent.log.recall() {
            return Ok(Ok(known));
        }
        self.room()?;
        self.spent.evaluations += 1;
        let value = call();
        self.spent.log.write(*value.as_ref().unwrap_or(&f64::NAN));
        Ok(value)
    }

    /// What [`value`](Self::value) or [`derivative`](Self::derivative) returned, for functions of core that take a
    /// closure: a refusal looks like a failure of f, and [`refused`](Self::refused) tells.
    pub fn within<T>(&mut self, done: Result<Result<T, Cause>, Interrupt>) -> Result<T, Cause> {
        done.unwrap_or_else(|interrupt| {
            self.refused = Some(interrupt);
            Err("a limit of the run was reached".into())
        })
    }

    /// One evaluation of a given derivative, which only time limits.
    pub fn derivative(
        &mut self,
        out: &mut Vec<f64>,
        call: impl FnOnce(&mut Vec<f64>) -> Result<(), Cause>,
    ) -> Result<Result<(), Cause>, Interrupt> {
        out.clear();
        if let Some(known) = self.spent.log.recall_many() {
            let known = known.ok_or("failed before the run was resumed");
            return Ok(known.map(|known| out.extend(known)).map_err(Into::into));
        }
        self.in_time()?;
        self.spent.gradients += 1;
        let done = call(out);
        self.spent.log.write_many(done.is_ok().then_some(&out[..]));
        Ok(done)
    }

    /// One evaluation that belongs to no iteration.
    pub fn check(&mut self, call: impl FnOnce() -> f64) -> Result<f64, Interrupt> {
        self.room()?;
        self.spent.evaluations += 1;
        self.spent.checks += 1;
        Ok(call())
    }

    /// Evaluations that the iterations made: the same however a run is sliced.
    pub fn of_iterations(&self) -> usize {
        self.spent.evaluations - self.spent.checks
    }

    /// Why a call was refused since this was asked last.
    pub fn refused(&mut self) -> Option<Interrupt> {
        self.refused.take()
    }
}
