//! What is done where no step lowers the sum.

use super::{Accuracy, LevenbergMarquardt, Model, Point};
use crate::interrupt::Interrupt;
use crate::matrix::norm;
use crate::problem::Problem;
use crate::status::{Stall, Status, Test};

/// Failed steps in a row before the run gives up.
const FAILURES: u32 = 60;
/// Central Jacobians at the end, and fresh radii where the run is stuck.
const RECENTERS: u32 = 6;
const UNSTUCK: u32 = 3;

impl LevenbergMarquardt {
    /// No decrease is left within the radius: the claim, unless the model promises more without one.
    pub(super) fn settle(
        &mut self,
        problem: &mut Problem<'_>,
        model: &Model,
        free: &[bool],
        predicted: f64,
    ) -> Result<Option<Status>, Interrupt> {
        if self.promised(model, free) > 10.0 * self.floor() {
            return self.stuck(problem, model, free);
        }
        let test = Test::Decrease {
            predicted: predicted.max(0.0),
            tolerance: self.floor(),
        };
        self.recenter_or_claim(problem, model, test)
    }

    /// Another Jacobian where the last is that of a point too far away; else the claim.
    fn recenter_or_claim(
        &mut self,
        problem: &mut Problem<'_>,
        model: &Model,
        test: Test,
    ) -> Result<Option<Status>, Interrupt> {
        if self.recenters < RECENTERS && self.has_drifted(model) {
            self.recenters += 1;
            self.recenter(problem)?;
            return Ok(None);
        }
        self.claim(problem, test)
    }

    /// No progress: first blame an updated Jacobian, then the radius, then noise.
    pub(super) fn rejected(
        &mut self,
        problem: &mut Problem<'_>,
        value: f64,
        slope: f64,
        predicted: f64,
        length: f64,
    ) -> Result<Option<Status>, Interrupt> {
        if self.updates > 0 {
            self.ratio = 1.0;
            let central = self.accuracy == Accuracy::Central;
            if !self.differentiate(problem, central)? {
                return self.outside(problem);
            }
            return Ok(None);
        }
        self.failures += 1;
        let shrink = if value.is_finite() && slope < 0.0 {
            (slope / (2.0 * (slope + self.value - value))).clamp(0.1, 0.5)
        } else {
            0.1
        };
        self.radius = shrink * self.radius.min(length);
        if !self.noise_known && !problem.has_jacobian() && self.failures == 2 {
            self.measure_noise(problem)?;
            return Ok(None);
        }
        let lost = predicted <= 10.0 * self.rounding();
        if !lost && self.failures < FAILURES {
            return Ok(None);
        }
        if self.accuracy != Accuracy::Central {
            self.failures = 0;
            self.radius = self.radius.max(1e-4 * norm(&self.weighted(&self.x)));
            self.recenter(problem)?;
            return Ok(None);
        }
        let model = self.model();
        let free = self.free(problem, &model.pull());
        let promised = self.promised(&model, &free);
        if promised <= 100.0 * self.rounding() {
            let test = Test::Rounding {
                predicted: promised,
            };
            return self.recenter_or_claim(problem, &model, test);
        }
        self.stuck(problem, &model, &free)
    }

    /// Nothing is gained within the radius, though the model promises more beyond it: with the scales and the radius
    /// of this place, before that is the end.
    fn stuck(
        &mut self,
        problem: &mut Problem<'_>,
        model: &Model,
        free: &[bool],
    ) -> Result<Option<Status>, Interrupt> {
        let left = match self.promises(model, free) {
            Some(promises) => match self.verified(problem, promises)? {
                None => return Ok(None),
                Some(left) => left,
            },
            None => self.promised(model, free),
        };
        if left <= 100.0 * self.rounding() {
            return self.claim(problem, Test::Rounding { predicted: left });
        }
        if self.unstuck < UNSTUCK {
            self.unstuck += 1;
            self.failures = 0;
            self.scale.fill(0.0);
            self.rescale(problem);
            self.widen(1.0);
            return Ok(None);
        }
        if self.noise > 0.0 && left <= 1e3 * self.rounding() {
            let level = 2.0 * self.value.sqrt() * self.noise;
            return Ok(Some(Status::NoiseLimited { level }));
        }
        let cause = Stall::Search { predicted: left };
        self.try_again(problem, Status::Stalled { cause })
    }

    /// The status of a sum that is the rounding of terms so large that it is lower at 0, where they are not.
    pub(super) fn cancelled(
        &mut self,
        problem: &mut Problem<'_>,
    ) -> Result<Option<Status>, Interrupt> {
        if self.value == 0.0 {
            return Ok(None);
        }
        let origin = self.origin(problem)?.filter(|origin| origin.value > 0.0);
        Ok(origin.map(|origin| {
            let predicted = self.value - origin.value;
            let cause = Stall::Search { predicted };
            Status::Stalled { cause }
        }))
    }

    /// The point in the box next to 0, where it is lower than x.
    pub(super) fn origin(&self, problem: &mut Problem<'_>) -> Result<Option<Point>, Interrupt> {
        let origin = (0..self.x.len()).map(|j| problem.bounds.clamp(j, 0.0));
        let origin = origin.collect();
        self.lower(problem, origin)
    }

    /// The point where it is lower than x.
    pub(super) fn lower(
        &self,
        problem: &mut Problem<'_>,
        x: Vec<f64>,
    ) -> Result<Option<Point>, Interrupt> {
        let found = self.evaluate(problem, x)?;
        Ok(found.filter(|point| point.value < self.value))
    }
}
