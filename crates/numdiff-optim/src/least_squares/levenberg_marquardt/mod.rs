//! Levenberg and Marquardt's method as a trust region.

mod ending;
mod jacobian;

use super::calls::Calls;
use super::linear::Linear;
use crate::bounds::Bounds;
use crate::matrix::{dot, norm};
use crate::oracle::Halt;

use crate::status::{Status, Test};
use jacobian::domain;

/// A step is taken when f falls by this share of the prediction.
const ACCEPT: f64 = 1e-4;
/// A Jacobian corrected by Broyden's update serves as long as the model predicts this well.
const TRUSTED: f64 = 0.75;
/// Updates in a row before the Jacobian is taken anew anyway, for each unknown.
const UPDATES: usize = 1;
/// What counts as the size of an unknown that is smaller, unless the residuals show otherwise.
const TYPICAL: f64 = 1e-2;
/// Bounds met one after the other within a step: each takes another solution of the linear system.
const ROUNDS: usize = 30;
/// Bounds met within this share of the step are met at once.
const AT_ONCE: f64 = 1e-10;
/// The first radius, in units of |D x| (MINPACK's `factor`).
const FACTOR: f64 = 100.0;

/// The state between two iterations: all of it, so that a saved run goes on with the same bits.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct LevenbergMarquardt {
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub x: Vec<f64>,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub residuals: Vec<f64>,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub value: f64,
    pub jacobian: Linear,
    pub iteration: usize,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub last_step: f64,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    scale: Vec<f64>,
    /// What counts as the size of a coordinate that is smaller.
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    typical: Vec<f64>,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    radius: f64,
    /// Updates of the Jacobian since it was taken.
    updates: usize,
    central: bool,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    start_value: f64,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    tolerance: f64,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    ratio: f64,
    failures: u32,
    /// Claims that a second look refused.
    looked: u32,
    /// Of the differences, where r is noisier than rounding.
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    widening: f64,
}

impl LevenbergMarquardt {
    pub fn start(
        x: Vec<f64>,
        residuals: Vec<f64>,
        tolerance: f64,
        calls: &mut Calls<'_>,
    ) -> Result<Self, Halt> {
        let value = dot(&residuals, &residuals);
        let mut state = LevenbergMarquardt {
            jacobian: Linear::from_rows(0, x.len(), &[]),
            scale: vec![0.0; x.len()],
            typical: vec![TYPICAL; x.len()],
            x,
            residuals,
            value,
            iteration: 0,
            last_step: 0.0,
            radius: 0.0,
            updates: 0,
            central: false,
            start_value: value,
            tolerance,
            ratio: 1.0,
            failures: 0,
            looked: 0,
            widening: 1.0,
        };
        if let Err(halt) = state.differentiate(calls) {
            // An unknown that is not 0 shows its unit, however small.
            let tiny = |x: &f64| *x != 0.0 && x.abs() < TYPICAL;
            if calls.is_given || !state.x.iter().any(tiny) {
                return Err(halt);
            }
            for (t, x) in state
                .typical
                .iter_mut()
                .zip(&state.x)
                .filter(|(_, x)| tiny(x))
            {
                *t = x.abs();
            }
            domain(halt)?;
            state.differentiate(calls)?;
        }
        state.find_scale(calls)?;
        let size = norm(&state.weighted(&state.x));
        state.radius = FACTOR * if size > 0.0 { size } else { 1.0 };
        Ok(state)
    }

    fn weighted(&self, v: &[f64]) -> Vec<f64> {
        v.iter().zip(&self.scale).map(|(v, d)| v * d).collect()
    }

    /// The gradient of the sum of squares, 2 J^T r.
    pub fn gradient(&self) -> Vec<f64> {
        self.jacobian
            .transposed_times(&self.residuals)
            .iter()
            .map(|g| 2.0 * g)
            .collect()
    }

    /// All or nothing: an iteration that is cut short leaves the state as it was.
    pub fn iterate(&mut self, calls: &mut Calls<'_>) -> Result<Option<Status>, Halt> {
        let mut next = self.clone();
        let status = next.advance(calls)?;
        *self = next;
        Ok(status)
    }

