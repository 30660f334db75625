//! Ends that are no minima are tried again from the start with shorter first steps.

use super::LevenbergMarquardt;
use crate::interrupt::Interrupt;
use crate::problem::Problem;
use crate::status::Status;

/// The first radii of the second and the third attempt, in units of |D x|.
const FACTORS: [f64; 2] = [1.0, 0.05];
/// Evaluations of a further attempt, for each parameter and one more.
const EVALUATIONS: usize = 100;

/// The start, and the best of the attempts so far.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Retry {
    start: Vec<f64>,
    attempts: usize,
    /// Evaluations at which the attempt ends.
    until: usize,
    /// Evaluations when the last iteration ended: the same however a run is sliced, unlike those within an iteration,
    /// of which a resumed run knows some beforehand.
    counted: usize,
    best: Option<Box<(LevenbergMarquardt, Status)>>,
}

impl Retry {
    pub fn new(start: &[f64]) -> Self {
        Retry {
            start: start.to_vec(),
            attempts: 0,
            until: usize::MAX,
            counted: 0,
            best: None,
        }
    }
}

impl LevenbergMarquardt {
    /// An iteration ended after so many evaluations.
    pub(super) fn count(&mut self, evaluations: usize) {
        self.retry.counted = evaluations;
    }

    /// An end that is no minimum: the next attempt, or the best of all.
    pub(super) fn try_again(
        &mut self,
        problem: &mut Problem<'_>,
        status: Status,
    ) -> Result<Option<Status>, Interrupt> {
        let mut retry = std::mem::replace(&mut self.retry, Retry::new(&[]));
        let lower = |best: &(LevenbergMarquardt, Status)| self.value < best.0.value;
        if retry.best.as_deref().is_none_or(lower) {
            retry.best = Some(Box::new((self.clone(), status)));
        }
        let m = self.residuals.len();
        while let Some(&factor) = FACTORS.get(retry.attempts) {
            retry.attempts += 1;
            retry.until = retry.counted + EVALUATIONS * (self.x.len() + 1);
            let start = retry.start.clone();
            let Some(residuals) = problem.residuals(&start, m)? else {
                continue;
            };
            let fit = self.fit.clone();
            let mut next = Self::start(fit, start, residuals, self.tolerance, factor, problem)?;
            next.iteration = self.iteration;
            next.retry = retry;
            *self = next;
            return Ok(None);
        }
        Ok(retry.best.map(|best| self.end_as(*best)))
    }

    /// The best attempt, where the one at hand takes too long.
    pub(super) fn end_of_retry(&mut self) -> Option<Status> {
        if self.retry.counted < self.retry.until {
            return None;
        }
        let best = self.retry.best.take()?;
        Some(self.end_as(*best))
    }

    fn end_as(&mut self, (state, status): (LevenbergMarquardt, Status)) -> Status {
        let iteration = self.iteration;
        if state.value <= self.value {
            *self = state;
        }
        self.iteration = iteration;
        status
    }
}
