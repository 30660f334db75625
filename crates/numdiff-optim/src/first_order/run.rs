//! One run with a learning rate.

use super::UpdateRule;
use crate::convergence::relative_gradient;
use crate::flat::{movable, unmoved};
use crate::gradients::Gradients;
use crate::interrupt::Interrupt;
use crate::matrix::{difference, dot, largest, norm};
use crate::minimality_check::{LEAST, MAX_RECHECKS, Neighborhood, blind, claim, decrease, finer};
use crate::problem::Problem;
use crate::status::{Divergence, Stall, Status, Test};
use crate::{Error, Method, Schedule};
use numdiff_core::Error::NotFinite;

/// f above its start by this factor, 1 / eps^2: the digits of the start are lost twice over.
const GROWTH: f64 = 1.0 / (f64::EPSILON * f64::EPSILON);
/// Halvings of a step that leaves f's domain: more than doubles have digits for.
const HALVINGS: usize = 50;
/// Beyond this |f| a value that is not finite is an overflow, not an edge of the domain.
const HUGE: f64 = 1e200;
/// Iterations between two checks of the progress.
const WINDOW: usize = 10;
/// Stalled: at this pace the iterations allowed end with less than 1 % of the way made.
const WAY: f64 = 0.01;

/// Steps in a row that tell a rate beyond its limit from a single kink.
const BEYOND: u32 = 3;

/// The state between two iterations.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct FirstOrderRun {
    pub x: Vec<f64>,
    pub f: f64,
    pub gradient: Vec<f64>,
    pub error: Vec<f64>,
    pub iteration: usize,
    pub last_step: f64,
    rule: UpdateRule,
    rate: f64,
    schedule: Schedule,
    gradients: Gradients,
    start_value: f64,
    tolerance: f64,
    /// Of the gradient test: the tolerance, unless the minimality check found it too coarse.
    threshold: f64,
    /// x and its gradient at the last check of the progress.
    mark: (Vec<f64>, Vec<f64>),
    rechecks: u32,
    /// Where `gradient` was taken.
    at: Vec<f64>,
    /// Steps in a row with which f rose although, or because, the rate was beyond its limit.
    beyond: u32,
    /// Length of the last step relative to the one before, and the limit of the rate along it.
    growth: (f64, f64),
}

impl FirstOrderRun {
    pub fn start(
        x: Vec<f64>,
        f: f64,
        method: &Method,
        schedule: Schedule,
        tolerance: f64,
        problem: &mut Problem<'_>,
    ) -> Result<Self, Interrupt> {
        let n = x.len();
        let (Some(rule), Some(rate)) = (UpdateRule::new(method, n), method.learning_rate()) else {
            unreachable!("only methods with a learning rate come here")
        };
        let (mut gradient, mut error) = (vec![0.0; n], vec![0.0; n]);
        let mut gradients = Gradients::default();
        gradients.take(problem, &x, f, &mut gradient, &mut error)?;
        Ok(FirstOrderRun {
            mark: (x.clone(), gradient.clone()),
            at: x.clone(),
            x,
            f,
            gradient,
            error,
            iteration: 0,
            last_step: 0.0,
            rule,
            rate,
            schedule,
            gradients,
            start_value: f,
            tolerance,
            threshold: tolerance,
            rechecks: 0,
            beyond: 0,
            growth: (f64::NAN, f64::INFINITY),
        })
    }

    pub fn iterate(
        &mut self,
        problem: &mut Problem<'_>,
        remaining: usize,
    ) -> Result<Option<Status>, Interrupt> {
        if let Some(status) = self.vanished() {
            return Ok(Some(status));
        }
        if let Some(end) = self.converged(problem)? {
            return Ok(end);
        }
        if self.iteration > 0
            && self.iteration.is_multiple_of(WINDOW)
            && let Some(status) = self.progress(problem, remaining)
        {
            return Ok(Some(status));
        }
        let before = self.clone();
        let rate = self.rate * self.schedule.factor(self.iteration);
        self.rule.step(rate, &mut self.x, &before.gradient);
        for (i, x) in self.x.iter_mut().enumerate() {
            *x = problem.bounds.clamp(i, *x);
        }
        self.iteration += 1;
        let overflow = Ok(Some(Status::Diverged {
            iteration: self.iteration,
            cause: Divergence::NotFinite,
        }));
        if self.x.iter().any(|x| !x.is_finite()) {
            *self = before;
            return overflow;
        }
        self.f = problem.value(&self.x)?;
        // Outside f's domain: half the way back, until f is defined again.
        for _ in 0..HALVINGS {
            if self.f.is_finite() || before.f.abs() > HUGE {
                break;
            }
            let steps = self.x.iter_mut().zip(&before.x);
            steps.for_each(|(x, from)| *x = 0.5 * *x + 0.5 * from);
            self.f = problem.value(&self.x)?;
        }
        if !self.f.is_finite() {
            *self = before;
            return overflow;
        }
        self.last_step = norm(&difference(&self.x, &before.x));
        let factor = self.f.abs() / self.start_value.abs().max(1.0);
        if factor > GROWTH {
            let cause = if self.f < 0.0 {
                Divergence::Unbounded { value: self.f }
            } else {
                Divergence::Growth { factor }
            };
            return Ok(Some(Status::Diverged {
                iteration: self.iteration,
                cause,
            }));
        }
        let at = self.gradient_ahead(problem)?;
        self.compare(&before, at, rate);
        Ok(self.vanished())
    }

