//! A point along the step that lowers the penalty function enough.

use super::point::Point;
use super::sqp::Sqp;
use super::step::Linearized;
use super::subproblem::Step;
use crate::constraint::violation;
use crate::interpolation::{SHORTER, shorter};
use crate::interrupt::Interrupt;
use crate::line_search::{ARMIJO, GROWTH};
use crate::matrix::{difference, dot};
use crate::problem::Problem;

/// The shortest step in sizes of the unknowns.
const SHORTEST: f64 = 1e-13;
/// Corrections that may bring a trial back to the feasible side.
const CORRECTIONS: usize = 4;

impl Sqp {
    /// Backtracking with a correction of the second order; `None` where no point is better.
    pub(super) fn search(
        &self,
        problem: &mut Problem<'_>,
        step: &Step,
    ) -> Result<Option<Point>, Interrupt> {
        let start = self.merit(&self.point);
        let gained = |j: usize| {
            self.weights[j] * (violation(self.equality[j], self.point.c[j]) - step.left[j])
        };
        let rows: f64 = (0..self.equality.len()).map(gained).sum();
        let slope = dot(&self.g, &step.p) - rows;
        if !(slope < 0.0) {
            return Ok(None);
        }
        let length = self.length(&step.p);
        let mut alpha = (GROWTH * self.last_step.max(1e-3) / length).min(1.0);
        let mut first = true;
        // A decrease below the rounding of the penalty function shows nothing.
        let shown = |alpha: f64| self.noise.is_some() || -alpha * slope >= self.slack();
        while alpha * length >= SHORTEST && shown(alpha) {
            let x = self.shape.bounds.along(&self.point.x, &step.p, alpha);
            if x == self.point.x {
                break;
            }
            let enough = start + ARMIJO * alpha * slope + self.slack();
            let trial = self.evaluate(x, problem)?;
            let value = self.merit(&trial);
            if value <= enough && self.may_accept(&trial) {
                return Ok(Some(trial));
            }
            let full = first && alpha == 1.0 && !step.elastic;
            if (full || (self.shape.feasible && value <= enough)) && trial.is_finite() {
                let tries = if self.shape.feasible { CORRECTIONS } else { 1 };
                if let Some(second) = self.corrected(problem, step, trial, (enough, tries))? {
                    return Ok(Some(second));
                }
            }
            first = false;
            alpha = shorter(slope, (alpha, value - start), None, SHORTER);
        }
        Ok(None)
    }

    /// Whether the point keeps what [`feasible`](crate::Minimize::feasible) promises.
    pub(super) fn may_accept(&self, trial: &Point) -> bool {
        !self.shape.feasible
            || !self.point.holds_inequalities(&self.equality)
            || trial.holds_inequalities(&self.equality)
    }

    /// Steps with the curvature of the constraints made good (Fletcher 1982): they are linearized where the last
    /// trial led.
    fn corrected(
        &self,
        problem: &mut Problem<'_>,
        step: &Step,
        mut trial: Point,
        (enough, tries): (f64, usize),
    ) -> Result<Option<Point>, Interrupt> {
        for _ in 0..tries {
            let moved = difference(&trial.x, &self.point.x);
            let rows = self.normals.iter().zip(self.aimed(&trial.c));
            let there = Linearized {
                c: rows.map(|(a, c)| c - dot(a, &moved)).collect(),
                ..self.here()
            };
            let program = self.program(&self.hessian, there);
            let Ok(second) = program.solve() else {
                return Ok(None);
            };
            if !(self.length(&difference(&second.p, &moved)) <= self.length(&step.p)) {
                return Ok(None);
            }
            let x = self.shape.bounds.along(&self.point.x, &second.p, 1.0);
            trial = self.evaluate(x, problem)?;
            if self.merit(&trial) <= enough && self.may_accept(&trial) {
                return Ok(Some(trial));
            }
            if !trial.is_finite() {
                return Ok(None);
            }
        }
        Ok(None)
    }
}
