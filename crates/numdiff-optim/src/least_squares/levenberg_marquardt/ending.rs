//! What is claimed of the end of a fit.

use super::LevenbergMarquardt;
use super::jacobian::domain;
use crate::flat::{movable, unmoved};
use crate::least_squares::calls::Calls;
use crate::matrix::norm;
use crate::minimality_check::{LEAST, MAX_RECHECKS, Neighborhood, claim, minimality_check};
use crate::noise::ecnoise;
use crate::oracle::Halt;
use crate::status::{Stall, Status, Test};

/// A sum of squares that is so small beside what it is farther away has no room for a ridge that matters.
const NEARLY_ZERO: f64 = 1e-10;
/// A second look does not see less than this share of the sum: what squares are made of is rounded.
const DIGITS: f64 = 1e-12;
/// Differences where r is noisier than rounding: wider, and the widest, relative to those that rounding allows.
const WIDER: f64 = 100.0;
const WIDEST: f64 = 1e4;

impl LevenbergMarquardt {
    /// No step is possible, though the model predicts this decrease: rounding when it is small, else noise, of which wider
    /// differences see less.
    pub(super) fn at_rest(
        &mut self,
        calls: &mut Calls<'_>,
        gradient: &[f64],
        predicted: f64,
    ) -> Result<Option<Status>, Halt> {
        if !(predicted <= 1e-10 * self.value.max(self.start_value * 1e-10)) {
            return self.stalled(calls, predicted);
        }
        let level = self.noise(calls)?;
        if level > 1e-10 * (self.value + (self.start_value - self.value).abs()) {
            return self.stalled(calls, predicted);
        }
        self.claim(calls, gradient, Test::Rounding { predicted }, 0.0)
    }

    /// The noise of |r|^2 around x: six evaluations as a rule.
    fn noise(&self, calls: &mut Calls<'_>) -> Result<f64, Halt> {
        let sizes: Vec<f64> = self.x.iter().map(|x| x.abs().max(0.1)).collect();
        let (bounds, mut residuals) = (calls.bounds.clone(), Vec::new());
        ecnoise(self.value, 1.0, |t| {
            let z = bounds.along(&self.x, &sizes, t);
            calls.value(&z, self.residuals.len(), &mut residuals)
        })
    }

    /// The displacements may have been too long, for unknowns smaller than is assumed, or too short, under noise.
    fn stalled(&mut self, calls: &mut Calls<'_>, predicted: f64) -> Result<Option<Status>, Halt> {
        let smaller = |x: &f64, t: &f64| *x != 0.0 && 10.0 * x.abs() < *t;
        let mut again = false;
        for (x, t) in self.x.iter().zip(&mut self.typical) {
            if smaller(x, t) {
                (*t, again) = (x.abs(), true);
            }
        }
        if !again && self.widening < WIDEST {
            (self.widening, again) = (self.widening * WIDER, true);
        }
        if again && !calls.is_given {
            (self.failures, self.looked, self.central) = (0, 0, true);
            let scale = std::mem::replace(&mut self.scale, vec![0.0; self.x.len()]);
            if let Err(halt) = self.differentiate(calls) {
                domain(halt)?;
                self.scale = scale;
            }
            let size = norm(&self.weighted(&self.x));
            self.radius = 1e-2 * if size > 0.0 { size } else { 1.0 };
            return Ok(None);
        }
        let level = self.noise(calls)?;
        // Two orders above the noise the model may err so much; beyond, something else is wrong.
        if level > 1e-10 * self.value && predicted <= 100.0 * level {
            return Ok(Some(Status::NoiseLimited { level }));
        }
        let cause = Stall::Search { predicted };
        Ok(Some(Status::Stalled { cause }))
    }

    /// The claim of a minimum, after a second look: the model of Gauss and Newton is convex wherever x is, at a saddle or
    /// a maximum, too. Where no more than `floor` is left, it cannot be one of them.
    pub(super) fn claim(
        &mut self,
        calls: &mut Calls<'_>,
        gradient: &[f64],
        test: Test,
        floor: f64,
    ) -> Result<Option<Status>, Halt> {
        let active_bounds = calls.bounds.active(&self.x, gradient);
        let columns = self.jacobian.column_norms().into_iter().zip(&self.x);
        let variation: f64 = columns.map(|(c, x)| (c * x.abs().max(0.1)).powi(2)).sum();
        let nearly_zero = NEARLY_ZERO * variation.min(self.start_value);
        if self.value <= floor.max(nearly_zero) {
            return Ok(Some(Status::Converged {
                test,
                active_bounds,
            }));
        }
        let (bounds, m) = (calls.bounds.clone(), self.residuals.len());
        let mut residuals = Vec::new();
        let look = minimality_check(
            &mut |z| calls.value(z, m, &mut residuals),
            &bounds,
            (&self.x, self.value),
            gradient,
            self.tolerance.max(DIGITS),
            LEAST,
        )?;
        let exhausted = self.looked >= MAX_RECHECKS;
        let lower = match look {
            Neighborhood::Flat { coordinates } => {
                return Ok(unmoved(&coordinates, movable(&bounds, self.x.len())));
            }
            // What lies between the points that were looked at, the model knows better.
            Neighborhood::Between { .. } => None,
            Neighborhood::Kink => {
                let cause = Stall::Kink;
                return Ok(Some(Status::Stalled { cause }));
            }
            Neighborhood::Minimum { quantum, scale } => {
                let status = claim(test, active_bounds, quantum, self.value, scale);
                return Ok(Some(status));
            }
            // A ridge that is left again and again is one of rounding.
            Neighborhood::Ridge { .. } if exhausted => None,
            Neighborhood::Lower { f, .. } if exhausted => {
                return self.stalled(calls, self.value - f);
            }
            Neighborhood::Lower { x, f, .. } | Neighborhood::Ridge { x, f } => Some((x, f)),
        };
        let Some((x, value)) = lower else {
            return Ok(Some(Status::Converged {
                test,
                active_bounds,
            }));
        };
        if !(calls.value(&x, m, &mut residuals)? <= value) {
            // Not twice the same: noise.
            return self.stalled(calls, self.value - value);
        }
        self.looked += 1;
        (self.x, self.residuals, self.value) = (x, residuals, value);
        self.failures = 0;
        let size = norm(&self.weighted(&self.x));
        self.radius = self.radius.max(1e-2 * if size > 0.0 { size } else { 1.0 });
        self.renew(calls)
    }
}