    fn advance(&mut self, calls: &mut Calls<'_>) -> Result<Option<Status>, Halt> {
        let gradient = self.gradient();
        let free: Vec<bool> = self
            .x
            .iter()
            .zip(&gradient)
            .enumerate()
            .map(|(i, (&x, &g))| calls.bounds.is_free(i, x, g))
            .collect();
        let step = self.step_in_box(free, &calls.bounds);
        let linear = self.jacobian.times(&step);
        let predicted = self.predicted(&linear);
        let total = (self.start_value - self.value).max(0.0);
        let floor = (self.tolerance * self.value)
            .max(1e-8 * self.tolerance * total)
            .max(f64::MIN_POSITIVE);
        let still = norm(&self.weighted(&step)) <= 1e-14 * norm(&self.weighted(&self.x));
        if !(predicted > floor) || still {
            if self.updates > 0 {
                return self.renew(calls);
            }
            // One side errs by h r'' in J; where r is large, that moves the minimum of the model.
            if !self.central && !calls.is_given {
                self.recenter(calls)?;
                return Ok(None);
            }
            if predicted > floor || predicted.is_nan() {
                return self.at_rest(calls, &gradient, predicted);
            }
            let test = Test::Decrease {
                predicted: predicted.max(0.0),
                tolerance: floor,
            };
            return self.claim(calls, &gradient, test, floor);
        }
        let x: Vec<f64> = self
            .x
            .iter()
            .zip(&step)
            .enumerate()
            .map(|(i, (x, p))| calls.bounds.moved(i, *x, *p))
            .collect();
        let mut residuals = Vec::new();
        let value = calls.value(&x, self.residuals.len(), &mut residuals)?;
        let ratio = if value.is_finite() {
            (self.value - value) / predicted
        } else {
            f64::NEG_INFINITY
        };
        let length = norm(&self.weighted(&step));
        if !(ratio > ACCEPT) {
            return self.rejected(calls, value, &gradient, &step, predicted, length);
        }
        let error: Vec<f64> = residuals
            .iter()
            .zip(self.residuals.iter().zip(&linear))
            .map(|(new, (old, l))| new - old - l)
            .collect();
        let n = self.x.len();
        // What the next iteration rests on: r at the new point is there already, J costs n.
        let correct = !calls.is_given
            && !self.central
            && ratio > TRUSTED
            && self.ratio > TRUSTED
            && self.updates < UPDATES * n
            && n > 1;
        let before = (
            std::mem::replace(&mut self.x, x),
            std::mem::replace(&mut self.residuals, residuals),
            std::mem::replace(&mut self.value, value),
        );
        if correct {
            self.jacobian.learn(&error, &step, &self.scale);
            self.updates += 1;
        } else if let Err(halt) = self.differentiate(calls) {
            domain(halt)?;
            // A point around which r is not known everywhere is as good as one outside.
            (self.x, self.residuals, self.value) = before;
            return self.rejected(calls, f64::NAN, &gradient, &step, predicted, length);
        }
        self.failures = 0;
        if ratio < 0.25 {
            self.radius = self.radius.min(length) * 0.5;
        } else if ratio > 0.75 {
            self.radius = self.radius.max(2.0 * length);
        }
        self.last_step = norm(&step);
        self.iteration += 1;
        self.ratio = ratio;
        if self.value == 0.0
            || calls
                .meter
                .limits
                .target
                .is_some_and(|target| self.value <= target)
        {
            return Ok(match calls.meter.limits.target {
                Some(target) if self.value <= target => {
                    Some(Status::TargetReached { value: self.value })
                }
                _ => None,
            });
        }
        Ok(None)
    }

    /// No progress: first blame an outdated Jacobian, then the radius.
    fn rejected(
        &mut self,
        calls: &mut Calls<'_>,
        value: f64,
        gradient: &[f64],
        step: &[f64],
        predicted: f64,
        length: f64,
    ) -> Result<Option<Status>, Halt> {
        if self.updates > 0 {
            self.ratio = 0.0;
            return self.renew(calls);
        }
        self.failures += 1;
        let shrink = if value.is_finite() {
            let slope = dot(gradient, step);
            (slope / (2.0 * (slope + self.value - value))).clamp(0.1, 0.5)
        } else {
            0.1
        };
        self.radius = shrink * self.radius.min(length);
        let lost = predicted <= 1e-12 * self.value.max(self.start_value * 1e-12);
        if self.failures >= 60 || (lost && self.failures >= 3) {
            if !self.central && !calls.is_given {
                self.failures = 0;
                self.radius = self.radius.max(1e-4 * norm(&self.weighted(&self.x)));
                self.recenter(calls)?;
                return Ok(None);
            }
            return self.at_rest(calls, gradient, predicted);
        }
        Ok(None)
    }

