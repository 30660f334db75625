//! The check before success is claimed.

use super::start::FIRST;
use super::{Accuracy, Check, QuasiNewton};
use crate::flat::PROBE_DISTANCE;
use crate::interrupt::Interrupt;
use crate::matrix::largest;
use crate::minimality_check::{LEAST, MAX_RECHECKS, flat_in};
use crate::problem::Problem;
use crate::status::{Stall, Status, Test};
use crate::weak::{LARGEST, Surroundings};

/// The decrease that differences over [`PROBE_DISTANCE`] of the size of x may predict by their truncation alone, as a share of
/// what f changes over the size of x: gradients are off by PROBE_DISTANCE^2 / 6 of it for a third derivative of that scale.
const TRUNCATION: f64 = 1e-12;

/// Standard deviations by which the lowest of many noisy values is low by chance.
const CHANCE: f64 = 10.0;
/// A point is lower than x if it is by so many times the decrease that counts.
const LOWER: f64 = 4.0;
/// A decrease by less than this share of f is not worth another gradient.
const TWELVE_DIGITS: f64 = 1e-12;
/// Noise below this share of the decrease that counts does not hide one that would matter.
const HIDES: f64 = 0.1;

pub(super) enum Verdict {
    /// The run is over.
    End(Status),
    /// The state changed: begin the iteration anew.
    Again,
    /// There is more to be had along the direction.
    GoOn,
}

impl QuasiNewton {
    /// The model predicts no decrease worth having. Before that is believed, it is checked with the best
    /// gradient, with measured noise, and with differences over a wider interval.
    pub(super) fn verify(
        &mut self,
        problem: &mut Problem<'_>,
        direction: &mut Vec<f64>,
        predicted: &mut f64,
    ) -> Result<Verdict, Interrupt> {
        if self.accuracy == Accuracy::Improvable && !problem.is_analytic() {
            self.recenter(problem)?;
            self.renew(problem, direction, predicted);
            if *predicted > self.target_decrease() {
                return Ok(Verdict::GoOn);
            }
        }
        let at_start = self.check == Check::AtStart;
        if !self.noise.is_known() && !at_start {
            self.measure_noise(problem, direction)?;
        }
        if self.check != Check::Done {
            self.check = Check::Done;
            self.checks += 1;
            let hides = self.level() > HIDES * self.target_decrease();
            if self.noise.is_large(self.f) && hides && !problem.is_analytic() {
                self.curvature_above_noise(problem)?;
                return Ok(Verdict::Again);
            }
            let (believed, mut kept) = (self.gradient.clone(), self.hessian.clone());
            if problem.is_analytic() {
                let found = problem.minimality_check(
                    (&self.x, self.f),
                    &self.gradient,
                    self.tolerance,
                    LEAST,
                )?;
                self.flat = flat_in(&found);
            } else {
                let intervals = match at_start {
                    true => self.relative(FIRST, 1.0),
                    false => self.relative(PROBE_DISTANCE, LEAST),
                };
                let curvature = match at_start {
                    true => self.hessian.diagonal().iter().map(|b| (*b, 0.0)).collect(),
                    false => self.central_gradient_by(problem, &intervals)?,
                };
                let still = self.unmoved_by(&intervals, &curvature);
                let sizes = self.relative(1.0, LEAST);
                self.flat = problem.flat_coordinates(&self.x, self.f, &sizes, &still)?;
                if self.x.len() <= LARGEST && self.flat.is_empty() {
                    self.flat = self.one_sided_lines(problem, &intervals, &sizes, &curvature)?;
                }
                self.limit_diagonal(&curvature);
                kept.clone_from(&self.hessian);
                self.adopt_diagonal(&curvature);
            }
            if self.move_to_lower(problem)? {
                return Ok(Verdict::Again);
            }
            self.renew(problem, direction, predicted);
            // What the truncation of wide differences amounts to, or the last digits of f.
            let modest = (TRUNCATION * self.bends(LEAST)).max(TWELVE_DIGITS * self.f.abs());
            if *predicted > self.target_decrease() && *predicted <= modest {
                // Wide differences agree to their own accuracy; narrow ones are better.
                (self.gradient, self.hessian) = (believed, kept);
                self.renew(problem, direction, predicted);
                if *predicted > self.target_decrease() {
                    return Ok(Verdict::GoOn);
                }
            }
        }
        if *predicted > self.target_decrease() {
            return Ok(Verdict::GoOn);
        }
        if self.move_to_lower(problem)? {
            return Ok(Verdict::Again);
        }
        if self.knows_lower(problem) {
            // Lower points again and again: what the model says of f does not hold.
            let predicted = self.f - problem.best.1;
            let cause = Stall::Search { predicted };
            return Ok(Verdict::End(Status::Stalled { cause }));
        }
        let tolerance = self.target_decrease();
        let projected = problem.bounds.projected(&self.x, &self.gradient);
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
        self.claim(problem, test).map(Verdict::End)
    }

    /// The coordinates of lines on which f stands still on one side, by the differences just taken.
    fn one_sided_lines(
        &self,
        problem: &mut Problem<'_>,
        steps: &[f64],
        sizes: &[f64],
        curvature: &[(f64, f64)],
    ) -> Result<Vec<usize>, Interrupt> {
        let known = |i: usize| curvature[i].0.is_finite() && self.error[i].is_finite();
        let step = |i: usize| {
            if known(i) && !problem.bounds.is_fixed(i) {
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
        problem.one_sided_lines(&Surroundings {
            x: &self.x,
            f: self.f,
            changes: (0..steps.len()).map(change).collect(),
            bends,
            steps: &steps,
            sizes,
            level: self.level(),
        })
    }

    fn renew(&mut self, problem: &Problem<'_>, direction: &mut Vec<f64>, predicted: &mut f64) {
        *direction = self.direction(problem);
        *predicted = self.predicted(direction);
    }

    /// Whether a point is known that is lower than x by more than the tolerance.
    pub(super) fn knows_lower(&self, problem: &Problem<'_>) -> bool {
        let chance = if self.noise.is_large(self.f) {
            CHANCE * self.level()
        } else {
            0.0
        };
        problem.best.1 < self.f - chance.max(LOWER * self.target_decrease())
    }

    /// When the check found a point that is lower by more than the tolerance, x was no minimum.
    pub(super) fn move_to_lower(&mut self, problem: &mut Problem<'_>) -> Result<bool, Interrupt> {
        if !self.knows_lower(problem) || self.checks > MAX_RECHECKS {
            return Ok(false);
        }
        (self.x, self.f) = problem.best.clone();
        self.check = Check::Due;
        self.last_step = f64::INFINITY;
        if problem.is_analytic() {
            self.given_gradient(problem)?;
        } else {
            self.recenter(problem)?;
        }
        Ok(true)
    }
}
