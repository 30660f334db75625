//! The directions that the residuals depend on the least.

use super::minimality::{CAP, DIRECTIONS, LEAST, Line, RECHECKS};
use super::{LevenbergMarquardt, Model, Point};
use crate::interrupt::Interrupt;
use crate::problem::Problem;
use crate::status::{Stall, Status};

/// A direction is weak when moving as far as the checks go changes the sum, by the model, by less than this share of the
/// variance.
const WEAK: f64 = 1e-6;
/// The distances along weak directions, in units of the first.
const DISTANCES: [f64; 4] = [1.0, 0.1, 0.01, 1e-3];

/// What the sum does along a line.
enum Along {
    Lower(Point),
    /// It does not rise on one side alone.
    OneSided,
    Other,
}

impl LevenbergMarquardt {
    /// Looks along the directions that the residuals depend on the least, a standard error away: a lower point there
    /// is gone to; where the sum does not rise on one side, parameters run away. Where it rises on neither, farther: what
    /// the residuals do not determine stays level to where a parameter is 0, a runaway does not. `None` where all is
    /// as at a minimum.
    #[allow(clippy::type_complexity)]
    pub(super) fn weak_directions(
        &mut self,
        problem: &mut Problem<'_>,
        model: &Model,
        free: &[bool],
    ) -> Result<Option<Option<Status>>, Interrupt> {
        let Some((mut lines, least)) = self.singular_lines(model, free) else {
            return Ok(None);
        };
        // The weakest first.
        lines.reverse();
        let freedom = self.residuals.len().saturating_sub(lines.len()).max(1) as f64;
        let variance = self.value / freedom;
        let sizes = self.sizes();
        let weak = |line: &&Line| {
            let rise = (CAP / line.reach(&sizes) * line.slope).powi(2);
            rise <= WEAK * variance.max(f64::MIN_POSITIVE) || line.slope <= least
        };
        let count = lines.iter().filter(weak).count().min(DIRECTIONS);
        let distances = if count == 0 {
            &DISTANCES[..1]
        } else {
            &DISTANCES
        };
        for line in lines.into_iter().take(count.max(1)) {
            let reach = line.reach(&sizes);
            let cap = CAP / reach;
            let far = (variance.sqrt() / line.slope)
                .max(LEAST / CAP * cap)
                .min(cap);
            let steps: Vec<f64> = distances.iter().map(|d| d * far).collect();
            let along = match self.along(problem, &line, &steps)? {
                (Along::Other, true) if count > 0 => self.along(problem, &line, &[1.0 / reach])?.0,
                (along, _) => along,
            };
            let share = |j: &usize| line.direction[*j].abs() / sizes[*j] >= 0.1 * reach;
            let coordinates = (0..self.x.len()).filter(share).collect();
            let runaway = Status::Stalled {
                cause: Stall::Runaway { coordinates },
            };
            match along {
                Along::Lower(lower) if self.rechecks < RECHECKS => {
                    self.go_on_from(problem, lower)?;
                    return Ok(Some(None));
                }
                Along::Lower(_) | Along::OneSided => {
                    return self.try_again(problem, runaway).map(Some);
                }
                Along::Other => {}
            }
        }
        Ok(None)
    }

    /// The sum at these steps to both sides, the first of them the farthest; and whether it rises there on neither.
    fn along(
        &self,
        problem: &mut Problem<'_>,
        line: &Line,
        steps: &[f64],
    ) -> Result<(Along, bool), Interrupt> {
        let rounding = self.rounding();
        let predicted = (steps[0] * line.slope).powi(2);
        let mut level = [false; 2];
        let (mut lowest, mut least) = (None, self.value - 10.0 * rounding);
        for (k, step) in steps.iter().enumerate() {
            for (side, sign) in [1.0, -1.0].into_iter().enumerate() {
                let x = problem.bounds.along(&self.x, &line.direction, sign * step);
                let known = match x == self.x {
                    true => None,
                    false => self.evaluate(problem, x)?,
                };
                let Some(point) = known else {
                    continue;
                };
                let rise = point.value - self.value;
                if k == 0 {
                    level[side] = rise <= (1e-3 * predicted).max(10.0 * rounding);
                }
                if point.value < least {
                    least = point.value;
                    lowest = Some(point);
                }
            }
        }
        let along = match lowest {
            Some(lower) => Along::Lower(lower),
            None if level[0] != level[1] => Along::OneSided,
            None => Along::Other,
        };
        Ok((along, level == [true; 2]))
    }
}