    /// The step within the radius: Gauss and Newton's, or damped so that |D p| meets the radius within a
    /// tenth, by secants on 1 / |D p|, which is nearly linear in the damping (Moré 1978, section 5).
    fn step(&self, residuals: &[f64], free: &[bool]) -> Vec<f64> {
        let solve = |lambda: f64| {
            let p = self
                .jacobian
                .damped_step(residuals, lambda, &self.scale, free);
            let length = norm(&self.weighted(&p));
            (p, length)
        };
        let (full, length) = solve(0.0);
        if length <= 1.1 * self.radius && length.is_finite() {
            return full;
        }
        let pull: Vec<f64> = self
            .jacobian
            .transposed_times(residuals)
            .iter()
            .zip(&self.scale)
            .zip(free)
            .map(|((g, d), free)| if *free { g / d } else { 0.0 })
            .collect();
        let (mut low, mut high) = (0.0, norm(&pull) / self.radius);
        let (mut low_inverse, mut lambda) = (1.0 / length, 1e-3 * high);
        let mut best = None;
        for _ in 0..12 {
            let (p, length) = solve(lambda);
            let close = (length - self.radius).abs() <= 0.1 * self.radius;
            if length <= self.radius || best.is_none() || close {
                best = Some(p);
            }
            if close {
                break;
            }
            let inverse = 1.0 / length;
            let slope = (inverse - low_inverse) / (lambda - low);
            let secant = lambda + (1.0 / self.radius - inverse) / slope;
            if length > self.radius {
                (low, low_inverse) = (lambda, inverse);
            } else {
                high = lambda;
            }
            let inside = secant.is_finite() && secant > low && secant < high;
            lambda = if inside {
                secant
            } else {
                (low.max(1e-3 * high) * high).sqrt()
            };
        }
        best.unwrap_or(full)
    }

    /// The decrease of |r|^2 that the model predicts for a step whose J p is `linear`.
    fn predicted(&self, linear: &[f64]) -> f64 {
        let residuals = self.residuals.iter().zip(linear);
        residuals.map(|(r, l)| -l * (2.0 * r + l)).sum()
    }

    /// The step moved into the box: the better of two. Every coordinate cut where it leaves, which may spoil the
    /// descent; or the whole step as far as the first bound, up to which the model, being convex, falls, and on from
    /// there in the coordinates that are left.
    fn step_in_box(&self, mut free: Vec<bool>, bounds: &Bounds) -> Vec<f64> {
        let whole = self.step(&self.residuals, &free);
        let mut cut = whole.clone();
        self.clip(&mut cut, bounds);
        if bounds.is_none() {
            return cut;
        }
        let (mut p, mut d) = (vec![0.0; self.x.len()], whole);
        for _ in 0..ROUNDS {
            // The share of d that leads to the bound.
            let share = |i: usize| {
                let (at, bound) = match d[i] > 0.0 {
                    true => (self.x[i] + p[i], bounds.upper(i)),
                    false => (self.x[i] + p[i], bounds.lower(i)),
                };
                match free[i] && d[i] != 0.0 {
                    true => ((bound - at) / d[i]).max(0.0),
                    false => f64::INFINITY,
                }
            };
            let first = (0..d.len()).map(share).fold(1.0, f64::min);
            let hits: Vec<usize> = (0..d.len())
                .filter(|&i| first < 1.0 && share(i) <= first.max(AT_ONCE))
                .collect();
            p.iter_mut().zip(&d).for_each(|(p, d)| *p += first * d);
            for &i in &hits {
                let bound = match d[i] > 0.0 {
                    true => bounds.upper(i),
                    false => bounds.lower(i),
                };
                (p[i], free[i]) = (bound - self.x[i], false);
            }
            if hits.is_empty() || norm(&self.weighted(&p)) >= self.radius {
                break;
            }
            let linear = self.jacobian.times(&p);
            let residuals: Vec<f64> = self
                .residuals
                .iter()
                .zip(&linear)
                .map(|(r, l)| r + l)
                .collect();
            d = self.step(&residuals, &free);
        }
        self.clip(&mut p, bounds);
        let gain = |p: &[f64]| self.predicted(&self.jacobian.times(p));
        if gain(&p) > gain(&cut) { p } else { cut }
    }

    /// Moves x + p into the box.
    fn clip(&self, step: &mut [f64], bounds: &Bounds) {
        for (i, (p, x)) in step.iter_mut().zip(&self.x).enumerate() {
            *p = bounds.clamp(i, x + *p) - x;
        }
    }
}
