//! Difference intervals from the noise of f and the curvature that the method knows.

use super::QuasiNewton;
use crate::differences::{NARROWEST, SHORT, one_sided_interval, two_sided_interval};

/// Least and most of an interval, in units of x and of sqrt(eps) or the root of the relative noise: x's own rounding
/// stays below 1e-7 of it, and the curvature known may be a millionth of what it is.
const ONE_SIDED: (f64, f64) = (0.1, 1e3);
/// The most of one on both sides, where roots are cubic.
const TWO_SIDED: f64 = 30.0;
/// No interval is longer, in units of x: f is another function there.
const WIDEST: f64 = 0.3;
/// The least size of a coordinate, as a share of its usual one. Under noise an interval should not shrink because the
/// coordinate passes through 0.
const SIZE: f64 = 0.01;
const NOISY_SIZE: f64 = 0.1;

impl QuasiNewton {
    /// One-sided: see [`one_sided_interval`], with f'' = B_ii.
    pub(super) fn one_sided_intervals(&self) -> Vec<f64> {
        let level = self.level();
        let lower = ONE_SIDED.0 * f64::EPSILON.sqrt();
        let upper = (ONE_SIDED.1 * self.noise.relative(self.f).sqrt()).min(WIDEST);
        self.intervals(lower, upper, |_, b| one_sided_interval(level, b))
    }

    /// Two-sided: see [`two_sided_interval`].
    pub(super) fn two_sided_intervals(&self) -> Vec<f64> {
        let level = self.level();
        let lower = NARROWEST * f64::EPSILON.cbrt();
        let upper = (TWO_SIDED * self.noise.relative(self.f).cbrt()).min(WIDEST);
        let floor = if self.noise.is_large(self.f) {
            NOISY_SIZE
        } else {
            SIZE
        };
        self.intervals(lower, upper, |i, b| {
            two_sided_interval(level, b, self.size(i, floor))
        })
    }

    fn intervals(&self, lower: f64, upper: f64, best: impl Fn(usize, f64) -> f64) -> Vec<f64> {
        let diagonal = self.hessian.diagonal().into_iter().enumerate();
        diagonal
            .map(|(i, b)| {
                let h = best(i, b);
                let upper = if self.reach.is_short(i) { SHORT } else { upper };
                h.clamp(lower * self.size(i, SIZE), upper * self.size(i, 1.0))
            })
            .collect()
    }
}
