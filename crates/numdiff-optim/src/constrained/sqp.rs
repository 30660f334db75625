//! The loop of sequential quadratic programming: a step, a search along it, gradients where it ends.
//!
//! J. Nocedal and S. J. Wright, Numerical Optimization (2006), chapter 18; M. J. D. Powell, A fast algorithm for
//! nonlinearly constrained optimization calculations, Lecture Notes in Mathematics 630 (1978), for the damped update
//! and the weights.

use super::derivatives::{Accuracy, differences};
use super::point::{Point, raise};
use super::problem::Shape;
use super::subproblem::Step;
use crate::constraint::Sample;
use crate::convergence::unbounded;
use crate::interrupt::Interrupt;
use crate::matrix::{Matrix, difference, dot};
use crate::problem::Problem;
use crate::status::Status;

/// Violations below this are none, relative to what the constraint's gradient makes of it over the size of x.
pub(super) const FEASIBLE: f64 = 1e-10;
/// What may be left, relative to f, next to a stationary point.
pub(super) const NEAR: f64 = 1e-6;
/// The violation that a claim allows, relative to what the constraint's gradient makes of it.
pub(super) const VIOLATION: f64 = 1e-8;
/// Distance of the first differences in sizes of the unknowns: so far that noise of 1e-6 leaves them a digit.
const FIRST: f64 = 1e-5;
/// Steps from feasible points without multipliers before it is said that there are none: x comes nearer meanwhile.
const UNQUALIFIED: u32 = 8;
/// A Hessian that is too large everywhere shrinks by at most this factor an iteration.
const SCALING: f64 = 0.8;

/// The state between two iterations: all of it, so that a saved run goes on with the same bits.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Sqp {
    pub(super) shape: Shape,
    pub(super) equality: Vec<bool>,
    /// The size of each unknown.
    pub(crate) size: Vec<f64>,
    /// What each constraint is multiplied by, so that its gradient is of the order of 1 at the start.
    pub(super) row_scale: Vec<f64>,
    pub(super) rounding: Vec<f64>,
    pub(crate) point: Point,
    /// The gradient of f.
    pub(crate) g: Vec<f64>,
    /// The gradients of the constraints.
    pub(super) normals: Vec<Vec<f64>>,
    /// The gradients of the residuals of a fit.
    pub(super) jacobian: Vec<Vec<f64>>,
    pub(super) accuracy: Accuracy,
    /// Second derivatives of f along the axes, as they were known last.
    pub(super) bends: Option<Vec<f64>>,
    /// Second derivatives of the caller's constraints along the axes in the caller's units, as they were known last.
    pub(super) row_bends: Vec<Vec<f64>>,
    /// The Hessian of the Lagrangian, positive definite.
    pub(super) hessian: Matrix,
    pub(super) multipliers: Vec<f64>,
    pub(crate) bound_multipliers: Vec<f64>,
    /// Weights of the violations in the penalty function.
    pub(super) weights: Vec<f64>,
    /// The price of a violation in the elastic program.
    pub(super) penalty: f64,
    pub(super) last_step: f64,
    pub(super) iteration: usize,
    /// Standard deviations of the noise in (f, c), where it is more than rounding.
    pub(super) noise: Option<Vec<f64>>,
    /// The iteration at which the noise was measured last.
    pub(super) noise_measured: Option<usize>,
    /// Whether the gradients and the units are those for a claim at x, and whether the curvature was measured there.
    pub(super) settled: bool,
    pub(super) curved: bool,
    pub(super) failed_searches: u32,
    pub(super) verifications: u32,
    /// Iterations from feasible points whose multipliers are beyond all measure.
    pub(super) unqualified: u32,
    pub(super) escapes: u32,
    /// Infeasible points that were left for one that violates less around them.
    pub(super) freed: u32,
    pub(super) start_f: f64,
    /// What was left after an iteration, as a share of what it was to gain.
    pub(super) drift: f64,
    pub(super) last_gain: f64,
    /// Estimated absolute error of each component of `g`.
    pub(crate) gradient_error: Vec<f64>,
}

