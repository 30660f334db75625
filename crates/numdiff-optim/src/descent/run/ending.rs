//! Whether a run is over, and what is claimed of its end.

use super::DescentRun;
use crate::convergence::{look_around, relative_gradient};
use crate::matrix::{largest, norm};
use crate::oracle::{Halt, Oracle};
use crate::status::{Divergence, Stall, Status, Test};

/// f below the start by this factor of its scale: there is no minimum to be had.
const UNBOUNDED: f64 = 1e30;

impl DescentRun {
    pub(super) fn unbounded(&self) -> Option<Status> {
        (self.f < -UNBOUNDED * self.start_value.abs().max(1.0)).then_some(Status::Diverged {
            iteration: self.iteration,
            cause: Divergence::Unbounded { value: self.f },
        })
    }

    /// Forget the past, then sharpen the gradient, then give up and say what is known.
    pub(super) fn after_failed_search(
        &mut self,
        oracle: &mut Oracle<'_>,
        slope: f64,
    ) -> Result<Option<Status>, Halt> {
        if self.trouble < 2 && !self.gradients.best {
            self.sharpen(oracle)?;
        }
        self.trouble += 1;
        self.last = None;
        self.radius = self.radius.max(1e-3 * norm(&self.x).max(1e-3));
        if self.trouble <= 2 {
            self.descent.reset();
            return Ok(None);
        }
        let relative = relative_gradient(oracle, &self.x, self.f, &self.gradient);
        // Where differences of f end to tell the slope: the root of the rounding for curvatures of the
        // order of f, or a promised decrease near the rounding of f.
        let rounding = 1e-13 * self.f.abs().max(self.start_value.abs().min(1.0));
        if relative <= 10.0 * f64::EPSILON.sqrt() || self.promise <= rounding {
            let test = Test::Rounding { predicted: -slope };
            let active_bounds = oracle.bounds.active(&self.x, &self.gradient);
            return Ok(Some(Status::Converged {
                test,
                active_bounds,
            }));
        }
        Ok(Some(Status::Stalled {
            cause: Stall::Search { predicted: -slope },
        }))
    }

    /// The best gradient there is at x, and from here on.
    fn sharpen(&mut self, oracle: &mut Oracle<'_>) -> Result<(), Halt> {
        let mut gradients = self.gradients.clone();
        gradients.sharpen();
        let (mut gradient, mut error) = (self.gradient.clone(), self.error.clone());
        gradients.take(oracle, &self.x, self.f, &mut gradient, &mut error)?;
        (self.gradients, self.gradient, self.error) = (gradients, gradient, error);
        Ok(())
    }

    /// The gradient test, verified: `Some(None)` when x moved on instead of stopping.
    pub(super) fn converged(
        &mut self,
        oracle: &mut Oracle<'_>,
    ) -> Result<Option<Option<Status>>, Halt> {
        let relative = relative_gradient(oracle, &self.x, self.f, &self.gradient);
        if !(relative <= self.tolerance) {
            return Ok(None);
        }
        if !self.gradients.best {
            self.sharpen(oracle)?;
            return Ok(Some(None));
        }
        let scale = self.f.abs().max(1.0);
        if self.looked < 8 {
            let lower = look_around(oracle, &self.x, self.f, self.tolerance * scale)?;
            if let Some((x, f)) = lower {
                let mut gradients = self.gradients.clone();
                let (mut gradient, mut error) = (self.gradient.clone(), self.error.clone());
                gradients.take(oracle, &x, f, &mut gradient, &mut error)?;
                (self.x, self.f) = (x, f);
                (self.gradients, self.gradient, self.error) = (gradients, gradient, error);
                self.descent.reset();
                self.last = None;
                self.looked += 1;
                return Ok(Some(None));
            }
        }
        let projected = oracle.bounds.projected(&self.x, &self.gradient);
        let test = Test::Gradient {
            largest: largest(&projected),
            tolerance: self.tolerance * scale,
        };
        let active_bounds = oracle.bounds.active(&self.x, &self.gradient);
        Ok(Some(Some(Status::Converged {
            test,
            active_bounds,
        })))
    }
}
