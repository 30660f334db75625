//! Whether a run is over, and what is claimed of its end.

use super::DescentRun;
use crate::convergence::relative_gradient;
use crate::flat::{movable, unmoved};
use crate::interrupt::Interrupt;
use crate::matrix::{dot, largest, norm};
use crate::minimality_check::{LEAST, MAX_RECHECKS, Neighborhood, blind, claim, decrease, finer};
use crate::problem::Problem;
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
        problem: &mut Problem<'_>,
        slope: f64,
    ) -> Result<Option<Status>, Interrupt> {
        if self.failed_searches < 2 && !self.gradients.best {
            self.sharpen(problem)?;
        }
        self.failed_searches += 1;
        self.last = None;
        self.radius = self.radius.max(1e-3 * norm(&self.x).max(1e-3));
        if self.failed_searches <= 2 {
            self.descent.reset();
            return Ok(None);
        }
        if let Some(status) = blind(&self.error) {
            return Ok(Some(status));
        }
        let stalled = Status::Stalled {
            cause: Stall::Search { predicted: -slope },
        };
        let relative = relative_gradient(problem, &self.x, self.f, &self.gradient);
        // Where differences of f end to tell the slope: the root of the rounding for curvatures of the
        // order of f, or a promised decrease near the rounding of f.
        let rounding = 1e-13 * self.f.abs().max(self.start_value.abs().min(1.0));
        if !(relative <= 10.0 * f64::EPSILON.sqrt() || self.promise <= rounding) {
            return Ok(Some(stalled));
        }
        match self.check_at_both_scales(problem)? {
            Verdict::Holds(quantum, scale) => {
                let test = Test::Rounding { predicted: -slope };
                Ok(Some(self.claim(problem, test, quantum, scale)))
            }
            Verdict::Kink => Ok(Some(Status::Stalled { cause: Stall::Kink })),
            Verdict::Flat(flat) => Ok(self.unmoved(problem, &flat)),
            Verdict::Again(_) => {
                self.failed_searches = 0;
                Ok(None)
            }
            Verdict::Refused => Ok(Some(stalled)),
        }
    }

    /// The best gradient there is at x, and from here on.
    fn sharpen(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        self.gradients.sharpen();
        let (g, e) = (&mut self.gradient, &mut self.error);
        self.gradients.take(problem, &self.x, self.f, g, e)
    }

    /// The gradient test, verified: `Some(None)` when x moved on instead of stopping.
    pub(super) fn converged(
        &mut self,
        problem: &mut Problem<'_>,
    ) -> Result<Option<Option<Status>>, Interrupt> {
        let relative = relative_gradient(problem, &self.x, self.f, &self.gradient);
        if !(relative <= self.threshold) {
            return Ok(None);
        }
        if !self.gradients.best {
            self.sharpen(problem)?;
            return Ok(Some(None));
        }
        if let Some(status) = blind(&self.error) {
            return Ok(Some(Some(status)));
        }
        let (quantum, seen) = match self.check_minimality(problem, LEAST)? {
            Verdict::Holds(quantum, scale) => (quantum, scale),
            Verdict::Kink => {
                let cause = Stall::Kink;
                return Ok(Some(Some(Status::Stalled { cause })));
            }
            Verdict::Flat(flat) => return Ok(Some(self.unmoved(problem, &flat))),
            Verdict::Again(scale) => {
                if let Some(scale) = scale {
                    self.threshold = finer(self.tolerance, scale, self.f, relative);
                }
                return Ok(Some(None));
            }
            Verdict::Refused => {
                let predicted = dot(&self.gradient, &self.gradient);
                let cause = Stall::Search { predicted };
                return Ok(Some(Some(Status::Stalled { cause })));
            }
        };
        let scale = self.f.abs().max(1.0);
        let projected = problem.bounds.projected(&self.x, &self.gradient);
        let test = Test::Gradient {
            largest: largest(&projected),
            tolerance: self.threshold * scale,
        };
        Ok(Some(Some(self.claim(problem, test, quantum, seen))))
    }

    fn unmoved(&self, problem: &Problem<'_>, flat: &[usize]) -> Option<Status> {
        unmoved(flat, movable(&problem.bounds, self.x.len()))
    }

    fn claim(&self, problem: &Problem<'_>, test: Test, quantum: f64, scale: f64) -> Status {
        let active_bounds = problem.bounds.active(&self.x, &self.gradient);
        claim(test, active_bounds, quantum, self.f, scale)
    }

    /// Where no search succeeds, an unknown that is smaller than usual may be one of a small unit: a check at its own scale,
    /// too.
    fn check_at_both_scales(&mut self, problem: &mut Problem<'_>) -> Result<Verdict, Interrupt> {
        let verdict = self.check_minimality(problem, LEAST)?;
        let small = self.x.iter().any(|x| *x != 0.0 && x.abs() < LEAST);
        if !(small && matches!(verdict, Verdict::Holds(..))) {
            return Ok(verdict);
        }
        match self.check_minimality(problem, 0.0)? {
            Verdict::Flat(_) => Ok(verdict),
            other => Ok(other),
        }
    }

    /// What the minimality check makes of a claim. A point that is lower is moved to.
    fn check_minimality(
        &mut self,
        problem: &mut Problem<'_>,
        least: f64,
    ) -> Result<Verdict, Interrupt> {
        let tolerance = decrease(self.tolerance);
        let found =
            problem.minimality_check((&self.x, self.f), &self.gradient, tolerance, least)?;
        let exhausted = self.rechecks >= MAX_RECHECKS;
        let (x, f, scale) = match found {
            Neighborhood::Minimum { quantum, scale } => return Ok(Verdict::Holds(quantum, scale)),
            Neighborhood::Kink => return Ok(Verdict::Kink),
            Neighborhood::Flat { coordinates } => return Ok(Verdict::Flat(coordinates)),
            // A ridge that is left again and again is one of rounding.
            Neighborhood::Ridge { .. } if exhausted => return Ok(Verdict::Holds(0.0, 0.0)),
            _ if exhausted => return Ok(Verdict::Refused),
            Neighborhood::Between { scale } => {
                self.rechecks += 1;
                return Ok(Verdict::Again(Some(scale)));
            }
            Neighborhood::Ridge { x, f } => (x, f, None),
            Neighborhood::Lower { x, f, scale } => (x, f, Some(scale)),
        };
        (self.x, self.f) = (x, f);
        let (g, e) = (&mut self.gradient, &mut self.error);
        self.gradients.take(problem, &self.x, self.f, g, e)?;
        self.descent.reset();
        self.last = None;
        self.rechecks += 1;
        Ok(Verdict::Again(scale))
    }
}

enum Verdict {
    /// With the quantum of f's values, and the scale of f.
    Holds(f64, f64),
    Kink,
    /// In these coordinates no displacement changed f.
    Flat(Vec<usize>),
    /// x moved to a lower point, or f would fall by more than the tolerance between the points that were rechecks at: with
    /// the scale of f if the tolerance was too coarse.
    Again(Option<f64>),
    /// Lower points again and again.
    Refused,
}
