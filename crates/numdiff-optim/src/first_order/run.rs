//! One run with a learning rate.

use super::UpdateRule;
use crate::Error;
use crate::convergence::{GradientState, Tested};
use crate::gradients::Linearization;
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
            mark: (state.at.x.clone(), state.at.gradient.clone()),
            at: state.at.x.clone(),
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
        if let Tested::Done(end) = self.converged(problem)? {
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
        let (k, g) = (self.state.iteration, &before.state.at.gradient);
        self.rule.step(k, &mut self.state.at.x, g);
        for (i, x) in self.state.at.x.iter_mut().enumerate() {
            *x = problem.bounds.clamp(i, *x);
        }
        self.state.iteration += 1;
        let overflow = Ok(Some(Divergence::NotFinite.at(self.state.iteration)));
        if self.state.at.x.iter().any(|x| !x.is_finite()) {
            *self = before;
            return overflow;
        }
        self.state.at.f = problem.value(&self.state.at.x)?;
        // Outside f's domain: half the way back, until f is defined again.
        for _ in 0..HALVINGS {
            if self.state.at.f.is_finite() || before.state.at.f.abs() > HUGE {
                break;
            }
            let steps = self.state.at.x.iter_mut().zip(&before.state.at.x);
            steps.for_each(|(x, from)| *x = 0.5 * *x + 0.5 * from);
            self.state.at.f = problem.value(&self.state.at.x)?;
        }
        if !self.state.at.f.is_finite() {
            *self = before;
            return overflow;
        }
        self.state.last_step = norm(&difference(&self.state.at.x, &before.state.at.x));
        let factor = self.state.at.f.abs() / self.state.start_value.abs().max(1.0);
        if factor > GROWTH {
            let cause = match self.state.at.f < 0.0 {
                true => Divergence::Unbounded {
                    value: self.state.at.f,
                },
                false => Divergence::Growth { factor },
            };
            return Ok(Some(cause.at(self.state.iteration)));
        }
        let at = self.gradient_ahead(problem, &before.state.at.x)?;
        self.compare(&before, at, rate);
        Ok(self.vanished())
    }

    /// The gradient where the rule wants it, after a step `from` there; returns where it was taken.
    fn gradient_ahead(
        &mut self,
        problem: &mut Problem<'_>,
        from: &[f64],
    ) -> Result<Vec<f64>, Interrupt> {
        let here = &mut self.state.at;
        let clamped = |(i, x): (usize, &f64)| problem.bounds.clamp(i, *x);
        let mut at = Linearization {
            x: match self.rule.ahead(&here.x) {
                Some(at) => at.iter().enumerate().map(clamped).collect(),
                None => here.x.clone(),
            },
            gradient: std::mem::take(&mut here.gradient),
            error: std::mem::take(&mut here.error),
            f: here.f,
        };
        // Differences that begin at f(x) are taken from where x is.
        if at.x != here.x && problem.source.is_adaptive() {
            at.f = problem.value(&at.x)?;
        }
        // Ahead of x, outside f's domain, there is no gradient: that of x serves.
        if !at.f.is_finite() {
            (at.x, at.f) = (here.x.clone(), here.f);
        }
        self.state.gradients.reach.leave(from, &at.x);
        let taken = self.state.gradients.take(problem, &mut at);
        (here.gradient, here.error) = (at.gradient, at.error);
        match taken {
            Err(Interrupt::Error(error))
                if problem.is_analytic()
                    && at.x != here.x
                    && matches!(*error, Error::Difference(NotFinite { .. })) =>
            {
                self.state.differentiate(problem)?;
                Ok(self.state.at.x.clone())
            }
            taken => taken.map(|()| at.x),
        }
    }

    /// Whether the rate of the step just made is beyond its limit for the curvature along it, and f rose.
    fn compare(&mut self, before: &Self, at: Vec<f64>, rate: f64) {
        let moved = difference(&at, &before.at);
        let bend = difference(&self.state.at.gradient, &before.state.at.gradient);
        let curvature = dot(&bend, &moved) / dot(&moved, &moved);
        let limit = self.rule.limit(curvature);
        // The limit is for the rate as set: a schedule shares its factor.
        self.growth = (
            self.state.last_step / before.state.last_step,
            limit * self.rule.rate / rate,
        );
        self.beyond = if rate > limit && self.state.at.f > before.state.at.f {
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
        let noise = 100.0 * f64::EPSILON * (self.state.at.f.abs() + self.state.start_value.abs());
        if self.beyond < BEYOND || !(self.state.at.f - self.state.start_value > noise) {
            return Status::OutOfIterations;
        }
        let (growth, limit) = self.growth;
        Divergence::LearningRate { growth, limit }.at(self.state.iteration)
    }

    /// The fixed difference step x + h == x: from here on nothing is known of f.
    fn vanished(&self) -> Option<Status> {
        let coordinate = self.state.gradients.vanished?;
        let (state, at) = (&self.state, &self.state.at);
        Some(
            match state.iteration > 0 && at.f.abs() > state.start_value.abs() {
                true => {
                    let x = at.x[coordinate];
                    Divergence::DifferenceVanished { coordinate, x }.at(state.iteration)
                }
                false => Stall::DifferenceVanished { coordinate }.status(),
            },
        )
    }

    fn converged(&mut self, problem: &mut Problem<'_>) -> Result<Tested, Interrupt> {
        if self.at != self.state.at.x {
            // The velocity may carry x through the minimum that the point ahead is near.
            let mut sharper = self.state.clone();
            if sharper.passes(problem) {
                sharper.sharpen(problem)?;
            }
            if !sharper.passes(problem) {
                return Ok(Tested::Open);
            }
            self.state = sharper;
        }
        let tested = self.state.converged(problem)?;
        self.at.clone_from(&self.state.at.x);
        Ok(tested)
    }

    /// Compares the way made since the last check with the way left, |g|^2 / (2 L), where L is the
    /// curvature along the path.
    fn progress(&mut self, problem: &Problem<'_>, remaining: usize) -> Option<Status> {
        let mark = std::mem::replace(
            &mut self.mark,
            (self.state.at.x.clone(), self.state.at.gradient.clone()),
        );
        let s = difference(&self.state.at.x, &mark.0);
        let y = difference(&self.state.at.gradient, &mark.1);
        let curvature = dot(&y, &s) / dot(&s, &s);
        // The rounding of a difference of step 1e-4, the narrowest in use, in both gradients.
        let doubt =
            8.0 * f64::EPSILON * self.state.at.f.abs() / 1e-4 * (s.len() as f64).sqrt() / norm(&s);
        let trusted = if problem.is_analytic() {
            f64::EPSILON * norm(&self.state.at.gradient) / norm(&s)
        } else {
            doubt
        };
        if !(curvature > 2.0 * trusted) {
            return None;
        }
        let projected = problem
            .bounds
            .projected(&self.state.at.x, &self.state.at.gradient);
        let left = dot(&projected, &projected) / (2.0 * curvature);
        let progress = (dot(&projected, &s).abs() / WINDOW as f64) / left;
        if progress * (remaining as f64) < WAY {
            let suggestion = 1.0 / curvature;
            return Some(
                Stall::LearningRate {
                    progress,
                    suggestion,
                }
                .status(),
            );
        }
        None
    }
}
