//! The quadratic model: its minimizer in the box, what it predicts, and which decrease counts.

use super::QuasiNewton;
use crate::differences::Sides;
use crate::matrix::{Matrix, difference, dot, negated};
use crate::problem::Problem;
use crate::quadratic::{Outcome, Rows, meet_box, solve};

/// The tolerance is relative to f; of the terms that cancel at x it is this share, since where they cancel to 0
/// the last steps converge quadratically and each costs little.
const CANCELLED: f64 = 1e-3;

/// Where all unknowns are nearer to 0 than this share of their typical size, they count as that far away: no terms
/// cancel there, and f may go on to 0 without end.
const NEXT_TO_ZERO: f64 = 1e-4;

/// A start that can be lowered by so many times the tolerance only is a minimum: f's own rounding is often some last
/// places. In terms that cancel that is told by differences on both sides.
const MODEST: f64 = 100.0;

impl QuasiNewton {
    /// The decrease that the model predicts for a step.
    pub(super) fn predicted(&self, step: &[f64]) -> f64 {
        -(dot(&self.gradient, step) + 0.5 * dot(&self.hessian.times(step), step))
    }

    /// A predicted decrease this small is none: the tolerance relative to f and to the terms that cancel in it
    /// at x, or the noise.
    pub(super) fn target_decrease(&self) -> f64 {
        let modest = |holds: bool| if holds { MODEST } else { 1.0 };
        let first = self.steps() == 0;
        let terms = modest(first && self.sides == Sides::Both) * CANCELLED * self.variation();
        (self.tolerance * terms.max(modest(first) * self.f.abs()))
            .max(self.level())
            .max(f64::MIN_POSITIVE)
    }

    /// The terms of the model that cancel at x, B_ii x_i^2 / 2 one unknown at a time. Given gradients are exact and
    /// converge to the last place of f without it.
    pub(super) fn variation(&self) -> f64 {
        let terms = match self.given {
            true => 0.0,
            false => self.bends(if self.is_next_to_zero() {
                NEXT_TO_ZERO
            } else {
                0.0
            }),
        };
        // Where x has run away nothing cancels.
        if terms.is_finite() { terms } else { 0.0 }
    }

    pub(super) fn is_next_to_zero(&self) -> bool {
        let mut sizes = self.x.iter().zip(&self.x_scale);
        sizes.all(|(x, t)| x.abs() < NEXT_TO_ZERO * t)
    }

    /// B_ii x_i^2 / 2, no x_i taken for less than this share of its typical size.
    pub(super) fn bends(&self, least: f64) -> f64 {
        let diagonal = self.hessian.diagonal().into_iter().enumerate();
        diagonal
            .map(|(i, b)| 0.5 * b.abs() * self.size(i, least).powi(2))
            .sum()
    }

    /// The minimizer of the model in the box. Where rounding has cost the Hessian its positive definiteness only
    /// the diagonal is kept.
    pub(super) fn direction(&mut self, problem: &Problem<'_>) -> Vec<f64> {
        if let Some(step) = self.model_minimizer(problem) {
            return step;
        }
        self.keep_diagonal();
        self.model_minimizer(problem).unwrap_or_else(|| {
            // A Hessian of numbers that are no numbers any more: the gradient, moved into the box.
            let down = negated(&problem.bounds.projected(&self.x, &self.gradient));
            difference(&problem.bounds.along(&self.x, &down, 1.0), &self.x)
        })
    }

    pub(super) fn model_minimizer(&self, problem: &Problem<'_>) -> Option<Vec<f64>> {
        if problem.bounds.is_none() {
            return Some(negated(&self.hessian.cholesky()?.solve(&self.gradient)));
        }
        let (lower, upper) = problem.bounds.around(&self.x);
        let mut rows = Rows::default();
        rows.push_box(&lower, &upper, self.x.len());
        match solve(&self.hessian, &self.gradient, &rows) {
            Outcome::Solved { mut p, multipliers } => {
                meet_box(&mut p, &lower, &upper, &multipliers);
                Some(p)
            }
            _ => None,
        }
    }

    pub(super) fn restart_from_diagonal(&mut self) {
        self.keep_diagonal();
        self.secants.forget();
    }

    pub(super) fn keep_diagonal(&mut self) {
        let positive = |d: f64| if d > 0.0 && d.is_finite() { d } else { 1.0 };
        let diagonal: Vec<f64> = self.hessian.diagonal().into_iter().map(positive).collect();
        self.hessian = Matrix::from_diagonal(&diagonal);
    }
}
