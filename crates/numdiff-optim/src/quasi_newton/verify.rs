//! The check before success is claimed.

use super::{IDLE, QuasiNewton};
use crate::flat::PROBE_DISTANCE;
use crate::matrix::largest;
use crate::minimality_check::{LEAST, flat_in};
use crate::oracle::{Halt, Oracle};
use crate::status::{Stall, Status, Test};
use crate::weak::{LARGEST, Surroundings};

/// The decrease that differences over [`PROBE_DISTANCE`] of the size of x may predict by their truncation alone, as a share of
/// what f changes over the size of x: gradients are off by PROBE_DISTANCE^2 / 6 of it for a third derivative of that scale.
const TRUNCATION: f64 = 1e-12;

pub(super) enum Verdict {
    /// The run is over.
    End(Status),
    /// The state changed: begin the iteration anew.
    Again,
    /// There is more to be had along the direction.
    GoOn,
}

impl QuasiNewton {
    /// The model predicts no decrease worth having. Looks again with the best gradient, measures the
    /// noise if that was never done, and looks farther out, before it is believed.
    pub(super) fn verify(
        &mut self,
        oracle: &mut Oracle<'_>,
        direction: &mut Vec<f64>,
        predicted: &mut f64,
    ) -> Result<Verdict, Halt> {
        if !self.fresh && !oracle.given {
            self.recenter(oracle)?;
            self.renew(oracle, direction, predicted);
            if *predicted > self.target_decrease() {
                return Ok(Verdict::GoOn);
            }
        }
        if !self.noise.is_known() {
            self.measure_noise(oracle, direction)?;
        }
        if !self.verified {
            self.verified = true;
            self.verifications += 1;
            // Noise far below the tolerance does not hide a decrease that would matter.
            let hides = self.level() > 0.1 * self.target_decrease();
            if self.noise.is_large(self.f) && hides && !oracle.given {
                self.curvature_above_noise(oracle)?;
                return Ok(Verdict::Again);
            }
            let (believed, mut kept) = (self.gradient.clone(), self.hessian.clone());
            if oracle.given {
                let look = oracle.minimality_check(
                    (&self.x, self.f),
                    &self.gradient,
                    self.tolerance,
                    LEAST,
                )?;
                self.flat = flat_in(&look);
            } else {
                let intervals = self.relative(PROBE_DISTANCE, 0.1);
                let curvature = self.central_gradient_by(oracle, &intervals)?;
                let still = self.unmoved_by(&intervals, &curvature);
                let sizes = self.relative(1.0, 0.1);
                self.flat = oracle.flat_coordinates(&self.x, self.f, &sizes, &still)?;
                if self.x.len() <= LARGEST && self.flat.is_empty() {
                    self.flat = self.one_sided_lines(oracle, &intervals, &sizes, &curvature)?;
                }
                self.limit_diagonal(&curvature);
                kept.clone_from(&self.hessian);
                self.adopt_diagonal(&curvature);
            }
            if self.move_to_lower(oracle)? {
                return Ok(Verdict::Again);
            }
            self.renew(oracle, direction, predicted);
            // What the wide look's own truncation amounts to, or the twelve digits of f that make a step idle.
            let modest = (TRUNCATION * self.bends(0.1)).max(IDLE * self.f.abs());
            if *predicted > self.target_decrease() && *predicted <= modest {
                // The wide look agrees to its own accuracy; the narrow one is the better.
                (self.gradient, self.hessian) = (believed, kept);
                self.renew(oracle, direction, predicted);
                if *predicted > self.target_decrease() {
                    return Ok(Verdict::GoOn);
                }
            }
        }
        if *predicted > self.target_decrease() {
            return Ok(Verdict::GoOn);
        }
        if self.move_to_lower(oracle)? {
            return Ok(Verdict::Again);
        }
        if self.knows_lower(oracle) {
            // Lower points again and again: what the model says of f does not hold.
            let predicted = self.f - oracle.best.1;
            let cause = Stall::Search { predicted };
            return Ok(Verdict::End(Status::Stalled { cause }));
        }
        let tolerance = self.target_decrease();
        let projected = oracle.bounds.projected(&self.x, &self.gradient);
        let test = if largest(&projected) == 0.0 {
            Test::Gradient {
                largest: 0.0,
                tolerance: 0.0,
            }
        } else {
            Test::Decrease {
                predicted: *predicted,
                tolerance,
            }
        };
        self.claim(oracle, test).map(Verdict::End)
    }

    /// The coordinates of lines on which f stands still on one side, by the differences just taken.
    fn one_sided_lines(
        &self,
        oracle: &mut Oracle<'_>,
        steps: &[f64],
        sizes: &[f64],
        curvature: &[(f64, f64)],
    ) -> Result<Vec<usize>, Halt> {
        let known = |i: usize| curvature[i].0.is_finite() && self.error[i].is_finite();
        let step = |i: usize| {
            if known(i) && !oracle.bounds.is_fixed(i) {
                steps[i]
            } else {
                0.0
            }
        };
        let steps: Vec<f64> = (0..steps.len()).map(step).collect();
        let bend = |i: usize| {
            if known(i) {
                curvature[i].0 * steps[i] * steps[i]
            } else {
                0.0
            }
        };
        let bends: Vec<f64> = (0..steps.len()).map(bend).collect();
        let change = |i: usize| self.gradient[i] * steps[i] + 0.5 * bends[i];
        oracle.one_sided_lines(&Surroundings {
            x: &self.x,
            f: self.f,
            changes: (0..steps.len()).map(change).collect(),
            bends,
            steps: &steps,
            sizes,
            level: self.level(),
        })
    }

    fn renew(&mut self, oracle: &Oracle<'_>, direction: &mut Vec<f64>, predicted: &mut f64) {
        *direction = self.direction(oracle);
        *predicted = self.predicted(direction);
    }

    /// Whether a point is known that is lower than x by more than the tolerance.
    pub(super) fn knows_lower(&self, oracle: &Oracle<'_>) -> bool {
        // The lowest of many noisy values is low by chance, by a few standard deviations.
        let chance = if self.noise.is_large(self.f) {
            10.0 * self.level()
        } else {
            0.0
        };
        oracle.best.1 < self.f - chance.max(4.0 * self.target_decrease())
    }

    /// When the check found a point that is lower by more than the tolerance, x was no minimum.
    pub(super) fn move_to_lower(&mut self, oracle: &mut Oracle<'_>) -> Result<bool, Halt> {
        if !self.knows_lower(oracle) || self.verifications > 8 {
            return Ok(false);
        }
        (self.x, self.f) = oracle.best.clone();
        self.verified = false;
        self.last_step = f64::INFINITY;
        if oracle.given {
            self.given_gradient(oracle)?;
        } else {
            self.recenter(oracle)?;
        }
        Ok(true)
    }
}
