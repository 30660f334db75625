//! Evaluations are counted and limited; a resumed run repeats none.

use crate::interrupt::{Cause, Interrupt};
use crate::replay_log::ReplayLog;
use std::time::Instant;

/// Limits of a run.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub evaluations: usize,
    pub deadline: Option<Instant>,
    pub target: Option<f64>,
}

/// More evaluations than any search or minimality check of a run with a given gradient makes in one iteration: 26
/// points around x, 38 trials, 24 for the noise.
const ITERATION: usize = 256;

/// Counts, limits, and the log that keeps an evaluation from being made twice.
#[derive(Debug)]
pub(crate) struct EvaluationBudget {
    pub evaluations: usize,
    /// Those among them that only showed a resumed run that f is the same.
    pub checks: usize,
    /// Evaluations of a given derivative.
    pub gradients: usize,
    pub limits: Limits,
    pub log: ReplayLog,
    /// Why a call inside of a difference was refused.
    refused: Option<Interrupt>,
}

impl EvaluationBudget {
    pub fn new(limits: Limits) -> Self {
        EvaluationBudget {
            evaluations: 0,
            checks: 0,
            gradients: 0,
            limits,
            log: ReplayLog::default(),
            refused: None,
        }
    }

    /// A new iteration. One that cannot be cut short is not written down when gradients are given: copies of
    /// them would be a good part of the work of a cheap method on many unknowns.
    pub fn next_iteration(&mut self, given: bool) {
        let limits = &self.limits;
        let safe = limits.deadline.is_none() && limits.target.is_none() && self.left() > ITERATION;
        self.log.clear(given && safe);
    }

    /// Evaluations that may be made.
    pub fn left(&self) -> usize {
        self.limits.evaluations.saturating_sub(self.evaluations)
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
        if let Some(known) = self.log.recall() {
            return Ok(Ok(known));
        }
        self.room()?;
        self.evaluations += 1;
        let value = call();
        self.log.write(*value.as_ref().unwrap_or(&f64::NAN));
        Ok(value)
    }

    /// As [`value`](Self::value), for functions of core that take a closure: a refusal looks like a failure of
    /// f, and [`refused`](Self::refused) tells.
    pub fn value_within(
        &mut self,
        call: impl FnOnce() -> Result<f64, Cause>,
    ) -> Result<f64, Cause> {
        match self.value(call) {
            Ok(value) => value,
            Err(interrupt) => Err(self.refuse(interrupt)),
        }
    }

    /// One evaluation of several outputs.
    pub fn values(
        &mut self,
        out: &mut Vec<f64>,
        call: impl FnOnce(&mut Vec<f64>) -> Result<(), Cause>,
    ) -> Result<Result<(), Cause>, Interrupt> {
        if let Some(known) = self.log.recall_many() {
            return Ok(replayed(out, known));
        }
        self.room()?;
        self.evaluations += 1;
        Ok(self.called(out, call))
    }

    /// One evaluation of a given derivative, which only time limits.
    pub fn derivative(
        &mut self,
        out: &mut Vec<f64>,
        call: impl FnOnce(&mut Vec<f64>) -> Result<(), Cause>,
    ) -> Result<Result<(), Cause>, Interrupt> {
        if let Some(known) = self.log.recall_many() {
            return Ok(replayed(out, known));
        }
        self.in_time()?;
        self.gradients += 1;
        Ok(self.called(out, call))
    }

    /// As [`derivative`](Self::derivative), for functions of core that take a closure.
    pub fn derivative_within(
        &mut self,
        out: &mut Vec<f64>,
        call: impl FnOnce(&mut Vec<f64>) -> Result<(), Cause>,
    ) -> Result<(), Cause> {
        match self.derivative(out, call) {
            Ok(done) => done,
            Err(interrupt) => Err(self.refuse(interrupt)),
        }
    }

    /// One evaluation that belongs to no iteration.
    pub fn check(&mut self, call: impl FnOnce() -> f64) -> Result<f64, Interrupt> {
        self.room()?;
        self.evaluations += 1;
        self.checks += 1;
        Ok(call())
    }

    /// Evaluations that the iterations made: the same however a run is sliced.
    pub fn of_iterations(&self) -> usize {
        self.evaluations - self.checks
    }

    /// Why a call was refused since this was asked last.
    pub fn refused(&mut self) -> Option<Interrupt> {
        self.refused.take()
    }

    fn refuse(&mut self, interrupt: Interrupt) -> Cause {
        self.refused = Some(interrupt);
        "a limit of the run was reached".into()
    }

    fn called(
        &mut self,
        out: &mut Vec<f64>,
        call: impl FnOnce(&mut Vec<f64>) -> Result<(), Cause>,
    ) -> Result<(), Cause> {
        out.clear();
        let done = call(out);
        self.log.write_many(done.is_ok().then_some(&out[..]));
        done
    }
}

fn replayed(out: &mut Vec<f64>, known: Option<Vec<f64>>) -> Result<(), Cause> {
    out.clear();
    out.extend(known.ok_or("failed before the run was resumed")?);
    Ok(())
}
