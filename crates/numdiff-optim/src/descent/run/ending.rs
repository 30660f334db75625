//! Whether a run is over, and what is claimed of its end.

use super::DescentRun;
use crate::convergence::{Tested, Verdict};
use crate::interrupt::Interrupt;
use crate::matrix::norm;
use crate::minimality_check::{LEAST, blind, decrease, sizes_of};
use crate::noise::ecnoise;
use crate::problem::Problem;
use crate::status::{Stall, Status, Test};

/// Where differences of f end to tell the slope, for curvatures of the order of f: ten roots of the rounding.
const BLURRED: f64 = 1.5e-7;
/// A promised decrease of this share of f is near its rounding.
const ROUNDING: f64 = 1e-13;

impl DescentRun {
    /// Forget the past, then sharpen the gradient, then give up and say what is known.
    pub(super) fn after_failed_search(
        &mut self,
        problem: &mut Problem<'_>,
        slope: f64,
    ) -> Result<Option<Status>, Interrupt> {
        if self.failed_searches < 2 && !self.state.gradients.best {
            self.state.sharpen(problem)?;
        }
        self.failed_searches += 1;
        self.last = None;
        self.radius = self.radius.max(1e-3 * norm(&self.state.at.x).max(1e-3));
        if self.failed_searches <= 2 {
            self.descent.reset();
            return Ok(None);
        }
        if let Some(status) = blind(&self.state.at.error) {
            return Ok(Some(status));
        }
        let before = self.state.at.x.clone();
        let all = vec![true; before.len()];
        if self.state.looks_closer(problem, all)? {
            self.failed_searches = 0;
            self.forget_unless_at(&before);
            return Ok(None);
        }
        let mut verdict = self.check_at_both_scales(problem)?;
        self.forget_unless_at(&before);
        if matches!(verdict, Verdict::Again(_)) {
            self.failed_searches = 0;
        }
        let mut predicted = -slope;
        if let Verdict::Holds { level, scale, left } = &mut verdict {
            *level = level.max(self.noise(problem)?);
            // What the model promised where the first search failed; without one, as at a start, what the check saw.
            predicted = if self.promise.is_finite() {
                self.promise
            } else {
                *left
            };
            let rounding =
                (ROUNDING * self.state.at.f.abs()).max(decrease(self.state.tolerance) * *scale);
            let relative = self.state.relative_gradient(problem);
            if !(relative <= BLURRED || predicted <= rounding) {
                return Ok(Some(Stall::Search { predicted }.status()));
            }
        }
        let test = Test::Rounding { predicted };
        Ok(self.state.end(problem, verdict, test, predicted))
    }

    /// The absolute noise of f at x, along a line that moves every unknown by the same share of its size.
    fn noise(&self, problem: &mut Problem<'_>) -> Result<f64, Interrupt> {
        let (x, f) = (&self.state.at.x, self.state.at.f);
        let sizes = sizes_of(x);
        problem.around(|value, bounds| ecnoise(f, 1.0, |t| value(&bounds.along(x, &sizes, t))))
    }

    pub(super) fn converged(&mut self, problem: &mut Problem<'_>) -> Result<Tested, Interrupt> {
        if !self.state.passes(problem) {
            return Ok(Tested::Open);
        }
        let before = self.state.at.x.clone();
        let tested = self.state.converged(problem)?;
        self.forget_unless_at(&before);
        Ok(tested)
    }

    /// What was learned elsewhere is of no use where a check has moved x to.
    fn forget_unless_at(&mut self, x: &[f64]) {
        if self.state.at.x != x {
            self.descent.reset();
            self.last = None;
        }
    }

    /// Where no search succeeds, an unknown that is smaller than usual may be one of a small unit: a check at its own
    /// scale, too.
    fn check_at_both_scales(&mut self, problem: &mut Problem<'_>) -> Result<Verdict, Interrupt> {
        let verdict = self.state.check(problem, &sizes_of(&self.state.at.x))?;
        let (x, reach) = (&self.state.at.x, &self.state.gradients.reach);
        let small = |i: usize| x[i] != 0.0 && reach.limit(i, x[i].abs()) < LEAST;
        if !((0..x.len()).any(small) && matches!(verdict, Verdict::Holds { .. })) {
            return Ok(verdict);
        }
        let own: Vec<f64> = (0..x.len()).map(|i| reach.limit(i, x[i].abs())).collect();
        match self.state.check(problem, &own)? {
            Verdict::Flat(_) => Ok(verdict),
            other => Ok(other),
        }
    }
}
