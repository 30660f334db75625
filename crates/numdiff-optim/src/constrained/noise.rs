//! The noise of f and of the constraints, and what it changes.
//!
//! J. J. Moré and S. M. Wild, Estimating computational noise, SIAM J. Sci. Comput. 33 (2011) 1292-1314.

use super::sqp::Sqp;
use crate::interrupt::Interrupt;
use crate::kink::GOLDEN;
use crate::matrix::largest;
use crate::noise::levels;
use crate::problem::Problem;

/// Points of a table of differences, besides x.
const POINTS: usize = 5;
/// Their distance in sizes of the unknowns.
const APART: f64 = 1e-9;
/// Of the distance to a bound they keep this share at most, and an unknown at its bound is left there: the third
/// differences of roots and logarithms would be taken for noise.
const BESIDE_BOUND: f64 = 1e-4;
/// Noise below this share of a value is rounding.
const ROUNDING: f64 = 1e-11;
/// A slope at the end of a step that differs from the parabola's by this multiple of what happened along the step
/// is odd.
const ODD: f64 = 3.0;

impl Sqp {
    /// Whether the slopes at both ends of a step do not go together with the rise of the Lagrangian along it.
    pub(super) fn is_odd(&self, rise: f64, first: f64, last: f64) -> bool {
        let odd = (last - (2.0 * rise - first)).abs();
        self.noise.is_none()
            && self.noise_measured.is_none()
            && odd > ODD * (rise.abs() + first.abs())
    }

    /// Measures the noise, once at each x, and has differences and weights follow it. True where there is some: the
    /// next iteration judges by better gradients.
    pub(super) fn follow_noise(&mut self, problem: &mut Problem<'_>) -> Result<bool, Interrupt> {
        if self.noise_measured == Some(self.iteration) {
            return Ok(false);
        }
        self.noise_measured = Some(self.iteration);
        let is_new = self.noise.is_none();
        self.noise = self.measure_noise(problem)?.or(self.noise.take());
        if self.noise.is_none() {
            return Ok(false);
        }
        self.differentiate(true, problem)?;
        if is_new {
            self.reset_hessian();
            // What multipliers made of noise asked for.
            self.weights.fill(0.0);
        }
        Ok(true)
    }

    /// Standard deviations of the noise in (f, c) by third differences, where one is more than rounding.
    fn measure_noise(&self, problem: &mut Problem<'_>) -> Result<Option<Vec<f64>>, Interrupt> {
        let bounds = &self.shape.bounds;
        let step = |i: usize| {
            let spread = 0.5 + (GOLDEN * (i + 1) as f64).fract();
            let x = self.point.x[i];
            let room = (x - bounds.lower(i)).min(bounds.upper(i) - x);
            spread * (APART * x.abs().max(0.1 * self.size[i])).min(BESIDE_BOUND * room)
        };
        let mut table = vec![self.point.clone()];
        for k in 1..=POINTS {
            let coordinate = |(i, x): (usize, &f64)| {
                let (up, down) = (x + k as f64 * step(i), x - k as f64 * step(i));
                if up <= bounds.upper(i) {
                    up
                } else {
                    bounds.clamp(i, down)
                }
            };
            let x = self.point.x.iter().enumerate().map(coordinate).collect();
            let point = self.evaluate(x, problem)?;
            if !point.is_finite() {
                return Ok(None);
            }
            table.push(point);
        }
        let mut levels = vec![level(table.iter().map(|p| p.f).collect())];
        for j in 0..self.equality.len() {
            levels.push(level(table.iter().map(|p| p.c[j]).collect()));
        }
        let noisy = levels.iter().any(|(level, size)| *level > ROUNDING * size);
        Ok(noisy.then(|| levels.into_iter().map(|(level, _)| level).collect()))
    }

    /// The noise of the noisiest function, relative to its values or to what its gradient makes of them.
    pub(super) fn noise_share(&self) -> f64 {
        let Some(noise) = &self.noise else {
            return f64::EPSILON;
        };
        let f = noise[0] / self.point.f.abs().max(self.slope()).max(1e-300);
        let rows = self.point.c.iter().zip(&noise[1..]);
        rows.fold(f, |most, (c, s)| most.max(s / c.abs().max(1.0)))
    }

    /// The noise of a gradient of the Lagrangian, a size of the unknowns long.
    pub(super) fn gradient_noise(&self) -> f64 {
        let Some(noise) = &self.noise else {
            return 0.0;
        };
        let rows = self.multipliers.iter().zip(&noise[1..]);
        let level = noise[0] + rows.map(|(l, s)| (l * s).abs()).sum::<f64>();
        level / self.noise_distance()
    }
}

/// The standard deviation of the noise in values at even distances, and their size, 1 at least.
fn level(values: Vec<f64>) -> (f64, f64) {
    let size = largest(&values).max(1.0);
    let rows = values.into_iter().map(|v| vec![v]).collect();
    (levels(rows)[2].0, size)
}
