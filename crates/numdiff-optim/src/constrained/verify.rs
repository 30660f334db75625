//! Before a claim: better gradients, the noise, curvature in the tangent space. After failures: the same, then the
//! Hessian and the weights anew.

use super::dependence::NEARLY;
use super::problem::Functions;
use super::sqp::{Sqp, VIOLATION};
use super::status::End;
use super::subproblem::Step;

/// The gradient of the Lagrangian that a claim allows, relative to what f's gradient or curvature makes of f.
const RESIDUAL: f64 = 1e-5;

/// Verifications after which a verdict stands.
const VERIFICATIONS: u32 = 10;

impl Sqp {
    /// The model sees nothing left.
    pub(super) fn verify<F: Functions>(
        &mut self,
        functions: &mut F,
        step: &Step,
    ) -> Result<Option<End>, F::Interrupt> {
        if self.learn_noise(functions)? || self.renew_noise(functions)? {
            return Ok(None);
        }
        self.keep_multipliers(step);
        if let Some(noise) = &self.noise {
            return Ok(Some(End::NoiseLimited { level: noise[0] }));
        }
        if !self.settled {
            // The next iteration judges by the better gradients.
            self.verifications += 1;
            return self.settle(functions);
        }
        if !self.curved {
            self.curved = true;
            if let Some(lower) = self.look_around(functions, step)? {
                return self.move_to(functions, lower);
            }
            // The next iteration judges by the better curvature.
            return Ok(None);
        }
        match self.verdict(step) {
            // A Hessian that is far too large sees nothing left either.
            End::Stalled { .. } if self.verifications <= VERIFICATIONS => {
                self.verifications += 1;
                self.after_failure(functions)
            }
            end => Ok(Some(end)),
        }
    }

    /// Multipliers beyond all measure, again and again: whether it is so with better gradients.
    pub(super) fn verify_degenerate<F: Functions>(
        &mut self,
        functions: &mut F,
        step: &Step,
    ) -> Result<Option<End>, F::Interrupt> {
        if !self.settled {
            return self.settle(functions);
        }
        self.keep_multipliers(step);
        Ok(Some(match self.dependent(NEARLY).is_empty() {
            true => self.verdict(step),
            false => End::Degenerate,
        }))
    }

    /// No step lessens the violations: whether it is so with better gradients.
    pub(super) fn verify_least_violation<F: Functions>(
        &mut self,
        functions: &mut F,
        step: &Step,
    ) -> Result<Option<End>, F::Interrupt> {
        if self.learn_noise(functions)? || self.renew_noise(functions)? {
            return Ok(None);
        }
        self.keep_multipliers(step);
        if self.is_one_sided() {
            if let Some(end) = self.differentiate(true, functions)? {
                return Ok(Some(end));
            }
            if !self.is_least_violation() {
                return Ok(None);
            }
        }
        if let Some(noise) = &self.noise
            && !self.sees_least_violation()
        {
            return Ok(Some(End::NoiseLimited { level: noise[0] }));
        }
        Ok(Some(End::Infeasible))
    }

    fn verdict(&self, step: &Step) -> End {
        let violation = self.point.largest_violation(&self.equality);
        if self.lacks_multipliers(step) && !self.dependent(NEARLY).is_empty() {
            return End::Degenerate;
        }
        if step.elastic && violation > VIOLATION {
            return End::Infeasible;
        }
        // B p is the gradient of the Lagrangian with the multipliers of the step.
        let bp = self.hessian.times(&step.p);
        let parts = bp.iter().zip(&self.size).map(|(b, s)| (b * s).abs());
        let residual = parts.fold(0.0, f64::max) / self.slope().max(self.value_scale()).max(1e-300);
        let rows = step
            .multipliers
            .iter()
            .zip(&self.point.c)
            .zip(&self.equality);
        let complementarity = rows
            .filter(|(_, equality)| !**equality)
            .fold(0.0, |most: f64, ((l, c), _)| most.max((l * c).abs()));
        if residual <= RESIDUAL && violation <= VIOLATION {
            return End::Converged {
                residual,
                complementarity,
            };
        }
        End::Stalled {
            predicted: self.predicted(step),
        }
    }

    /// No better point along the step: one remedy after the other, then the verdict.
    pub(super) fn after_failure<F: Functions>(
        &mut self,
        functions: &mut F,
    ) -> Result<Option<End>, F::Interrupt> {
        self.failed_searches += 1;
        if self.learn_noise(functions)? {
            self.failed_searches = 0;
            return Ok(None);
        }
        if self.renew_noise(functions)? {
            return Ok(None);
        }
        if self.failed_searches == 1 && self.is_one_sided() {
            return self.differentiate(true, functions);
        }
        match self.failed_searches {
            1 | 2 => {
                if self.is_one_sided()
                    && let Some(end) = self.differentiate(true, functions)?
                {
                    return Ok(Some(end));
                }
                self.failed_searches = 2;
                self.reset_hessian();
                Ok(None)
            }
            3 => {
                self.hessian = self.diagonal(self.slope().max(1e-300));
                for (w, l) in self.weights.iter_mut().zip(&self.multipliers) {
                    *w = l.abs();
                }
                Ok(None)
            }
            _ => {
                if let Some(noise) = &self.noise {
                    return Ok(Some(End::NoiseLimited { level: noise[0] }));
                }
                let Some(step) = self.step() else {
                    let predicted = f64::NAN;
                    return Ok(Some(End::Stalled { predicted }));
                };
                self.keep_multipliers(&step);
                Ok(Some(self.verdict(&step)))
            }
        }
    }
}
