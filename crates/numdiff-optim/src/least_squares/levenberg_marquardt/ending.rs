//! What is claimed of the end of a fit.

use super::LevenbergMarquardt;
use crate::convergence::{LOOKS, Look, claim, look_around};
use crate::least_squares::calls::Calls;
use crate::matrix::norm;
use crate::oracle::Halt;
use crate::status::{Stall, Status, Test};

/// A sum of squares that is so small beside what it is farther away has no room for a ridge that matters.
const NEARLY_ZERO: f64 = 1e-10;
/// A second look does not see less than this share of the sum: what squares are made of is rounded.
const DIGITS: f64 = 1e-12;

impl LevenbergMarquardt {
    /// No step is possible, though the model predicts this decrease: rounding when it is small.
    pub(super) fn at_rest(
        &mut self,
        calls: &mut Calls<'_>,
        gradient: &[f64],
        predicted: f64,
    ) -> Result<Option<Status>, Halt> {
        if predicted <= 1e-10 * self.value.max(self.start_value * 1e-10) {
            return self.claim(calls, gradient, Test::Rounding { predicted });
        }
        let cause = Stall::Search { predicted };
        Ok(Some(Status::Stalled { cause }))
    }

    /// The claim of a minimum, after a second look: the model of Gauss and Newton is convex wherever x is, at a saddle or
    /// a maximum, too. Where the residuals are nearly 0 there is none.
    pub(super) fn claim(
        &mut self,
        calls: &mut Calls<'_>,
        gradient: &[f64],
        test: Test,
    ) -> Result<Option<Status>, Halt> {
        let active_bounds = calls.bounds.active(&self.x, gradient);
        let columns = self.jacobian.column_norms().into_iter().zip(&self.x);
        let variation: f64 = columns.map(|(c, x)| (c * x.abs().max(0.1)).powi(2)).sum();
        if self.value <= NEARLY_ZERO * variation || self.value == 0.0 {
            return Ok(Some(Status::Converged {
                test,
                active_bounds,
            }));
        }
        let (bounds, m) = (calls.bounds.clone(), self.residuals.len());
        let mut residuals = Vec::new();
        let look = look_around(
            &mut |z| calls.value(z, m, &mut residuals),
            &bounds,
            &self.x,
            self.value,
            self.tolerance.max(DIGITS),
        )?;
        let exhausted = self.looked >= LOOKS;
        let (x, value) = match look {
            Look::Plateau => {
                let cause = Stall::Plateau;
                return Ok(Some(Status::Stalled { cause }));
            }
            // What lies between the points that were looked at, the model knows better.
            Look::Between { .. } => (Vec::new(), self.value),
            Look::Minimum { quantum } => {
                let (value, start) = (self.value, self.start_value);
                return Ok(Some(claim(test, active_bounds, quantum, value, start)));
            }
            // A ridge that is left again and again is one of rounding.
            Look::Ridge { .. } if exhausted => (Vec::new(), self.value),
            Look::Lower { f, .. } if exhausted => {
                let predicted = self.value - f;
                let cause = Stall::Search { predicted };
                return Ok(Some(Status::Stalled { cause }));
            }
            Look::Lower { x, f, .. } | Look::Ridge { x, f } => (x, f),
        };
        if x.is_empty() {
            return Ok(Some(Status::Converged {
                test,
                active_bounds,
            }));
        }
        if !(calls.value(&x, m, &mut residuals)? <= value) {
            // Not twice the same: noise.
            let predicted = self.value - value;
            let cause = Stall::Search { predicted };
            return Ok(Some(Status::Stalled { cause }));
        }
        self.looked += 1;
        (self.x, self.residuals, self.value) = (x, residuals, value);
        self.failures = 0;
        let size = norm(&self.weighted(&self.x));
        self.radius = self.radius.max(1e-2 * if size > 0.0 { size } else { 1.0 });
        self.differentiate(calls)?;
        Ok(None)
    }
}
