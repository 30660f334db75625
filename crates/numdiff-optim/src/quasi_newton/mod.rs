//! The default: a quasi-Newton method that sees function values alone.
//!
//! BFGS on the Hessian (Nocedal and Wright, Numerical Optimization, chapter 6) with what function
//! values make worthwhile: a gradient costs n evaluations and a trial point one, so the search looks
//! for a good point instead of an acceptable one, and two of its values spare the gradient a probe; differences take their intervals from the curvature
//! that the method knows anyway, and go from one side to both, and to the noise of f, as the errors
//! of the gradient come to matter.

mod box_model;
mod end_slope;
mod gradient;
mod intervals;
mod noise;
mod restart;
mod scale;
mod search;
mod secants;
mod start;
mod update;
mod verify;

use crate::flat::{movable, unmoved};
use crate::interrupt::Interrupt;
use crate::matrix::{Matrix, difference, dot, negated, norm};
use crate::minimality_check::{LEAST, blind};
use crate::problem::Problem;
use crate::status::{Divergence, Stall, Status, Test};
use end_slope::EndSlope;
use noise::Noise;
use restart::{Attempt, Kind};
use search::Found;
use secants::Secants;

/// A step may be at most this many times as long as the one before it: far enough to accelerate down
/// a slope in a few iterations, not so far that one bad model throws x out of the basin.
const GROWTH: f64 = 10.0;

/// A first step that gains less than this share of f gains next to nothing.
const IDLE: f64 = 1e-12;

/// The tolerance is relative to f; of the terms that cancel at x it is this share, since where they cancel to 0
/// the last steps converge quadratically and each costs little.
const CANCELLED: f64 = 1e-3;

/// Where all unknowns are nearer to 0 than this share of their typical size, they count as that far away: no terms
/// cancel there, and f may go on to 0 without end.
const NEXT_TO_ZERO: f64 = 1e-4;

/// f below the start by this factor of its scale: there is no minimum to be had.
const UNBOUNDED: f64 = 1e30;

/// The state between two iterations: all of it, so that a saved run goes on with the same bits.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct QuasiNewton {
    pub x: Vec<f64>,
    pub f: f64,
    pub gradient: Vec<f64>,
    /// Estimated absolute error of each component of `gradient`.
    pub error: Vec<f64>,
    hessian: Matrix,
    secants: Secants,
    /// The least size of a coordinate: 1, unless the start shows otherwise.
    x_scale: Vec<f64>,
    /// Differences on both sides.
    central: bool,
    /// The gradient at x is already the best this method can take.
    fresh: bool,
    pub noise: Noise,
    /// Length of the last step; infinite when there is none to compare with.
    pub last_step: f64,
    start_value: f64,
    pub iteration: usize,
    /// Failed searches since the last step.
    failed_searches: u32,
    /// Whether x was checked since the last step that mattered, and how often in all.
    verified: bool,
    verifications: u32,
    /// The coordinates in which no displacement changed f, at any distance tried.
    flat: Vec<usize>,
    /// Whether the last gradient was given.
    given: bool,
    attempt: Attempt,
    tolerance: f64,
}

impl QuasiNewton {
    /// Differentiates at the start, whose value is `f`.
    pub fn start(
        x: Vec<f64>,
        f: f64,
        tolerance: f64,
        problem: &mut Problem<'_>,
    ) -> Result<Self, Interrupt> {
        let n = x.len();
        let mut state = QuasiNewton {
            attempt: Attempt::new(&x, f),
            x,
            f,
            gradient: vec![0.0; n],
            error: vec![0.0; n],
            hessian: Matrix::from_diagonal(&vec![1.0; n]),
            secants: Secants::new(n, problem.given),
            x_scale: vec![1.0; n],
            central: false,
            fresh: false,
            noise: Noise::unknown(),
            last_step: f64::INFINITY,
            start_value: f,
            iteration: 0,
            failed_searches: 0,
            verified: false,
            verifications: 0,
            flat: Vec::new(),
            given: problem.given,
            tolerance,
        };
        state.first_gradient(problem)?;
        Ok(state)
    }

    /// The absolute noise of f at x.
    fn level(&self) -> f64 {
        self.noise.at(self.f)
    }

    /// One iteration.
    pub fn iterate(&mut self, problem: &mut Problem<'_>) -> Result<Option<Status>, Interrupt> {
        if self.begin_again(problem)? {
            return Ok(None);
        }
        match self.advance(problem)? {
            Some(status) => self.ends(problem, status),
            None => Ok(None),
        }
    }