    /// The gradient where the rule wants it; returns where it was taken.
    fn gradient_ahead(&mut self, problem: &mut Problem<'_>) -> Result<Vec<f64>, Interrupt> {
        let clamped = |(i, x): (usize, &f64)| problem.bounds.clamp(i, *x);
        let mut at = match self.rule.ahead(&self.x) {
            Some(at) => at.iter().enumerate().map(clamped).collect(),
            None => self.x.clone(),
        };
        // Differences that begin at f(x) are taken from where x is.
        let needs_value = at != self.x && problem.is_adaptive();
        let mut f = match needs_value {
            true => problem.value(&at)?,
            false => self.f,
        };
        // Ahead of x, outside f's domain, there is no gradient: that of x serves.
        if !f.is_finite() {
            (at, f) = (self.x.clone(), self.f);
        }
        let (g, e) = (&mut self.gradient, &mut self.error);
        match self.gradients.take(problem, &at, f, g, e) {
            Err(Interrupt::Error(error))
                if problem.is_analytic()
                    && at != self.x
                    && matches!(*error, Error::Difference(NotFinite { .. })) =>
            {
                self.gradients.take(problem, &self.x, f, g, e)?;
                Ok(self.x.clone())
            }
            taken => taken.map(|()| at),
        }
    }

    /// Whether the rate of the step just made is beyond its limit for the curvature along it, and f rose.
    fn compare(&mut self, before: &Self, at: Vec<f64>, rate: f64) {
        let moved = difference(&at, &before.at);
        let bend = difference(&self.gradient, &before.gradient);
        let curvature = dot(&bend, &moved) / dot(&moved, &moved);
        let limit = self.rule.limit(curvature);
        // The limit is for the rate as set: a schedule shares its factor.
        self.growth = (self.last_step / before.last_step, limit * self.rate / rate);
        self.beyond = if rate > limit && self.f > before.f {
            self.beyond + 1
        } else {
            0
        };
        self.at = at;
    }

    /// The status when the iterations allowed are over. A run that rises may come back, as momentum does within its
    /// limit, and gradient descent where the curvature is less farther out: it is let go on as long as it may, and
    /// called diverged if at the end it is above its start and the last steps rose beyond the limit.
    pub fn out_of_iterations(&self) -> Status {
        // Rounding of both values and of what they were made of.
        let noise = 100.0 * f64::EPSILON * (self.f.abs() + self.start_value.abs());
        if self.beyond < BEYOND || !(self.f - self.start_value > noise) {
            return Status::OutOfIterations;
        }
        let (growth, limit) = self.growth;
        Status::Diverged {
            iteration: self.iteration,
            cause: Divergence::LearningRate { growth, limit },
        }
    }

    /// The fixed difference step x + h == x: from here on nothing is known of f.
    fn vanished(&self) -> Option<Status> {
        let coordinate = self.gradients.vanished?;
        Some(
            if self.iteration > 0 && self.f.abs() > self.start_value.abs() {
                let cause = Divergence::DifferenceVanished {
                    coordinate,
                    x: self.x[coordinate],
                };
                Status::Diverged {
                    iteration: self.iteration,
                    cause,
                }
            } else {
                Status::Stalled {
                    cause: Stall::DifferenceVanished { coordinate },
                }
            },
        )
    }

