//! One run with a learning rate.

use super::UpdateRule;
use crate::Error;
use crate::convergence::GradientState;
use crate::interrupt::Interrupt;
use crate::matrix::{difference, dot, norm};
use crate::problem::Problem;
use crate::status::{Divergence, Stall, Status};
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
    pub state: GradientState,
    rule: UpdateRule,
    /// x and its gradient at the last check of the progress.
    mark: (Vec<f64>, Vec<f64>),
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
        rule: UpdateRule,
        tolerance: f64,
        problem: &mut Problem<'_>,
    ) -> Result<Self, Interrupt> {
        let state = GradientState::start(x, f, tolerance, problem)?;
        Ok(FirstOrderRun {
            mark: (state.x.clone(), state.gradient.clone()),
            at: state.x.clone(),
            state,
            rule,
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
        if self.state.iteration > 0
            && self.state.iteration.is_multiple_of(WINDOW)
            && let Some(status) = self.progress(problem, remaining)
        {
            return Ok(Some(status));
        }
        let before = self.clone();
        let rate = self.rule.rate_at(self.state.iteration);
        let (k, g) = (self.state.iteration, &before.state.gradient);
        self.rule.step(k, &mut self.state.x, g);
        for (i, x) in self.state.x.iter_mut().enumerate() {
            *x = problem.bounds.clamp(i, *x);
        }
        self.state.iteration += 1;
        let overflow = Ok(Some(Status::Diverged {
            iteration: self.state.iteration,
            cause: Divergence::NotFinite,
        }));
        if self.state.x.iter().any(|x| !x.is_finite()) {
            *self = before;
            return overflow;
        }
        self.state.f = problem.value(&self.state.x)?;
        // Outside f's domain: half the way back, until f is defined again.
        for _ in 0..HALVINGS {
            if self.state.f.is_finite() || before.state.f.abs() > HUGE {
                break;
            }
            let steps = self.state.x.iter_mut().zip(&before.state.x);
            steps.for_each(|(x, from)| *x = 0.5 * *x + 0.5 * from);
            self.state.f = problem.value(&self.state.x)?;
        }
        if !self.state.f.is_finite() {
            *self = before;
            return overflow;
        }
        self.state.last_step = norm(&difference(&self.state.x, &before.state.x));
        let factor = self.state.f.abs() / self.state.start_value.abs().max(1.0);
        if factor > GROWTH {
            let cause = if self.state.f < 0.0 {
                Divergence::Unbounded {
                    value: self.state.f,
                }
            } else {
                Divergence::Growth { factor }
            };
            return Ok(Some(Status::Diverged {
                iteration: self.state.iteration,
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
        let mut at = match self.rule.ahead(&self.state.x) {
            Some(at) => at.iter().enumerate().map(clamped).collect(),
            None => self.state.x.clone(),
        };
        // Differences that begin at f(x) are taken from where x is.
        let needs_value = at != self.state.x && problem.source.is_adaptive();
        let mut f = match needs_value {
            true => problem.value(&at)?,
            false => self.state.f,
        };
        // Ahead of x, outside f's domain, there is no gradient: that of x serves.
        if !f.is_finite() {
            (at, f) = (self.state.x.clone(), self.state.f);
        }
        let state = &mut self.state;
        let (g, e) = (&mut state.gradient, &mut state.error);
        match state.gradients.take(problem, &at, f, g, e) {
            Err(Interrupt::Error(error))
                if problem.is_analytic()
                    && at != state.x
                    && matches!(*error, Error::Difference(NotFinite { .. })) =>
            {
                state.differentiate(problem)?;
                Ok(state.x.clone())
            }
            taken => taken.map(|()| at),
        }
    }

    /// Whether the rate of the step just made is beyond its limit for the curvature along it, and f rose.
    fn compare(&mut self, before: &Self, at: Vec<f64>, rate: f64) {
        let moved = difference(&at, &before.at);
        let bend = difference(&self.state.gradient, &before.state.gradient);
        let curvature = dot(&bend, &moved) / dot(&moved, &moved);
        let limit = self.rule.limit(curvature);
        // The limit is for the rate as set: a schedule shares its factor.
        self.growth = (
            self.state.last_step / before.state.last_step,
            limit * self.rule.rate / rate,
        );
        self.beyond = if rate > limit && self.state.f > before.state.f {
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
        let noise = 100.0 * f64::EPSILON * (self.state.f.abs() + self.state.start_value.abs());
        if self.beyond < BEYOND || !(self.state.f - self.state.start_value > noise) {
            return Status::OutOfIterations;
        }
        let (growth, limit) = self.growth;
        Status::Diverged {
            iteration: self.state.iteration,
            cause: Divergence::LearningRate { growth, limit },
        }
    }

    /// The fixed difference step x + h == x: from here on nothing is known of f.
    fn vanished(&self) -> Option<Status> {
        let coordinate = self.state.gradients.vanished?;
        Some(
            if self.state.iteration > 0 && self.state.f.abs() > self.state.start_value.abs() {
                let cause = Divergence::DifferenceVanished {
                    coordinate,
                    x: self.state.x[coordinate],
                };
                Status::Diverged {
                    iteration: self.state.iteration,
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
        let relative = self.state.relative_gradient(problem);
        if !(relative <= self.state.threshold) {
            return Ok(None);
        }
        let ahead = self.at != self.state.x;
        if ahead || !self.state.gradients.best {
            let mut sharper = self.state.clone();
            if !sharper.gradients.best {
                sharper.gradients.sharpen();
            }
            sharper.differentiate(problem)?;
            let holds = sharper.relative_gradient(problem) <= sharper.threshold;
            if ahead && !holds {
                // The velocity carries x through the minimum that the point ahead is near.
                return Ok(None);
            }
            self.state = sharper;
            self.at.clone_from(&self.state.x);
            if !holds {
                return Ok(Some(None));
            }
        }
        let end = self.state.verify(problem, relative)?;
        self.at.clone_from(&self.state.x);
        Ok(Some(end))
    }

    /// Compares the way made since the last check with the way left, |g|^2 / (2 L), where L is the
    /// curvature along the path.
    fn progress(&mut self, problem: &Problem<'_>, remaining: usize) -> Option<Status> {
        let mark = std::mem::replace(
            &mut self.mark,
            (self.state.x.clone(), self.state.gradient.clone()),
        );
        let s = difference(&self.state.x, &mark.0);
        let y = difference(&self.state.gradient, &mark.1);
        let curvature = dot(&y, &s) / dot(&s, &s);
        // The rounding of a difference of step 1e-4, the narrowest in use, in both gradients.
        let doubt =
            8.0 * f64::EPSILON * self.state.f.abs() / 1e-4 * (s.len() as f64).sqrt() / norm(&s);
        let trusted = if problem.is_analytic() {
            f64::EPSILON * norm(&self.state.gradient) / norm(&s)
        } else {
            doubt
        };
        if !(curvature > 2.0 * trusted) {
            return None;
        }
        let projected = problem
            .bounds
            .projected(&self.state.x, &self.state.gradient);
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