impl Sqp {
    /// Begins at x, where the values are `sample`.
    pub fn start(
        shape: Shape,
        x: Vec<f64>,
        sample: Sample,
        problem: &mut Problem<'_>,
    ) -> Result<Self, Interrupt> {
        let n = x.len();
        let size = shape.sizes(&x);
        let rows = shape.rows();
        let mut sqp = Sqp {
            equality: (0..rows).map(|j| shape.is_equality(j)).collect(),
            row_scale: vec![1.0; rows],
            rounding: vec![4.0 * f64::EPSILON; rows],
            point: Point {
                x: x.clone(),
                f: sample.f,
                ..Point::default()
            },
            hessian: Matrix::zeros(n),
            multipliers: vec![0.0; rows],
            bound_multipliers: vec![0.0; n],
            weights: vec![0.0; rows],
            last_step: f64::INFINITY,
            start_f: sample.f,
            drift: 0.1,
            gradient_error: vec![f64::NAN; n],
            size,
            shape,
            ..Sqp::default()
        };
        let h: Vec<f64> = sqp.size.iter().map(|s| FIRST * s).collect();
        let found = differences(problem, &x, &sample, &h, false, None)?;
        sqp.point = sqp.scaled(x, sample);
        sqp.accept(found);
        sqp.rescale_rows();
        sqp.estimate_error(&h);
        let slope = sqp.slope();
        sqp.hessian = match sqp.is_fit() {
            true => sqp.gauss_newton(),
            false => sqp.diagonal(if slope > 0.0 { slope } else { 1.0 }),
        };
        let Some(step) = sqp.step() else {
            return Ok(sqp);
        };
        let bend = match sqp.is_fit() {
            true => None,
            false => sqp.measure_first_curvature(problem, &step)?,
        };
        // With the curvature along the step instead of the slope that stands for it.
        let left = bend.map_or(1.0, |bend| slope / bend) * sqp.predicted(&step);
        let scale = bend.unwrap_or(0.0).max(sqp.value_scale());
        if !step.elastic && left <= NEAR * scale {
            // Next to a stationary point the differences of a start are too coarse.
            sqp.multipliers.clone_from(&step.multipliers);
            sqp.settle(problem)?;
            sqp.reset_hessian();
        }
        Ok(sqp)
    }

    /// The length of the gradient of f in sizes of the unknowns.
    pub(super) fn slope(&self) -> f64 {
        let slopes = self.g.iter().zip(&self.size).map(|(g, s)| (g * s).powi(2));
        slopes.sum::<f64>().sqrt()
    }

    /// `scale` in sizes of the unknowns.
    pub(super) fn diagonal(&self, scale: f64) -> Matrix {
        let diagonal: Vec<f64> = self.size.iter().map(|s| scale / (s * s)).collect();
        Matrix::from_diagonal(&diagonal)
    }

    /// The Hessian anew from what central differences say, or from the gradient.
    pub(super) fn reset_hessian(&mut self) {
        if self.is_fit() {
            self.hessian = self.gauss_newton();
            return;
        }
        let slope = self.slope().max(1e-300);
        self.hessian = match &self.bends {
            Some(bends) if self.accuracy == Accuracy::Central => {
                let curvature = |(i, s): (usize, &f64)| {
                    let rows = self.row_bends.iter().zip(&self.multipliers);
                    let rows = rows.zip(&self.row_scale);
                    let held: f64 = rows.map(|((row, l), scale)| l * scale * row[i]).sum();
                    let least = 1e-3 * slope.max(1e-11) / (s * s);
                    (bends[i] - held).abs().max(least)
                };
                let diagonal = self.size.iter().enumerate().map(curvature);
                Matrix::from_diagonal(&diagonal.collect::<Vec<f64>>())
            }
            _ => self.diagonal(slope),
        };
    }

