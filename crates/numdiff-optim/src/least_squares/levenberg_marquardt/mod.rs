//! Levenberg and Marquardt's method as a trust region.

mod ending;
mod jacobian;
mod minimality;
mod noise;
mod retry;
mod step;
mod weak;

use super::linear::Linear;
use super::residual_problem::ResidualProblem;
use crate::interrupt::Interrupt;
use crate::loss::Loss;
use crate::matrix::{dot, norm};
use crate::run::Iterate;
use crate::status::{Status, Test};
use retry::Retry;

/// A step is taken when the sum falls by this share of the prediction.
const ACCEPT: f64 = 1e-4;
/// A Jacobian corrected by Broyden's update serves as long as the model predicts this well.
const TRUSTED: f64 = 0.5;
/// Predicted decrease, relative to the sum, at which differences become central: a hundred-millionth of a standard error.
const NEAR: f64 = 1e-16;
/// Predicted decrease, relative to the sum, below which rounding of the sum may hide it.
const HIDDEN: f64 = 1e-8;
/// A run whose predicted decrease does not fall below this share of the one before makes no progress.
const STAGNANT: f64 = 0.7;
/// The first radius, in units of |D x|.
const FACTOR: f64 = 30.0;
/// Relative changes of parameters and of columns of the Jacobian, since it was taken, that need another.
const PARAMETER_DRIFT: f64 = 1e-7;
const COLUMN_DRIFT: f64 = 1e-7;

/// A sum that vanishes is at most this share of the one at the start.
const VANISHED: f64 = 1e-20;

/// How the Jacobian was taken.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Accuracy {
    /// By one-sided differences at x.
    OneSided,
    /// By Broyden's updates of an earlier one.
    Updated,
    /// By central differences near x, or given.
    Central,
}

/// The state between two iterations: all of it, so that a saved run goes on with the same bits.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct LevenbergMarquardt {
    pub x: Vec<f64>,
    pub residuals: Vec<f64>,
    pub value: f64,
    pub jacobian: Linear,
    pub accuracy: Accuracy,
    pub iteration: usize,
    pub last_step: f64,
    /// Standard deviation of the noise of a residual; 0 until it is known to exceed rounding.
    pub noise: f64,
    /// Second derivatives of the residuals along the coordinates, where the Jacobian is central.
    bends: Vec<Vec<f64>>,
    roughness: f64,
    /// The steps of the last differences.
    steps: Vec<f64>,
    /// Where the Jacobian was taken.
    origin: Vec<f64>,
    scale: Vec<f64>,
    /// Floors of |x| for the steps of differences.
    typical: Vec<f64>,
    radius: f64,
    tolerance: f64,
    ratio: f64,
    last_predicted: f64,
    /// Whether the noise was measured or is known, the sum where it was, and how often.
    noise_known: bool,
    noise_at: f64,
    noise_measured: u32,
    start_value: f64,
    /// Updates of the Jacobian since it was taken.
    updates: usize,
    failures: u32,
    polishes: u32,
    recenters: u32,
    unstuck: u32,
    rechecks: u32,
    retry: Retry,
}

/// Residuals and Jacobian with the loss in them: what is minimized is near x like |r + J p|^2.
pub(crate) struct Model {
    pub residuals: Vec<f64>,
    pub jacobian: Linear,
}

impl Model {
    pub fn new(residuals: &[f64], jacobian: &Linear, loss: Loss) -> Self {
        let mut model = Model {
            residuals: residuals.to_vec(),
            jacobian: jacobian.clone(),
        };
        if loss != Loss::Linear {
            let factors: Vec<(f64, f64)> = residuals.iter().map(|r| loss.factors(*r)).collect();
            let scaled = model.residuals.iter_mut().zip(&factors);
            scaled.for_each(|(r, f)| *r *= f.0);
            let rows: Vec<f64> = factors.iter().map(|f| f.1).collect();
            model.jacobian.scale_rows(&rows);
        }
        model
    }

    /// Half the gradient.
    pub fn pull(&self) -> Vec<f64> {
        self.jacobian.transposed_times(&self.residuals)
    }

    /// The decrease that is predicted for a step.
    pub fn predicted(&self, step: &[f64]) -> f64 {
        let linear = self.jacobian.times(step);
        let pairs = self.residuals.iter().zip(&linear);
        pairs.map(|(r, l)| -l * (2.0 * r + l)).sum()
    }
}

