//! Levenberg and Marquardt's method as a trust region.

mod difference;
mod ending;
mod jacobian;
mod linear;
mod minimality;
mod noise;
mod retry;
mod step;
mod weak;

use crate::Error;
use crate::error::require;
use crate::flat::movable;
use crate::interrupt::Interrupt;
use crate::loss::Loss;
use crate::matrix::{dot, norm, products};
use crate::problem::Problem;
use crate::status::{Status, Test};
pub(crate) use difference::Grouping;
pub(crate) use linear::{Linear, by_rows, unit_columns};
use retry::Retry;

/// Convergence tolerance by default: predicted decrease of the sum over the sum.
const TOLERANCE: f64 = 1e-15;
/// A step is taken when the sum falls by this share of the prediction.
const ACCEPT: f64 = 1e-4;
/// A Jacobian corrected by Broyden's update serves as long as the model predicts this well.
const TRUSTED: f64 = 0.5;
/// Predicted decrease, relative to the sum, at which differences become central: a hundred-millionth of a standard
/// error.
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

/// What is asked of a fit besides its residuals and the box.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct FitSettings {
    pub loss: Loss,
    /// The standard deviation of the noise of a residual, where the caller knows it.
    pub noise: Option<f64>,
    /// Floors of the parameters' sizes, where the caller knows them.
    pub typical: Option<Vec<f64>>,
    pub grouping: Grouping,
}

/// The state between two iterations: all of it, so that a saved run goes on with the same bits.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct LevenbergMarquardt {
    pub x: Vec<f64>,
    pub residuals: Vec<f64>,
    pub value: f64,
    pub fit: FitSettings,
    pub jacobian: Linear,
    pub accuracy: Accuracy,
    pub iteration: usize,
    pub last_step: f64,
    /// Standard deviation of the noise of a residual; 0 until it is known to exceed rounding.
    pub noise: f64,
    /// Second derivatives of the residuals along the coordinates, where the Jacobian is central.
    bends: Vec<Vec<f64>>,
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

/// A point that was evaluated.
struct Point {
    x: Vec<f64>,
    residuals: Vec<f64>,
    value: f64,
}

impl LevenbergMarquardt {
    /// The residuals at the start, whose failures are for the caller to see, and the first Jacobian.
    pub fn begin(
        fit: FitSettings,
        tolerance: Option<f64>,
        x: &[f64],
        problem: &mut Problem<'_>,
    ) -> Result<Self, Interrupt> {
        let sample = problem.first_sample(x)?;
        let residuals = sample.residuals;
        // The squares of residuals above 1e154 overflow.
        let sums = [dot(&residuals, &residuals), sample.f];
        if let Some(&value) = residuals.iter().chain(&sums).find(|v| !v.is_finite()) {
            return Err(Error::StartNotFinite { value }.into());
        }
        if let Some(pattern) = &fit.grouping.pattern {
            let (rows, setting) = (pattern.rows(), "rows of the sparsity pattern");
            let expected = "the number of residuals by the number of parameters";
            require(rows == residuals.len(), setting, rows as f64, expected)?;
        }
        let tolerance = tolerance.unwrap_or(TOLERANCE);
        let mut state = Self::start(fit, x.to_vec(), residuals, tolerance, FACTOR, problem)?;
        state.count(problem.budget.of_iterations());
        Ok(state)
    }

    fn start(
        fit: FitSettings,
        x: Vec<f64>,
        residuals: Vec<f64>,
        tolerance: f64,
        factor: f64,
        problem: &mut Problem<'_>,
    ) -> Result<Self, Interrupt> {
        let n = x.len();
        let value = fit.loss.value(&residuals);
        let floors = || vec![jacobian::TYPICAL; n];
        let mut state = LevenbergMarquardt {
            value,
            start_value: value,
            residuals,
            jacobian: Linear::dense(0, vec![Vec::new(); n]),
            accuracy: Accuracy::OneSided,
            iteration: 0,
            last_step: 0.0,
            noise: fit.noise.unwrap_or(0.0),
            bends: Vec::new(),
            steps: Vec::new(),
            origin: Vec::new(),
            scale: vec![0.0; n],
            typical: fit.typical.clone().unwrap_or_else(floors),
            radius: 0.0,
            tolerance,
            ratio: 1.0,
            last_predicted: f64::INFINITY,
            noise_known: fit.noise.is_some(),
            noise_at: 0.0,
            noise_measured: 0,
            updates: 0,
            failures: 0,
            recenters: 0,
            unstuck: 0,
            rechecks: 0,
            retry: Retry::new(&x),
            fit,
            x,
        };
        state.first_jacobian(problem)?;
        state.widen(factor);
        Ok(state)
    }