    /// One iteration; an end ends the run.
    pub fn iterate(&mut self, problem: &mut Problem<'_>) -> Result<Option<Status>, Interrupt> {
        let Some(step) = self.step() else {
            return self.after_failure(problem);
        };
        if self.is_degenerate(&step) {
            self.unqualified += 1;
            if self.unqualified > UNQUALIFIED {
                return self.verify_degenerate(problem, &step);
            }
        }
        if step.elastic && self.is_least_violation() {
            return self.verify_least_violation(problem, &step);
        }
        if self.is_done(&step) {
            return self.verify(problem, &step);
        }
        self.keep_multipliers(&step);
        raise(&mut self.weights, &step.multipliers);
        let gain = 0.5 * dot(&self.hessian.times(&step.p), &step.p);
        if self.last_gain > 0.0 {
            self.drift = (gain / self.last_gain).clamp(1e-8, 1.0);
        }
        self.last_gain = gain;
        match self.search(problem, &step)? {
            None => self.after_failure(problem),
            Some(found) => {
                let found = self.refine(problem, found)?;
                self.failed_searches = 0;
                self.move_to(problem, found)
            }
        }
    }

    pub(super) fn keep_multipliers(&mut self, step: &Step) {
        self.multipliers.clone_from(&step.multipliers);
        self.bound_multipliers.clone_from(&step.bound_multipliers);
    }

    /// The gradient of the Lagrangian.
    pub(super) fn lagrangian(&self, g: &[f64], normals: &[Vec<f64>]) -> Vec<f64> {
        let mut sum = g.to_vec();
        for (l, row) in self.multipliers.iter().zip(normals) {
            sum.iter_mut().zip(row).for_each(|(s, a)| *s -= l * a);
        }
        sum
    }

    /// Gradients at a new point, and what the secant says of the Hessian.
    pub(super) fn move_to(
        &mut self,
        problem: &mut Problem<'_>,
        to: Point,
    ) -> Result<Option<Status>, Interrupt> {
        let (old, before) = (
            std::mem::replace(&mut self.point, to),
            self.lagrangian(&self.g, &self.normals),
        );
        self.iteration += 1;
        (self.settled, self.curved) = (false, false);
        let s = difference(&self.point.x, &old.x);
        self.last_step = self.length(&s);
        for (size, x) in self.size.iter_mut().zip(&self.point.x) {
            *size = size.max(x.abs());
        }
        if let Some(end) = unbounded(self.point.f, self.start_f, 1.0, self.iteration) {
            return Ok(Some(end));
        }
        if let Some(end) = self.differentiate_after(&old, &s, problem)? {
            return Ok(Some(end));
        }
        let after = self.lagrangian(&self.g, &self.normals);
        let rows = difference(&self.point.c, &old.c);
        let rise = self.point.f - old.f - dot(&self.multipliers, &rows);
        let (first, last) = (dot(&before, &s), dot(&after, &s));
        if self.is_odd(rise, first, last) && self.follow_noise(problem)? {
            return Ok(None);
        }
        if self.is_fit() {
            self.hessian = self.gauss_newton();
        }
        let mut y = difference(&after, &before);
        if self.noise.is_some() {
            // A difference of gradients that is noise says that the step was short for the curvature.
            if (last - first).abs() < 3.0 * self.gradient_noise() * self.last_step {
                self.hessian
                    .rescale(&vec![std::f64::consts::FRAC_1_SQRT_2; s.len()]);
                return Ok(None);
            }
        } else {
            // The slope at the end of the step, to one order more by the values at both ends.
            let cubic = 3.0 * (first + last) - 6.0 * rise;
            if cubic.abs() < 1.8 * (last - first).abs() {
                let ss = dot(&s, &s);
                let curved = y.iter_mut().zip(&s);
                curved.for_each(|(y, s)| *y += 0.5 * cubic * s / ss);
            }
        }
        self.hessian.learn(&s, y.clone(), SCALING);
        if self.iteration == 1 && self.noise.is_none() && !self.is_fit() {
            self.measure_curvature(problem, &s, &y)?;
        }
        Ok(None)
    }
}