/// A step that was evaluated.
struct Trial {
    x: Vec<f64>,
    residuals: Vec<f64>,
    value: f64,
    ratio: f64,
}

impl<'e> Iterate<ResidualProblem<'e>> for LevenbergMarquardt {
    fn iteration(&self) -> usize {
        self.iteration
    }

    fn iterate(
        &mut self,
        problem: &mut ResidualProblem<'e>,
        _: usize,
    ) -> Result<Option<Status>, Interrupt> {
        let end = self.advance(problem)?;
        self.count(problem.budget.of_iterations());
        match end {
            None => Ok(self.on_target(problem)),
            end => Ok(end),
        }
    }
}

impl LevenbergMarquardt {
    /// The status where the sum is as low as the caller wants it.
    pub fn on_target(&self, problem: &ResidualProblem<'_>) -> Option<Status> {
        let target = problem.target?;
        (self.value <= target).then_some(Status::TargetReached { value: self.value })
    }

    pub fn start(
        x: Vec<f64>,
        residuals: Vec<f64>,
        tolerance: f64,
        factor: f64,
        problem: &mut ResidualProblem<'_>,
    ) -> Result<Self, Interrupt> {
        let n = x.len();
        let floors = vec![jacobian::TYPICAL; n];
        let mut state = LevenbergMarquardt {
            value: problem.loss.value(&residuals),
            start_value: problem.loss.value(&residuals),
            residuals,
            jacobian: Linear::from_rows(0, n, &[]),
            accuracy: Accuracy::OneSided,
            iteration: 0,
            last_step: 0.0,
            noise: problem.noise.unwrap_or(0.0),
            bends: Vec::new(),
            roughness: 0.0,
            steps: Vec::new(),
            origin: Vec::new(),
            scale: vec![0.0; n],
            typical: problem.typical.clone().unwrap_or(floors),
            radius: 0.0,
            tolerance,
            ratio: 1.0,
            last_predicted: f64::INFINITY,
            noise_known: problem.noise.is_some(),
            noise_at: 0.0,
            noise_measured: 0,
            updates: 0,
            failures: 0,
            polishes: 0,
            recenters: 0,
            unstuck: 0,
            rechecks: 0,
            retry: Retry::new(&x),
            x,
        };
        state.first_jacobian(problem)?;
        state.widen(factor);
        Ok(state)
    }

    /// The first factor of the radius.
    pub const fn first_factor() -> f64 {
        FACTOR
    }

    /// A radius of `factor` times the size of x.
    fn widen(&mut self, factor: f64) {
        let size = norm(&self.weighted(&self.x));
        self.radius = factor * if size > 0.0 { size } else { 1.0 };
    }

    fn weighted(&self, v: &[f64]) -> Vec<f64> {
        v.iter().zip(&self.scale).map(|(v, d)| v * d).collect()
    }

    pub fn model(&self, loss: Loss) -> Model {
        Model::new(&self.residuals, &self.jacobian, loss)
    }

    /// What the residuals are made of, as a norm over all of them: of r and of the terms J_j x_j.
    pub fn magnitude(&self) -> f64 {
        let terms = self.jacobian.column_norms().into_iter().zip(&self.x);
        let terms = terms.map(|(c, x)| c * x).fold(0.0, f64::hypot);
        norm(&self.residuals).hypot(terms)
    }

    /// The rounding and the noise of all residuals together.
    fn blur(&self) -> f64 {
        f64::EPSILON * self.magnitude() + self.noise * (self.residuals.len() as f64).sqrt()
    }

    /// The rounding and the noise of the sum.
    pub fn rounding(&self) -> f64 {
        let blur = self.blur();
        (2.0 * self.value.sqrt() * blur + blur * blur).max(f64::EPSILON * self.value)
    }

    /// The decrease that is not worth a step: the tolerance, or the rounding of residuals that vanish.
    fn floor(&self) -> f64 {
        let blur = f64::EPSILON * self.magnitude();
        let least = (self.tolerance * self.value).max(4.0 * blur * blur);
        least.max(f64::MIN_POSITIVE)
    }

    /// Whether the sum is nothing but the rounding of what the residuals are made of, parameters at their floors.
    fn vanishes(&self) -> bool {
        let sizes = self
            .x
            .iter()
            .zip(&self.typical)
            .map(|(x, t)| x.abs().max(*t));
        let terms = self.jacobian.column_norms().into_iter().zip(sizes);
        let terms = terms.map(|(c, size)| c * size).fold(0.0, f64::hypot);
        self.value <= (2.0 * f64::EPSILON * terms).powi(2)
            && self.value <= VANISHED * self.start_value
    }