    /// A direction, a search along it, and the gradient where it ends.
    fn advance(&mut self, problem: &mut Problem<'_>) -> Result<Option<Status>, Interrupt> {
        let mut direction = self.direction(problem);
        let mut predicted = self.predicted(&direction);
        if !problem.given && !self.central && self.steps() > 1 {
            let projected = problem.bounds.projected(&self.x, &self.gradient);
            // Two standard errors: below, one-sided differences would mislead.
            if norm(&projected) < 2.0 * norm(&self.error) {
                self.recenter(problem)?;
                direction = self.direction(problem);
                predicted = self.predicted(&direction);
            }
        }
        if self.should_know_noise(problem, predicted) {
            self.measure_noise(problem, &direction)?;
        }
        if predicted <= self.target_decrease() {
            match self.verify(problem, &mut direction, &mut predicted)? {
                verify::Verdict::End(status) => return Ok(Some(status)),
                verify::Verdict::Again => return Ok(None),
                verify::Verdict::GoOn => {}
            }
        }
        if let Some(i) = self.error.iter().position(|e| e.is_infinite())
            && (predicted <= self.target_decrease() || self.failed_searches > 2)
        {
            return Ok(Some(Status::Stalled {
                cause: Stall::Domain { coordinate: i },
            }));
        }
        let slope = dot(&self.gradient, &direction);
        let longest = match self.steps() {
            0 => f64::INFINITY,
            _ => GROWTH * self.last_step / norm(&direction),
        };
        let found = if slope < 0.0 {
            self.search(problem, &direction, slope, longest)?
        } else {
            Found::Nothing
        };
        let Found::Lower { x, f, end } = found else {
            return self.after_failed_search(problem, &direction, predicted);
        };
        // A first step that gains next to nothing, by a gradient of two digits, suggests that x is at a
        // minimum already: take the better gradient before moving.
        let idle = self.steps() == 0 && self.f - f <= IDLE * self.f.abs();
        if idle && !self.central && !problem.given {
            self.recenter(problem)?;
            return Ok(None);
        }
        // Nor is it a step if it gains less than what counts as a decrease.
        if self.steps() == 0 && self.f - f <= self.target_decrease() {
            return self.after_failed_search(problem, &direction, predicted);
        }
        let before = Before {
            step: difference(&x, &self.x),
            gradient: std::mem::replace(&mut self.gradient, vec![0.0; x.len()]),
            value: self.f,
            end,
        };
        (self.x, self.f) = (x, f);
        self.failed_searches = 0;
        self.fresh = false;
        self.last_step = norm(&before.step);
        self.iteration += 1;
        // A step that mattered makes an earlier check stale.
        if before.value - self.f > 1e3 * self.target_decrease() && self.verifications < 8 {
            self.verified = false;
        }
        self.differentiate(problem, &before)?;
        if self.f < -UNBOUNDED * self.start_value.abs().max(1.0) {
            let cause = Divergence::Unbounded { value: self.f };
            return Ok(Some(Status::Diverged {
                iteration: self.iteration,
                cause,
            }));
        }
        Ok(None)
    }

    /// The gradient at the new point, and what it tells of the Hessian.
    fn differentiate(
        &mut self,
        problem: &mut Problem<'_>,
        before: &Before,
    ) -> Result<(), Interrupt> {
        if problem.given {
            self.given_gradient(problem)?;
            if self.steps() == 1 {
                self.scale_by_secant(before);
            }
        } else if self.attempt.kind == Kind::First
            && self.steps() == 1
            && !self.central
            && !self.noise.is_large(self.f)
        {
            return self.second_gradient(problem, before);
        } else if self.central {
            self.central_gradient(problem)?;
        } else {
            self.forward_gradient(problem, before)?;
        }
        self.update(before, problem.given);
        Ok(())
    }

    /// The decrease that the model predicts for a step.
    fn predicted(&self, step: &[f64]) -> f64 {
        -(dot(&self.gradient, step) + 0.5 * dot(&self.hessian.times(step), step))
    }

    /// A predicted decrease this small is none: the tolerance relative to f and to the terms that cancel in it
    /// at x, or the noise.
    fn target_decrease(&self) -> f64 {
        // A start that can be lowered by less than a hundred roundings is a minimum: f's own rounding is
        // often some last places.
        let modest = if self.steps() == 0 { 100.0 } else { 1.0 };
        (modest * self.tolerance * self.f.abs())
            .max(CANCELLED * self.tolerance * self.variation())
            .max(self.level())
            .max(f64::MIN_POSITIVE)
    }

    /// The minimizer of the model in the box. Where rounding has cost the Hessian its positive definiteness it is
    /// built again, from its diagonal and the last secant equations; where that fails only the diagonal is kept.
    fn direction(&mut self, problem: &Problem<'_>) -> Vec<f64> {
        if let Some(step) = self.model_minimizer(problem) {
            return step;
        }
        self.keep_diagonal();
        self.secants.sweep(&mut self.hessian);
        if let Some(step) = self.model_minimizer(problem) {
            return step;
        }
        self.restart_from_diagonal();
        self.model_minimizer(problem).unwrap_or_else(|| {
            // A Hessian of numbers that are no numbers any more: the gradient, moved into the box.
            let down = negated(&problem.bounds.projected(&self.x, &self.gradient));
            difference(&problem.bounds.along(&self.x, &down, 1.0), &self.x)
        })
    }

    fn model_minimizer(&self, problem: &Problem<'_>) -> Option<Vec<f64>> {
        box_model::minimizer(&self.hessian, &self.gradient, &self.x, &problem.bounds)
    }

