//! The secant update of the Hessian.

use super::{Before, QuasiNewton};
use crate::matrix::{Matrix, add, difference, dot};

/// Share of the end-point correction that is applied: see [`QuasiNewton::update`].
const CORRECTION: f64 = 0.5;
/// The correction is made of twelve values of f; it counts if it is so many noises.
const CORRECTION_NOISE: f64 = 20.0;
/// The self-scaling of Oren and Luenberger shrinks B by at most this factor a step; by more with a given
/// gradient, where a step that turns out too long costs two evaluations and not n.
const SCALING: f64 = 0.8;
const SCALING_GIVEN: f64 = 0.6;

impl QuasiNewton {
    /// BFGS with four amendments. The values at both ends say how the curvature changes along the
    /// step, which corrects y by half of [6 (f_k - f_{k+1}) + 3 (g_k + g_{k+1})^T s] s / s^T s (Zhang,
    /// Deng, Chen, JOTA 102 (1999) 147-167). Powell's damping keeps B positive definite. Self-scaling
    /// forgets large eigenvalues sooner. Then the equations of the last steps are taken once more, and the newest
    /// again, so that it holds.
    pub(super) fn update(&mut self, before: &Before, given: bool) {
        let s = &before.step;
        let plain = difference(&self.gradient, &before.gradient);
        let mut y = plain.clone();
        let sum: f64 = (0..s.len())
            .map(|i| (self.gradient[i] + before.gradient[i]) * s[i])
            .sum();
        let change = 6.0 * (before.value - self.f) + 3.0 * sum;
        if change.abs() > CORRECTION_NOISE * self.level() {
            let c = CORRECTION * change / dot(s, s);
            add(&mut y, c, s);
        }
        let least = if given { SCALING_GIVEN } else { SCALING };
        let Some(y) = self.hessian.learn(s, y, least) else {
            return;
        };
        // Under noise older equations are too far off to bring back.
        if !self.noise.is_large(self.f) {
            self.secants.sweep(&mut self.hessian);
            self.hessian.satisfy(1.0, s, &y);
            self.secants.keep(s, &plain);
        }
    }

    /// After the first step: the scale of the Hessian that the secant suggests (Nocedal and Wright,
    /// equation 6.20).
    pub(super) fn scale_by_secant(&mut self, before: &Before) {
        let y = difference(&self.gradient, &before.gradient);
        let ys = dot(&y, &before.step);
        let scale = dot(&y, &y) / ys;
        if ys > 0.0 && scale.is_finite() && scale > 0.0 {
            self.hessian = Matrix::from_diagonal(&vec![scale; self.x.len()]);
        }
    }
}
