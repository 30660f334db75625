//! Before a claim: better gradients, the noise, curvature in the tangent space. After failures: noise and better
//! gradients, then the Hessian anew.

use super::sqp::{Sqp, VIOLATION};
use super::subproblem::Step;
use crate::interrupt::Interrupt;
use crate::problem::Problem;
use crate::status::{Stall, Status};

/// The gradient of the Lagrangian that a claim allows, relative to what f's gradient or curvature makes of f.
const RESIDUAL: f64 = 1e-5;

/// Verifications after which a verdict stands.
const VERIFICATIONS: u32 = 10;

impl Sqp {
    /// The model sees nothing left.
    pub(super) fn verify(
        &mut self,
        problem: &mut Problem<'_>,
        step: &Step,
    ) -> Result<Option<Status>, Interrupt> {
        if self.follow_noise(problem)? {
            return Ok(None);
        }
        self.keep_multipliers(step);
        if let Some(noise) = &self.noise {
            return Ok(Some(Status::NoiseLimited { level: noise[0] }));
        }
        if !self.settled {
            // The next iteration judges by the better gradients.
            self.verifications += 1;
            return self.settle(problem);
        }
        if !self.curved {
            self.curved = true;
            if let Some(lower) = self.look_around(problem, step)? {
                return self.move_to(problem, lower);
            }
            // The next iteration judges by the better curvature.
            return Ok(None);
        }
        match self.verdict(step) {
            // A Hessian that is far too large sees nothing left either.
            Status::Stalled {
                cause: Stall::Search { .. },
            } if self.verifications <= VERIFICATIONS => {
                self.verifications += 1;
                self.after_failure(problem)
            }
            end => self.end_at(problem, end),
        }
    }

    /// A verdict is the end, unless it is one of least violation that does not hold.
    fn end_at(
        &mut self,
        problem: &mut Problem<'_>,
        verdict: Status,
    ) -> Result<Option<Status>, Interrupt> {
        match verdict {
            Status::Infeasible { .. } => self.end_infeasible(problem),
            end => Ok(Some(end)),
        }
    }

    /// Multipliers beyond all measure, again and again: whether it is so with better gradients.
    pub(super) fn verify_degenerate(
        &mut self,
        problem: &mut Problem<'_>,
        step: &Step,
    ) -> Result<Option<Status>, Interrupt> {
        if !self.settled {
            return self.settle(problem);
        }
        self.keep_multipliers(step);
        Ok(Some(self.degenerate()))
    }

    /// No step lessens the violations.
    pub(super) fn verify_least_violation(
        &mut self,
        problem: &mut Problem<'_>,
        step: &Step,
    ) -> Result<Option<Status>, Interrupt> {
        self.keep_multipliers(step);
        if let Some(noise) = &self.noise
            && !self.sees_least_violation()
        {
            return Ok(Some(Status::NoiseLimited { level: noise[0] }));
        }
        self.end_infeasible(problem)
    }

    fn verdict(&self, step: &Step) -> Status {
        let violation = self.point.largest_violation(&self.equality);
        if step.elastic && violation > VIOLATION {
            return self.infeasible();
        }
        // B p is the gradient of the Lagrangian with the multipliers of the step; each component beside what the
        // curvature along its own unknown makes of f, as another's may be far larger.
        let bp = self.hessian.times(&step.p);
        let slopes = bp.iter().zip(&self.size).map(|(b, s)| (b * s).abs());
        let scale = self.slope().max(self.point.f.abs()).max(1e-300);
        let bends = self.curvature_over_sizes().into_iter();
        let shares = slopes
            .zip(bends)
            .map(|(slope, bend)| slope / bend.max(scale));
        let residual = shares.fold(0.0, f64::max);
        let rows = step
            .multipliers
            .iter()
            .zip(&self.point.c)
            .zip(&self.equality);
        let complementarity = rows
            .filter(|(_, equality)| !**equality)
            .fold(0.0, |most: f64, ((l, c), _)| most.max((l * c).abs()));
        if residual <= RESIDUAL && violation <= VIOLATION {
            return self.converged(residual, complementarity);
        }
        self.stalled(self.predicted(step))
    }

    /// No better point along the step: one remedy after the other, then the verdict.
    pub(super) fn after_failure(
        &mut self,
        problem: &mut Problem<'_>,
    ) -> Result<Option<Status>, Interrupt> {
        self.failed_searches += 1;
        let is_new = self.noise.is_none();
        if self.follow_noise(problem)? {
            if is_new {
                self.failed_searches = 0;
            }
            return Ok(None);
        }
        if self.failed_searches <= 2 {
            if self.is_one_sided() {
                return self.differentiate(true, problem);
            }
            self.failed_searches = 2;
            self.reset_hessian();
            return Ok(None);
        }
        if let Some(noise) = &self.noise {
            return Ok(Some(Status::NoiseLimited { level: noise[0] }));
        }
        let Some(step) = self.step().or_else(|| self.least_violation()) else {
            return Ok(Some(self.stalled(f64::NAN)));
        };
        self.keep_multipliers(&step);
        let verdict = self.verdict(&step);
        self.end_at(problem, verdict)
    }
}
