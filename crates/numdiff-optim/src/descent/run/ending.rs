//! Whether a run is over, and what is claimed of its end.

use super::DescentRun;
use crate::convergence::Verdict;
use crate::interrupt::Interrupt;
use crate::matrix::norm;
use crate::minimality_check::{LEAST, blind};
use crate::problem::Problem;
use crate::status::{Stall, Status, Test};

impl DescentRun {
    /// Forget the past, then sharpen the gradient, then give up and say what is known.
    pub(super) fn after_failed_search(
        &mut self,
        problem: &mut Problem<'_>,
        slope: f64,
    ) -> Result<Option<Status>, Interrupt> {
        if self.failed_searches < 2 && !self.state.gradients.best {
            self.sharpen(problem)?;
        }
        self.failed_searches += 1;
        self.last = None;
        self.radius = self.radius.max(1e-3 * norm(&self.state.x).max(1e-3));
        if self.failed_searches <= 2 {
            self.descent.reset();
            return Ok(None);
        }
        if let Some(status) = blind(&self.state.error) {
            return Ok(Some(status));
        }
        let relative = self.state.relative_gradient(problem);
        // Where differences of f end to tell the slope: the root of the rounding for curvatures of the
        // order of f, or a promised decrease near the rounding of f.
        let (f, start) = (self.state.f.abs(), self.state.start_value.abs());
        let rounding = 1e-13 * f.max(start.min(1.0));
        if !(relative <= 10.0 * f64::EPSILON.sqrt() || self.promise <= rounding) {
            let cause = Stall::Search { predicted: -slope };
            return Ok(Some(Status::Stalled { cause }));
        }
        let before = self.state.x.clone();
        let verdict = self.check_at_both_scales(problem)?;
        self.forget_unless_at(&before);
        if matches!(verdict, Verdict::Again(_)) {
            self.failed_searches = 0;
        }
        let predicted = -slope;
        let test = Test::Rounding { predicted };
        Ok(self.state.end(problem, verdict, test, predicted))
    }

    /// The best gradient there is at x, and from here on.
    fn sharpen(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        self.state.gradients.sharpen();
        self.state.differentiate(problem)
    }

    /// The gradient test, verified: `Some(None)` when x moved on instead of stopping.
    pub(super) fn converged(
        &mut self,
        problem: &mut Problem<'_>,
    ) -> Result<Option<Option<Status>>, Interrupt> {
        let relative = self.state.relative_gradient(problem);
        if !(relative <= self.state.threshold) {
            return Ok(None);
        }
        if !self.state.gradients.best {
            self.sharpen(problem)?;
            return Ok(Some(None));
        }
        let before = self.state.x.clone();
        let end = self.state.verify(problem, relative)?;
        self.forget_unless_at(&before);
        Ok(Some(end))
    }

    /// What was learned elsewhere is of no use where a check has moved x to.
    fn forget_unless_at(&mut self, x: &[f64]) {
        if self.state.x != x {
            self.descent.reset();
            self.last = None;
        }
    }

    /// Where no search succeeds, an unknown that is smaller than usual may be one of a small unit: a check at its own scale,
    /// too.
    fn check_at_both_scales(&mut self, problem: &mut Problem<'_>) -> Result<Verdict, Interrupt> {
        let verdict = self.state.check(problem, LEAST)?;
        let small = self.state.x.iter().any(|x| *x != 0.0 && x.abs() < LEAST);
        if !(small && matches!(verdict, Verdict::Holds(..))) {
            return Ok(verdict);
        }
        match self.state.check(problem, 0.0)? {
            Verdict::Flat(_) => Ok(verdict),
            other => Ok(other),
        }
    }
}
