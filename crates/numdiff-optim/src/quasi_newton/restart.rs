//! A run that gets nowhere begins again without the curvature start.
//!
//! A start that is symmetric in some unknowns, or a valley that leads to infinity, may keep a run from the minimum: f falls, but
//! by next to nothing, iteration after iteration. The second attempt takes another way because its first Hessian is another.

use super::{Check, QuasiNewton};
use crate::interrupt::Interrupt;
use crate::problem::Problem;
use crate::status::Status;

/// Iterations over which a run must gain a share of f, for each unknown and one more.
const WINDOW: usize = 10;
/// That share.
const SHARE: f64 = 0.02;

/// Where the run began, and how it goes on.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Attempt {
    pub start: Vec<f64>,
    /// The iteration at which this attempt began.
    pub first: usize,
    /// The iteration and the value when progress was measured last.
    measured: usize,
    value: f64,
    pub kind: Kind,
    /// Whether it has begun anew where it was.
    pub afresh: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Kind {
    /// With second differences after the first step.
    First,
    /// Without.
    Plain,
    /// The better of both, to its end.
    Best,
}

impl Attempt {
    pub fn new(start: &[f64], value: f64) -> Self {
        Attempt {
            start: start.to_vec(),
            first: 0,
            measured: 0,
            value,
            kind: Kind::First,
            afresh: false,
        }
    }
}

impl QuasiNewton {
    /// Steps taken in this attempt.
    pub(super) fn steps(&self) -> usize {
        self.iteration - self.attempt.first
    }

    /// Whether f fell by next to nothing since that was measured last, a number of iterations ago.
    fn is_slow(&mut self) -> bool {
        if self.iteration < self.attempt.measured + WINDOW * (self.x.len() + 1) {
            return false;
        }
        let before = std::mem::replace(&mut self.attempt.value, self.f);
        self.attempt.measured = self.iteration;
        before - self.f < SHARE * self.f.abs()
    }

    /// Begins anew where the run is slow; true where it did.
    pub(super) fn begin_again(&mut self, problem: &mut Problem<'_>) -> Result<bool, Interrupt> {
        let may = !problem.is_analytic()
            && self.attempt.kind != Kind::Best
            && !self.noise.is_large(self.f);
        if !may || !self.is_slow() {
            return Ok(false);
        }
        if self.attempt.kind == Kind::Plain {
            return self.go_on_from_best(problem);
        }
        let (start, value) = (self.attempt.start.clone(), self.start_value);
        let mut next = Self::start(start, value, self.tolerance, problem)?;
        next.iteration = self.iteration;
        next.attempt.first = self.iteration;
        next.attempt.measured = self.iteration;
        next.attempt.kind = Kind::Plain;
        *self = next;
        Ok(true)
    }

    /// Begins anew at x, where no search succeeds though more is left than counts: once in an attempt.
    pub(super) fn begin_here(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        let next = Self::start(self.x.clone(), self.f, self.tolerance, problem)?;
        let before = std::mem::replace(self, next);
        (self.iteration, self.start_value) = (before.iteration, before.start_value);
        self.checks = before.checks;
        self.attempt = Attempt {
            first: before.iteration,
            measured: before.iteration,
            value: self.f,
            afresh: true,
            ..before.attempt
        };
        Ok(())
    }

    /// From the lower of both attempts; false where that is where the run is.
    fn go_on_from_best(&mut self, problem: &mut Problem<'_>) -> Result<bool, Interrupt> {
        self.attempt.kind = Kind::Best;
        if !(problem.best.1 < self.f) {
            return Ok(false);
        }
        (self.x, self.f) = problem.best.clone();
        self.last_step = f64::INFINITY;
        self.failed_searches = 0;
        self.check = Check::Due;
        self.forget_surroundings();
        self.restart_from_diagonal();
        self.recenter(problem)?;
        Ok(true)
    }

    /// The end of a second attempt that is higher than the first was is none.
    pub(super) fn ends(
        &mut self,
        problem: &mut Problem<'_>,
        status: Status,
    ) -> Result<Option<Status>, Interrupt> {
        let second = self.attempt.kind == Kind::Plain;
        if second && self.knows_lower(problem) && self.go_on_from_best(problem)? {
            return Ok(None);
        }
        Ok(Some(status))
    }
}