    /// `Some(None)` when x moved on instead of stopping.
    fn converged(
        &mut self,
        problem: &mut Problem<'_>,
    ) -> Result<Option<Option<Status>>, Interrupt> {
        let relative = relative_gradient(problem, &self.x, self.f, &self.gradient);
        if !(relative <= self.threshold) {
            return Ok(None);
        }
        let ahead = self.at != self.x;
        if ahead || !self.gradients.best {
            let mut gradients = self.gradients.clone();
            if !gradients.best {
                gradients.sharpen();
            }
            let (mut gradient, mut error) = (self.gradient.clone(), self.error.clone());
            gradients.take(problem, &self.x, self.f, &mut gradient, &mut error)?;
            let holds = relative_gradient(problem, &self.x, self.f, &gradient) <= self.threshold;
            if ahead && !holds {
                // The velocity carries x through the minimum that the point ahead is near.
                return Ok(None);
            }
            self.at.clone_from(&self.x);
            (self.gradients, self.gradient, self.error) = (gradients, gradient, error);
            if !holds {
                return Ok(Some(None));
            }
        }
        if let Some(status) = blind(&self.error) {
            return Ok(Some(Some(status)));
        }
        let exhausted = self.rechecks >= MAX_RECHECKS;
        self.rechecks += 1;
        let at = (&self.x[..], self.f);
        let tolerance = decrease(self.tolerance);
        let (quantum, scale) =
            match problem.minimality_check(at, &self.gradient, tolerance, LEAST)? {
                Neighborhood::Minimum { quantum, scale } => (quantum, scale),
                Neighborhood::Kink => {
                    let cause = Stall::Kink;
                    return Ok(Some(Some(Status::Stalled { cause })));
                }
                Neighborhood::Flat { coordinates } => {
                    return Ok(Some(unmoved(
                        &coordinates,
                        movable(&problem.bounds, self.x.len()),
                    )));
                }
                // A ridge that is left again and again is one of rounding.
                Neighborhood::Ridge { .. } if exhausted => (0.0, 0.0),
                _ if exhausted => {
                    let predicted = dot(&self.gradient, &self.gradient);
                    let cause = Stall::Search { predicted };
                    return Ok(Some(Some(Status::Stalled { cause })));
                }
                Neighborhood::Between { scale } => {
                    self.threshold = finer(self.tolerance, scale, self.f, relative);
                    return Ok(Some(None));
                }
                Neighborhood::Lower { x, f, scale } => {
                    self.threshold = finer(self.tolerance, scale, self.f, relative);
                    return self.move_to(problem, x, f);
                }
                Neighborhood::Ridge { x, f } => return self.move_to(problem, x, f),
            };
        let projected = problem.bounds.projected(&self.x, &self.gradient);
        let test = Test::Gradient {
            largest: largest(&projected),
            tolerance: self.threshold * self.f.abs().max(1.0),
        };
        let active_bounds = problem.bounds.active(&self.x, &self.gradient);
        let status = claim(test, active_bounds, quantum, self.f, scale);
        Ok(Some(Some(status)))
    }

    fn move_to(
        &mut self,
        problem: &mut Problem<'_>,
        x: Vec<f64>,
        f: f64,
    ) -> Result<Option<Option<Status>>, Interrupt> {
        self.at.clone_from(&x);
        self.gradients
            .take(problem, &x, f, &mut self.gradient, &mut self.error)?;
        (self.x, self.f) = (x, f);
        Ok(Some(None))
    }

    /// Compares the way made since the last check with the way left, |g|^2 / (2 L), where L is the
    /// curvature along the path.
    fn progress(&mut self, problem: &Problem<'_>, remaining: usize) -> Option<Status> {
        let mark = std::mem::replace(&mut self.mark, (self.x.clone(), self.gradient.clone()));
        let s = difference(&self.x, &mark.0);
        let y = difference(&self.gradient, &mark.1);
        let curvature = dot(&y, &s) / dot(&s, &s);
        // The rounding of a difference of step 1e-4, the narrowest in use, in both gradients.
        let doubt = 8.0 * f64::EPSILON * self.f.abs() / 1e-4 * (s.len() as f64).sqrt() / norm(&s);
        let trusted = if problem.is_analytic() {
            f64::EPSILON * norm(&self.gradient) / norm(&s)
        } else {
            doubt
        };
        if !(curvature > 2.0 * trusted) {
            return None;
        }
        let projected = problem.bounds.projected(&self.x, &self.gradient);
        let left = dot(&projected, &projected) / (2.0 * curvature);
        let progress = (dot(&projected, &s).abs() / WINDOW as f64) / left;
        if progress * (remaining as f64) < WAY {
            let cause = Stall::LearningRate {
                progress,
                suggestion: 1.0 / curvature,
            };
            return Some(Status::Stalled { cause });
        }
        None
    }
}