    /// A radius of `factor` times the size of x.
    fn widen(&mut self, factor: f64) {
        let size = norm(&self.weighted(&self.x));
        self.radius = factor * if size > 0.0 { size } else { 1.0 };
    }

    fn weighted(&self, v: &[f64]) -> Vec<f64> {
        products(v, &self.scale)
    }

    pub fn model(&self) -> Model {
        Model::new(&self.residuals, &self.jacobian, self.fit.loss)
    }

    /// The gradient of what is minimized.
    pub fn gradient(&self) -> Vec<f64> {
        self.model().pull().iter().map(|pull| 2.0 * pull).collect()
    }

    /// r at a trial point; `None` where it can't be evaluated.
    fn evaluate(&self, problem: &mut Problem<'_>, x: Vec<f64>) -> Result<Option<Point>, Interrupt> {
        let known = problem.residuals(&x, self.residuals.len())?;
        Ok(known.map(|residuals| Point {
            value: self.fit.loss.value(&residuals),
            x,
            residuals,
        }))
    }

    fn move_to(&mut self, point: Point) {
        (self.x, self.residuals, self.value) = (point.x, point.residuals, point.value);
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

    pub fn iterate(&mut self, problem: &mut Problem<'_>) -> Result<Option<Status>, Interrupt> {
        let end = self.advance(problem)?;
        self.count(problem.budget.of_iterations());
        Ok(end)
    }

    fn advance(&mut self, problem: &mut Problem<'_>) -> Result<Option<Status>, Interrupt> {
        if let Some(status) = self.end_of_retry() {
            return Ok(Some(status));
        }
        let model = self.model();
        let pull = model.pull();
        let free = self.free(problem, &pull);
        let step = self.step_in_box(&model, free.clone(), &problem.bounds);
        let predicted = model.predicted(&step);
        let near = self.floor().max(NEAR * self.value);
        let near_end = !(predicted > near) || self.vanishes();
        if near_end && self.accuracy != Accuracy::Central {
            self.recenter(problem)?;
            return Ok(None);
        }
        if self.vanishes() {
            if let Some(status) = self.cancelled(problem)? {
                return self.try_again(problem, status);
            }
            let test = Test::Decrease {
                predicted: 0.0,
                tolerance: self.floor(),
            };
            return Ok(Some(self.converged(problem, test, &free)));
        }
        let still = (0..free.len()).all(|i| self.x[i] + step[i] == self.x[i]);
        if !(predicted > self.floor()) || still {
            return self.settle(problem, &model, &free, predicted);
        }
        let x = problem.bounds.along(&self.x, &step, 1.0);
        let length = norm(&self.weighted(&step));
        let slope = 2.0 * dot(&pull, &step);
        let Some(trial) = self.evaluate(problem, x)? else {
            return self.rejected(problem, f64::NAN, slope, predicted, length);
        };
        let gain = self.value - trial.value;
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
            return self.rejected(problem, trial.value, slope, predicted, length);
        }
        self.take(problem, (trial, ratio), &step, predicted, length)
    }

    fn take(
        &mut self,
        problem: &mut Problem<'_>,
        (trial, ratio): (Point, f64),
        step: &[f64],
        predicted: f64,
        length: f64,
    ) -> Result<Option<Status>, Interrupt> {
        let n = movable(&problem.bounds, self.x.len());
        let close = predicted <= HIDDEN * self.value;
        let well = ratio > TRUSTED && self.ratio > TRUSTED && self.updates < n && n > 1;
        // What the next iteration rests on: r at the new point is there already, J costs n.
        let learns =
            !problem.has_jacobian() && (close || (well && self.accuracy != Accuracy::Central));
        let before = Point {
            x: self.x.clone(),
            residuals: self.residuals.clone(),
            value: self.value,
        };
        if learns {
            self.learn(step, &trial.residuals);
        }
        self.move_to(trial);
        if !learns && !self.differentiate(problem, false)? {
            // A point around which r is not known everywhere is as good as one outside.
            self.move_to(before);
            return self.rejected(problem, f64::NAN, 0.0, predicted, length);
        }
        self.failures = 0;
        if ratio < 0.25 {
            self.radius = self.radius.min(length) * 0.5;
        } else if ratio > 0.75 {
            self.radius = self.radius.max(2.0 * length);
        }
        self.last_step = norm(step);
        self.iteration += 1;
        self.ratio = ratio;
        Ok(None)
    }

    /// A minimum where these coordinates are free.
    fn converged(&self, problem: &Problem<'_>, test: Test, free: &[bool]) -> Status {
        let movable = movable(&problem.bounds, free.len());
        Status::Converged {
            test,
            active_bounds: movable - free.iter().filter(|free| **free).count(),
        }
    }
}
