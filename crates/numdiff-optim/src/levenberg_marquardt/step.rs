//! The step within the radius and the box.

use super::{LevenbergMarquardt, Model};
use crate::bounds::Bounds;
use crate::matrix::{add, norm};
use crate::problem::Problem;

/// Bounds met one after the other within a step: each takes another solution of the linear system.
const ROUNDS: usize = 30;
/// Bounds met within this share of the step are met at once.
const AT_ONCE: f64 = 1e-10;

impl LevenbergMarquardt {
    /// Which coordinates no bound holds against the gradient.
    pub fn free(&self, problem: &Problem<'_>, pull: &[f64]) -> Vec<bool> {
        (0..self.x.len())
            .map(|i| problem.bounds.is_free(i, self.x[i], pull[i]))
            .collect()
    }

    /// The step within the radius: Gauss and Newton's, or damped so that |D p| meets the radius within a
    /// tenth, by secants on 1 / |D p|, which is nearly linear in the damping (Moré 1978, section 5).
    fn step(&self, model: &Model, residuals: &[f64], free: &[bool]) -> Vec<f64> {
        let solve = |lambda: f64| {
            let p = model
                .jacobian
                .damped_step(residuals, lambda, &self.scale, free);
            let length = norm(&self.weighted(&p));
            (p, length)
        };
        let (full, length) = solve(0.0);
        if length <= 1.1 * self.radius && length.is_finite() {
            return full;
        }
        let pull = model.jacobian.transposed_times(residuals).into_iter();
        let scaled = pull.zip(&self.scale).zip(free);
        let pull: Vec<f64> = scaled
            .map(|((g, d), free)| if *free { g / d } else { 0.0 })
            .collect();
        let (mut low, mut high) = (0.0, norm(&pull) / self.radius);
        let (mut low_inverse, mut lambda) = (1.0 / length, 1e-3 * high);
        let mut best = None;
        for _ in 0..12 {
            let (p, length) = solve(lambda);
            let close = (length - self.radius).abs() <= 0.1 * self.radius;
            if length <= self.radius || best.is_none() || close {
                best = Some(p);
            }
            if close {
                break;
            }
            let inverse = 1.0 / length;
            let slope = (inverse - low_inverse) / (lambda - low);
            let secant = lambda + (1.0 / self.radius - inverse) / slope;
            if length > self.radius {
                (low, low_inverse) = (lambda, inverse);
            } else {
                high = lambda;
            }
            let inside = secant.is_finite() && secant > low && secant < high;
            lambda = if inside {
                secant
            } else {
                (low.max(1e-3 * high) * high).sqrt()
            };
        }
        best.unwrap_or(full)
    }

    /// The step moved into the box: the better of two. Every coordinate cut where it leaves, which may spoil the
    /// descent; or the whole step as far as the first bound, up to which the model, being convex, falls, and on from
    /// there in the coordinates that are left.
    pub(super) fn step_in_box(
        &self,
        model: &Model,
        mut free: Vec<bool>,
        bounds: &Bounds,
    ) -> Vec<f64> {
        let whole = self.step(model, &model.residuals, &free);
        let mut cut = whole.clone();
        self.clip(&mut cut, bounds);
        if bounds.is_none() {
            return cut;
        }
        let (mut p, mut d) = (vec![0.0; self.x.len()], whole);
        for _ in 0..ROUNDS {
            // The share of d that leads to the bound.
            let share = |i: usize| {
                let at = self.x[i] + p[i];
                match free[i] && d[i] != 0.0 {
                    true => ((bounds.ahead(i, d[i]) - at) / d[i]).max(0.0),
                    false => f64::INFINITY,
                }
            };
            let first = (0..d.len()).map(share).fold(1.0, f64::min);
            let hits: Vec<usize> = (0..d.len())
                .filter(|&i| first < 1.0 && share(i) <= first.max(AT_ONCE))
                .collect();
            add(&mut p, first, &d);
            for &i in &hits {
                (p[i], free[i]) = (bounds.ahead(i, d[i]) - self.x[i], false);
            }
            if hits.is_empty() || norm(&self.weighted(&p)) >= self.radius {
                break;
            }
            let mut residuals = model.jacobian.times(&p);
            add(&mut residuals, 1.0, &model.residuals);
            d = self.step(model, &residuals, &free);
        }
        self.clip(&mut p, bounds);
        match model.predicted(&p) > model.predicted(&cut) {
            true => p,
            false => cut,
        }
    }

    /// Moves x + p into the box.
    fn clip(&self, step: &mut [f64], bounds: &Bounds) {
        for (i, (p, x)) in step.iter_mut().zip(&self.x).enumerate() {
            *p = bounds.clamp(i, x + *p) - x;
        }
    }
}
