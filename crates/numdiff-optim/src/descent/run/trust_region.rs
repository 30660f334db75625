//! Steps within a trust region.

use super::displacement::moves;
use super::{DescentRun, Scratch};
use crate::interrupt::Interrupt;
use crate::matrix::{dot, norm};
use crate::problem::Problem;
use crate::status::Status;

impl DescentRun {
    /// Nocedal and Wright, algorithm 4.1.
    pub(super) fn trust_region(
        &mut self,
        problem: &mut Problem<'_>,
        scratch: &mut Scratch,
    ) -> Result<Option<Status>, Interrupt> {
        let p = &mut scratch.direction;
        let predicted = match self.descent.predicted(&self.state.gradient, p) {
            Some(predicted) => predicted,
            // No model but the slope: a direction of which the radius is the length, or the most.
            None => {
                let share = self.radius / norm(p);
                if share < 1.0 || !self.descent.has_scale() {
                    p.iter_mut().for_each(|p| *p *= share);
                }
                -dot(&self.state.gradient, p)
            }
        };
        let p = &scratch.direction;
        let length = norm(p);
        scratch.x.clear();
        scratch
            .x
            .extend(self.state.x.iter().zip(p).map(|(x, p)| x + p));
        let f = problem.value(&scratch.x)?;
        let ratio = if f.is_finite() {
            (self.state.f - f) / predicted
        } else {
            -1.0
        };
        let radius = if !(ratio >= 0.25) {
            0.25 * length
        } else if ratio > 0.75 && length >= 0.99 * self.radius {
            2.0 * self.radius
        } else {
            self.radius
        };
        if !(ratio > 1e-4 && f < self.state.f) {
            let slope = dot(&self.state.gradient, p);
            if !moves(&self.state.x, p, 1.0) || predicted <= f64::EPSILON * self.state.f.abs() {
                self.radius = radius;
                return self.after_failed_search(problem, slope);
            }
            self.radius = radius;
            return Ok(None);
        }
        scratch.gradient.resize(self.state.x.len(), 0.0);
        self.state.gradients.take(
            problem,
            &scratch.x,
            f,
            &mut scratch.gradient,
            &mut scratch.error,
        )?;
        self.radius = radius;
        self.accept(f, scratch);
        Ok(self.state.unbounded())
    }
}