    fn restart_from_diagonal(&mut self) {
        self.keep_diagonal();
        self.secants.forget();
    }

    fn keep_diagonal(&mut self) {
        let positive = |d: f64| if d > 0.0 && d.is_finite() { d } else { 1.0 };
        let diagonal: Vec<f64> = self.hessian.diagonal().into_iter().map(positive).collect();
        self.hessian = Matrix::from_diagonal(&diagonal);
    }

    /// No lower point along a direction that should have one: the noise is larger than assumed, the
    /// gradient is too inaccurate, or the Hessian is wrong. They are tried in this order.
    fn after_failed_search(
        &mut self,
        problem: &mut Problem<'_>,
        direction: &[f64],
        predicted: f64,
    ) -> Result<Option<Status>, Interrupt> {
        self.failed_searches += 1;
        if self.noise.is_stale(self.f) {
            let before = self.level();
            self.measure_noise(problem, direction)?;
            if self.noise.is_large(self.f) {
                self.last_step = f64::INFINITY;
                if problem.given {
                    self.restart_from_diagonal();
                } else {
                    self.curvature_above_noise(problem)?;
                }
                return Ok(None);
            }
            if self.level() > before && !problem.given {
                self.recenter(problem)?;
                return Ok(None);
            }
        }
        if !self.fresh && !problem.given {
            self.recenter(problem)?;
            return Ok(None);
        }
        if self.failed_searches <= 3 {
            self.last_step = f64::INFINITY;
            if problem.given {
                self.restart_from_diagonal();
            } else if self.noise.is_large(self.f) {
                self.curvature_above_noise(problem)?;
            } else {
                self.restart_from_diagonal();
                self.recenter(problem)?;
            }
            return Ok(None);
        }
        // Two orders above the noise the model may err so much; beyond, something else is wrong.
        let stalled = Status::Stalled {
            cause: Stall::Search { predicted },
        };
        if !(predicted <= 100.0 * self.target_decrease()) {
            return Ok(Some(stalled));
        }
        if !self.verified {
            self.verified = true;
            self.verifications += 1;
            let at = (&self.x[..], self.f);
            problem.minimality_check(at, &self.gradient, self.tolerance, LEAST)?;
            let (sizes, all) = (
                self.relative(1.0, 0.1),
                (0..self.x.len()).collect::<Vec<_>>(),
            );
            self.flat = problem.flat_coordinates(&self.x, self.f, &sizes, &all)?;
            if self.move_to_lower(problem)? {
                self.failed_searches = 0;
                return Ok(None);
            }
        }
        if self.knows_lower(problem) {
            return Ok(Some(stalled));
        }
        self.claim(problem, Test::Rounding { predicted }).map(Some)
    }

    /// The terms of the model that cancel at x, B_ii x_i^2 / 2 one unknown at a time. Given gradients are exact and
    /// converge to the last place of f without it.
    fn variation(&self) -> f64 {
        let terms = match self.given {
            true => 0.0,
            false => self.bends(if self.is_next_to_zero() {
                NEXT_TO_ZERO
            } else {
                0.0
            }),
        };
        // Where x has run away nothing cancels.
        if terms.is_finite() { terms } else { 0.0 }
    }

    fn is_next_to_zero(&self) -> bool {
        let mut sizes = self.x.iter().zip(&self.x_scale);
        sizes.all(|(x, t)| x.abs() < NEXT_TO_ZERO * t)
    }

    /// B_ii x_i^2 / 2, no x_i taken for less than this share of its typical size.
    fn bends(&self, least: f64) -> f64 {
        let sizes = self.x.iter().zip(&self.x_scale);
        let bends = self.hessian.diagonal().into_iter().zip(sizes);
        bends
            .map(|(b, (x, t))| 0.5 * b.abs() * x.abs().max(least * *t).powi(2))
            .sum()
    }

    /// The claim that the evidence allows.
    fn claim(&self, problem: &mut Problem<'_>, test: Test) -> Result<Status, Interrupt> {
        if let Some(status) = blind(&self.error) {
            return Ok(status);
        }
        if let Some(status) = unmoved(&self.flat, movable(&problem.bounds, self.x.len())) {
            return Ok(status);
        }
        let sizes = self.relative(1.0, 0.1);
        if problem.has_kink(&self.x, self.f, &sizes, self.level())? {
            let cause = Stall::Kink;
            return Ok(Status::Stalled { cause });
        }
        // Ten digits of f, and of what it becomes farther away: what is lost beyond them is rounding to most callers.
        if self.level() > 1e-10 * (self.f.abs() + self.bends(1.0)) {
            return Ok(Status::NoiseLimited {
                level: self.level(),
            });
        }
        let active_bounds = problem.bounds.active(&self.x, &self.gradient);
        Ok(Status::Converged {
            test,
            active_bounds,
        })
    }
}

/// The step just taken, and what was known where it began.
struct Before {
    step: Vec<f64>,
    gradient: Vec<f64>,
    value: f64,
    /// The slope along the step where it ended.
    end: Option<EndSlope>,
}
