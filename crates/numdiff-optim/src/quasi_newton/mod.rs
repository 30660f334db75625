//! The default: a quasi-Newton method that sees function values alone.
//!
//! BFGS on the Hessian (Nocedal and Wright, Numerical Optimization, chapter 6) with what function values make
//! worthwhile: a gradient costs n evaluations and a trial point one, so the search looks for a good point instead of an
//! acceptable one, and two of its values spare the gradient a probe; differences take their intervals from the
//! curvature that the method knows anyway, and go from one side to both, and to the noise of f, as the errors of the
//! gradient come to matter.

mod end_slope;
mod ending;
mod gradient;
mod intervals;
mod model;
mod noise;
mod restart;
mod scale;
mod search;
mod secants;
mod start;
mod update;
mod verify;

use crate::convergence::{Tested, unbounded};
use crate::differences::{MISLED, Sides};
use crate::interrupt::Interrupt;
use crate::line_search::GROWTH;
use crate::matrix::{Matrix, difference, dot, norm};
use crate::minimality_check::MAX_RECHECKS;
use crate::problem::Problem;
use crate::reach::Reach;
use crate::status::{Stall, Status};
use end_slope::EndSlope;
use ending::REMEDIES;
use noise::Noise;
use restart::{Attempt, Kind};
use search::Found;
use secants::Secants;

/// A step that gains so many times the decrease that counts as one makes an earlier check stale.
const STALE: f64 = 30.0;

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
    /// The largest size of a coordinate, where f varies over less than it is large.
    reach: Reach,
    /// On which sides the next differences are taken.
    sides: Sides,
    /// Of the gradient at x.
    accuracy: Accuracy,
    pub noise: Noise,
    /// Length of the last step; infinite when there is none to compare with.
    pub last_step: f64,
    start_value: f64,
    pub iteration: usize,
    /// Failed searches since the last step.
    failed_searches: u32,
    check: Check,
    /// Checks made.
    checks: u32,
    /// The coordinates in which no displacement changed f, at any distance tried.
    flat: Vec<usize>,
    /// The coordinates along which f falls or stays without end.
    away: Vec<usize>,
    /// What the parabola around x falls by.
    fall: f64,
    /// Whether the last gradient was given.
    given: bool,
    attempt: Attempt,
    tolerance: f64,
}

/// How good the gradient at x is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Accuracy {
    /// Differences on both sides, or others farther away, would be better.
    Improvable,
    /// The method has no better.
    Best,
}

/// Whether f was evaluated around x before a claim.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Check {
    /// Not since the last step that mattered.
    Due,
    /// By the first differences: f rises on both sides of the start in all coordinates.
    AtStart,
    Done,
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
            secants: Secants::new(n, problem.is_analytic()),
            x_scale: vec![1.0; n],
            reach: Reach::unknown(n),
            sides: Sides::One,
            accuracy: Accuracy::Improvable,
            noise: Noise::unknown(),
            last_step: f64::INFINITY,
            start_value: f,
            iteration: 0,
            failed_searches: 0,
            check: Check::Due,
            checks: 0,
            flat: Vec::new(),
            away: Vec::new(),
            fall: 0.0,
            given: problem.is_analytic(),
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
        if !problem.is_analytic() && self.sides == Sides::One && self.steps() > 1 {
            let projected = problem.bounds.projected(&self.x, &self.gradient);
            if norm(&projected) < MISLED * norm(&self.error) {
                self.recenter(problem)?;
                direction = self.direction(problem);
                predicted = self.predicted(&direction);
            }
        }
        if self.should_know_noise(problem, predicted) {
            self.measure_noise(problem, &direction)?;
        }
        if predicted <= self.target_decrease() {
            let tested = self.verify(problem, &mut direction, &mut predicted)?;
            if let Tested::Done(end) = tested {
                return Ok(end);
            }
        }
        if let Some(i) = self.error.iter().position(|e| e.is_infinite())
            && (predicted <= self.target_decrease() || self.failed_searches >= REMEDIES)
        {
            return Ok(Some(Stall::Domain { coordinate: i }.status()));
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
        // A first step that gains less than what counts as a decrease is none.
        if self.steps() == 0 && self.f - f <= self.target_decrease() {
            return self.after_failed_search(problem, &direction, predicted);
        }
        let before = Before {
            step: difference(&x, &self.x),
            gradient: std::mem::replace(&mut self.gradient, vec![0.0; x.len()]),
            value: self.f,
            end,
        };
        self.reach.leave(&self.x, &x);
        (self.x, self.f) = (x, f);
        self.failed_searches = 0;
        self.accuracy = Accuracy::Improvable;
        self.last_step = norm(&before.step);
        self.iteration += 1;
        let gain = before.value - self.f;
        if gain > STALE * self.target_decrease() && self.checks < MAX_RECHECKS {
            self.check = Check::Due;
            self.fall = 0.0;
        }
        self.differentiate(problem, &before)?;
        Ok(unbounded(self.f, self.start_value, 1.0, self.iteration))
    }

    /// The gradient at the new point, and what it tells of the Hessian.
    fn differentiate(
        &mut self,
        problem: &mut Problem<'_>,
        before: &Before,
    ) -> Result<(), Interrupt> {
        if problem.is_analytic() {
            self.given_gradient(problem)?;
            if self.steps() == 1 {
                self.scale_by_secant(before);
            }
        } else if self.attempt.kind == Kind::First
            && self.steps() == 1
            && self.sides == Sides::One
            && !self.noise.is_large(self.f)
        {
            return self.second_gradient(problem, before);
        } else if self.sides == Sides::Both {
            self.central_gradient(problem)?;
        } else {
            self.forward_gradient(problem, before)?;
        }
        self.update(before, problem.is_analytic());
        Ok(())
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
