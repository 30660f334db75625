//! Whether an infeasible point is one of least violation: the gradients of the constraints do not tell it from a saddle or
//! a maximum of the violations, at which they vanish or cancel, too.

use super::point::Point;
use super::sqp::{FEASIBLE, Sqp};
use crate::constraint::violation;
use crate::interrupt::Interrupt;
use crate::kink::spread;
use crate::problem::Problem;
use crate::status::Status;

/// Distance of the points that are looked at, in sizes of the unknowns.
const DISTANCE: f64 = 0.1;
/// Lines through all unknowns.
const LINES: usize = 3;
/// A sum of violations that is lower by this share of it is lower.
const LOWER: f64 = 1e-5;
/// And by so many noises.
const CHANCE: f64 = 100.0;
/// Points that may be left for one that is violated less.
const LEFT: u32 = 5;

impl Sqp {
    /// The end at a point of least violation, or `None` where a point around it violates less: the run goes on there.
    pub(super) fn end_infeasible(
        &mut self,
        problem: &mut Problem<'_>,
    ) -> Result<Option<Status>, Interrupt> {
        if self.freed < LEFT
            && let Some(lower) = self.less_violated(problem)?
        {
            self.freed += 1;
            self.failed_searches = 0;
            return self.move_to(problem, lower);
        }
        Ok(Some(self.infeasible()))
    }

    /// The least violated point on lines through all unknowns.
    fn less_violated(&self, problem: &mut Problem<'_>) -> Result<Option<Point>, Interrupt> {
        let now = self.point.total_violation(&self.equality);
        let noise = self.noise.iter().flat_map(|noise| &noise[1..]).sum::<f64>();
        let mut least = now - LOWER * now - CHANCE * noise;
        let mut found = None;
        for k in 1..=LINES {
            let line: Vec<f64> = (0..self.size.len()).map(|i| spread(i, k)).collect();
            for far in [-DISTANCE, DISTANCE] {
                let Some(x) = self.displaced(&line, far) else {
                    continue;
                };
                let trial = self.evaluate(x, problem)?;
                let total = trial.total_violation(&self.equality);
                if trial.is_finite() && total < least && self.keeps_linear(&trial) {
                    (least, found) = (total, Some(trial));
                }
            }
        }
        Ok(found)
    }

    /// Whether the linear constraints hold there as they do at x.
    fn keeps_linear(&self, trial: &Point) -> bool {
        (self.shape.equality.len()..self.equality.len()).all(|j| {
            let by = |point: &Point| violation(self.equality[j], point.c[j]);
            by(trial) <= by(&self.point).max(FEASIBLE)
        })
    }
}
