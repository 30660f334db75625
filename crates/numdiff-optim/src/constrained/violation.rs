//! Whether an infeasible point is one of least violation: the gradients of the constraints do not tell it from a saddle or
//! a maximum of the violations, at which they vanish or cancel, too.

use super::point::Point;
use super::sqp::{FEASIBLE, Sqp};
use crate::constraint::violation;
use crate::interrupt::Interrupt;
use crate::kink::GOLDEN;
use crate::problem::Problem;
use crate::status::Status;

/// Distance of the points that are looked at, in sizes of the unknowns.
const DISTANCE: f64 = 0.1;
/// Unknowns of which each pair is looked at.
const PAIRS: usize = 10;
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

    /// Along each unknown, the sum and the difference of each two, and lines whose components are spread by the golden ratio.
    fn less_violated(&self, problem: &mut Problem<'_>) -> Result<Option<Point>, Interrupt> {
        let now = self.point.total_violation(&self.equality);
        let noise = self.noise.iter().flat_map(|noise| &noise[1..]).sum::<f64>();
        let mut least = now - LOWER * now - CHANCE * noise;
        let mut found = None;
        for line in self.lines_around() {
            let Some(x) = self.displaced(&line, DISTANCE) else {
                continue;
            };
            let trial = self.evaluate(x, problem)?;
            let total = trial.total_violation(&self.equality);
            if trial.is_finite() && total < least && self.keeps_linear(&trial) {
                (least, found) = (total, Some(trial));
            }
        }
        Ok(found)
    }

    /// Directions in sizes of the unknowns; with each one its opposite.
    fn lines_around(&self) -> Vec<Vec<f64>> {
        let n = self.size.len();
        let mut lines = Vec::new();
        let mut along = |entries: &[(usize, f64)]| {
            let mut line = vec![0.0; n];
            entries.iter().for_each(|&(i, d)| line[i] = d);
            lines.push(line.iter().map(|d| -d).collect());
            lines.push(line);
        };
        if n <= PAIRS {
            for i in 0..n {
                along(&[(i, 1.0)]);
                for j in 0..i {
                    along(&[(i, 1.0), (j, 1.0)]);
                    along(&[(i, 1.0), (j, -1.0)]);
                }
            }
        }
        for k in 1..=LINES {
            let spread = |i: usize| 2.0 * ((i + 1) as f64 * k as f64 * GOLDEN).fract() - 1.0;
            let entries: Vec<(usize, f64)> = (0..n).map(|i| (i, spread(i))).collect();
            along(&entries);
        }
        lines
    }

    /// Whether the linear constraints hold there as they do at x.
    fn keeps_linear(&self, trial: &Point) -> bool {
        (self.shape.equality.len()..self.equality.len()).all(|j| {
            let by = |point: &Point| violation(self.equality[j], point.c[j]);
            by(trial) <= by(&self.point).max(FEASIBLE)
        })
    }
}