    fn advance(&mut self, problem: &mut ResidualProblem<'_>) -> Result<Option<Status>, Interrupt> {
        if let Some(status) = self.end_of_retry() {
            return Ok(Some(status));
        }
        let model = self.model(problem.loss);
        let pull = model.pull();
        let free = self.free(problem, &pull);
        let step = self.step_in_box(&model, free.clone(), &problem.bounds);
        let predicted = model.predicted(&step);
        let near = self.floor().max(NEAR * self.value);
        let near_end = !(predicted > near) || self.vanishes();
        if near_end && self.accuracy != Accuracy::Central {
            self.polishes = 0;
            self.recenter(problem)?;
            return Ok(None);
        }
        if self.vanishes() {
            if let Some(status) = self.cancelled(problem)? {
                return self.try_again(problem, status);
            }
            let active_bounds = free.iter().filter(|free| !**free).count();
            let test = Test::Decrease {
                predicted: 0.0,
                tolerance: self.floor(),
            };
            return Ok(Some(Status::Converged {
                test,
                active_bounds,
            }));
        }
        let still = (0..free.len()).all(|i| self.x[i] + step[i] == self.x[i]);
        if !(predicted > self.floor()) || still {
            return self.settle(problem, &model, &free, &step, predicted);
        }
        let x = self.moved(problem, &step);
        let length = norm(&self.weighted(&step));
        let slope = 2.0 * dot(&pull, &step);
        let Some(residuals) = problem.residuals(&x, self.residuals.len())? else {
            return self.rejected(problem, f64::NAN, slope, predicted, length);
        };
        let value = problem.loss.value(&residuals);
        let gain = self.value - value;
        // A decrease that the rounding of the sum hides is taken to be as predicted.
        let hidden = self.accuracy != Accuracy::Central
            && predicted <= HIDDEN * self.value
            && (gain - predicted).abs() <= 4.0 * self.rounding();
        if hidden {
            let stagnant = gain <= 0.0 || predicted > STAGNANT * self.last_predicted;
            self.last_predicted = if stagnant { f64::INFINITY } else { predicted };
            if stagnant {
                self.recenter(problem)?;
                return Ok(None);
            }
        }
        let ratio = if hidden { 1.0 } else { gain / predicted };
        if !(ratio > ACCEPT) {
            return self.rejected(problem, value, slope, predicted, length);
        }
        let trial = Trial {
            x,
            residuals,
            value,
            ratio,
        };
        self.take(problem, trial, &step, predicted, length)
    }

    fn moved(&self, problem: &ResidualProblem<'_>, step: &[f64]) -> Vec<f64> {
        let to = |i: usize| problem.bounds.moved(i, self.x[i], step[i]);
        (0..self.x.len()).map(to).collect()
    }

    fn take(
        &mut self,
        problem: &mut ResidualProblem<'_>,
        trial: Trial,
        step: &[f64],
        predicted: f64,
        length: f64,
    ) -> Result<Option<Status>, Interrupt> {
        let n = self.x.len();
        let close = predicted <= HIDDEN * self.value;
        let well = trial.ratio > TRUSTED && self.ratio > TRUSTED && self.updates < n && n > 1;
        // What the next iteration rests on: r at the new point is there already, J costs n.
        let learns = !problem.is_given() && (close || (well && self.accuracy != Accuracy::Central));
        let before = (self.x.clone(), self.residuals.clone(), self.value);
        if learns {
            self.learn(step, &trial.residuals);
        }
        (self.x, self.residuals, self.value) = (trial.x, trial.residuals, trial.value);
        if !learns && !self.differentiate(problem, false)? {
            // A point around which r is not known everywhere is as good as one outside.
            (self.x, self.residuals, self.value) = before;
            return self.rejected(problem, f64::NAN, 0.0, predicted, length);
        }
        self.failures = 0;
        if trial.ratio < 0.25 {
            self.radius = self.radius.min(length) * 0.5;
        } else if trial.ratio > 0.75 {
            self.radius = self.radius.max(2.0 * length);
        }
        self.last_step = norm(step);
        self.iteration += 1;
        self.ratio = trial.ratio;
        let target = problem.target;
        let reached = target.is_some_and(|target| self.value <= target);
        Ok(reached.then_some(Status::TargetReached { value: self.value }))
    }
}
