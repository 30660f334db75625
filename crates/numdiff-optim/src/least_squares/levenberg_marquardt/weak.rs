//! The directions that the residuals depend on the least.

use super::minimality::{CAP, DIRECTIONS, LARGE, LEAST, RECHECKS, unit_columns};
use super::{LevenbergMarquardt, Model};
use crate::interrupt::Interrupt;
use crate::least_squares::residual_problem::ResidualProblem;
use crate::status::{Stall, Status};
use crate::svd::Svd;

/// A direction is weak when moving as far as the checks go changes the sum, by the model, by less than this share of the
/// variance.
const WEAK: f64 = 1e-6;
/// The distances along weak directions, in units of the first.
const DISTANCES: [f64; 4] = [1.0, 0.1, 0.01, 1e-3];

/// A line through x.
struct Line {
    direction: Vec<f64>,
    /// |J direction|.
    slope: f64,
}

/// A point that is lower than x.
struct Lower {
    x: Vec<f64>,
    residuals: Vec<f64>,
}

/// What the sum does along a line.
enum Along {
    Lower(Lower),
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
        problem: &mut ResidualProblem<'_>,
        model: &Model,
        free: &[bool],
    ) -> Result<Option<Option<Status>>, Interrupt> {
        let norms = model.jacobian.column_norms();
        let index: Vec<usize> = (0..free.len())
            .filter(|&j| free[j] && norms[j] > 0.0)
            .collect();
        let dense = model.jacobian.columns();
        let dense = dense.filter(|_| !index.is_empty() && index.len() <= LARGE);
        let Some(columns) = dense else {
            return Ok(None);
        };
        let freedom = self.residuals.len().saturating_sub(index.len()).max(1) as f64;
        let variance = self.value / freedom;
        let svd = Svd::of(&unit_columns(columns, &index, &norms));
        let least = self.column_error(&norms) * svd.values[0];
        let sizes = self.sizes();
        let reach = |d: &[f64]| {
            let shares = d.iter().zip(&sizes).map(|(d, s)| d.abs() / s);
            shares.fold(0.0, f64::max)
        };
        let line = |k: usize| {
            let mut direction = vec![0.0; self.x.len()];
            let entries = index.iter().zip(&svd.vectors[k]);
            entries.for_each(|(&j, v)| direction[j] = v / norms[j]);
            let slope = svd.values[k];
            Line { direction, slope }
        };
        let lines: Vec<Line> = (0..index.len()).rev().map(line).collect();
        let weak = |line: &&Line| {
            let rise = (CAP / reach(&line.direction) * line.slope).powi(2);
            rise <= WEAK * variance.max(f64::MIN_POSITIVE) || line.slope <= least
        };
        let count = lines.iter().filter(weak).count().min(DIRECTIONS);
        let (lines, distances) = match count {
            0 => (vec![lines.into_iter().next()], &DISTANCES[..1]),
            _ => (with_diagonals(lines, count), &DISTANCES[..]),
        };
        for line in lines.into_iter().flatten() {
            let reach = reach(&line.direction);
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
            let moved = (0..self.x.len()).filter(share);
            let coordinates = moved.map(|j| problem.free[j]).collect();
            let runaway = Status::Stalled {
                cause: Stall::Runaway { coordinates },
            };
            match along {
                Along::Lower(lower) if self.rechecks < RECHECKS => {
                    self.go_on_from(problem, lower.x, lower.residuals)?;
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
        problem: &mut ResidualProblem<'_>,
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
                    false => problem.residuals(&x, self.residuals.len())?,
                };
                let Some(residuals) = known else {
                    continue;
                };
                let value = problem.loss.value(&residuals);
                if k == 0 {
                    level[side] = value - self.value <= (1e-3 * predicted).max(10.0 * rounding);
                }
                if value < least {
                    least = value;
                    lowest = Some(Lower { x, residuals });
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

/// The first `count` lines, and the sums and differences of each two of them.
fn with_diagonals(lines: Vec<Line>, count: usize) -> Vec<Option<Line>> {
    let mut all: Vec<Option<Line>> = Vec::new();
    for a in 0..count {
        for b in 0..a {
            for sign in [1.0, -1.0] {
                let pairs = lines[a].direction.iter().zip(&lines[b].direction);
                let direction = pairs.map(|(a, b)| a + sign * b).collect();
                let slope = lines[a].slope.hypot(lines[b].slope);
                all.push(Some(Line { direction, slope }));
            }
        }
    }
    let plain = lines.into_iter().take(count).map(Some);
    plain.chain(all).collect()
}
