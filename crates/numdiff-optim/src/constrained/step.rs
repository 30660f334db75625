//! The step of an iteration, and what it promises.

use super::point::Point;
use super::sqp::{FEASIBLE, Sqp};
use super::subproblem::{Step, Subproblem};
use crate::constraint::violation;
use crate::matrix::{Matrix, dot, largest};

/// Multipliers beyond this multiple of the gradient belong to constraints that nearly contradict one another.
const UNREASONABLE: f64 = 1e8;
/// The elastic step lessens the violations by this share of what is possible, or violations cost more.
const STEERING: f64 = 0.1;
/// A violation that no step lessens by more than this share of it is the least.
const LEAST: f64 = 1e-6;
/// And what noise hides of it is at most this share.
const SEEN: f64 = 0.1;

/// Inequalities are aimed at with this margin where every accepted point has to be feasible.
const MARGIN: f64 = 1e-10;

/// A point, and what is known there of f and the constraints to first order.
pub(super) struct Linearized<'s> {
    pub x: &'s [f64],
    /// The values of the constraints that the step starts from.
    pub c: Vec<f64>,
    pub gradient: &'s [f64],
    pub normals: &'s [Vec<f64>],
}

impl Sqp {
    pub(super) fn here(&self) -> Linearized<'_> {
        Linearized {
            x: &self.point.x,
            c: self.aimed(&self.point.c),
            gradient: &self.g,
            normals: &self.normals,
        }
    }

    /// The values of constraints less the margin.
    pub(super) fn aimed(&self, c: &[f64]) -> Vec<f64> {
        let margin = if self.shape.feasible { MARGIN } else { 0.0 };
        let user = self.shape.equality.len();
        let aimed = |(j, c): (usize, &f64)| match self.equality[j] || j >= user {
            true => *c,
            false => c - margin,
        };
        c.iter().enumerate().map(aimed).collect()
    }

    /// The program of a step from a point with this Hessian.
    pub(super) fn program<'s>(&'s self, hessian: &'s Matrix, at: Linearized<'s>) -> Subproblem<'s> {
        let (lower, upper) = self.shape.bounds.around(at.x);
        Subproblem {
            hessian,
            gradient: at.gradient,
            normals: at.normals,
            constants: at.c,
            equality: &self.equality,
            rounding: &self.rounding,
            hard: self.shape.equality.len(),
            lower,
            upper,
            blur: self.accuracy.blur(),
        }
    }

    /// The step of the quadratic program, elastic where its constraints contradict; `None` where there is none.
    pub(super) fn step(&mut self) -> Option<Step> {
        let program = self.program(&self.hessian, self.here());
        match program.solve() {
            Ok(step) => {
                let reasonable = UNREASONABLE * self.slope().max(self.penalty).max(1e-300);
                if largest(&step.multipliers) <= reasonable && step.p.iter().all(|p| p.is_finite())
                {
                    return Some(step);
                }
            }
            Err(None) => return None,
            Err(Some(_)) => {}
        }
        let now = self.point.total_violation(&self.equality);
        let least = self.least_violation().map_or(0.0, |step| sum(&step.left));
        let known = largest(&self.multipliers);
        let mut penalty = self.penalty.max(2.0 * known).max(self.slope()).max(1e-8);
        let mut chosen = None;
        for _ in 0..12 {
            chosen = program.elastic(penalty, 1.0).or(chosen);
            let enough = STEERING * (now - least) - 1e-14 * now;
            if chosen
                .as_ref()
                .is_some_and(|step| now - sum(&step.left) >= enough)
            {
                break;
            }
            penalty *= 10.0;
        }
        self.penalty = penalty;
        chosen
    }

    /// The step to the least violation of the linearized constraints within the size of the unknowns.
    pub(super) fn least_violation(&self) -> Option<Step> {
        let hessian = self.diagonal(1e-6);
        let here = Linearized {
            c: self.point.c.clone(),
            ..self.here()
        };
        let mut program = self.program(&hessian, here);
        for (i, x) in self.point.x.iter().enumerate() {
            let reach = self.size[i].max(x.abs());
            program.lower[i] = program.lower[i].max(-reach);
            program.upper[i] = program.upper[i].min(reach);
        }
        program.elastic(1.0, 0.0)
    }

    /// Whether no step within the size of the unknowns lessens the violations to first order.
    pub(super) fn is_least_violation(&self) -> bool {
        let now = self.point.total_violation(&self.equality);
        let noise = self.noise.as_ref().map_or(0.0, |noise| sum(&noise[1..]));
        let slack = LEAST * now + 100.0 * noise;
        now > FEASIBLE + 10.0 * noise
            && self
                .least_violation()
                .is_some_and(|step| now - sum(&step.left) <= slack)
    }

    /// Whether gradients are known well enough to say that a violation is the least: what their noise makes of it over
    /// the size of the unknowns, or over a box that is larger, is a small share of it.
    pub(super) fn sees_least_violation(&self) -> bool {
        let Some(noise) = &self.noise else {
            return true;
        };
        let (lower, upper) = self.shape.bounds.around(&self.point.x);
        let reach = (0..self.size.len()).map(|i| {
            let size = self.size[i].max(self.point.x[i].abs());
            let width = upper[i] - lower[i];
            size.max(if width.is_finite() { width } else { 0.0 }) / self.size[i]
        });
        let slope = sum(&noise[1..]) / self.noise_distance();
        slope * reach.fold(1.0, f64::max) <= SEEN * self.point.total_violation(&self.equality)
    }

    /// What the model says is left: of f, and of the constraints in units of f.
    pub(super) fn predicted(&self, step: &Step) -> f64 {
        let curved = 0.5 * dot(&self.hessian.times(&step.p), &step.p);
        let rows = self.point.c.iter().zip(&step.left).zip(&step.multipliers);
        let rows: f64 = rows
            .map(|((c, left), l)| l.abs() * (c.abs() - left).max(0.0))
            .sum();
        let bounds = step.bound_multipliers.iter().zip(&step.p);
        curved + rows + bounds.map(|(l, p)| (l * p).abs()).sum::<f64>()
    }

    /// What the curvature makes of f over the size of the unknowns, or f itself: so that no unit of f matters.
    pub(super) fn value_scale(&self) -> f64 {
        let bends = self.curvature_over_sizes().into_iter();
        bends.fold(self.point.f.abs(), f64::max)
    }

    /// What the curvature along each unknown makes of f over its size.
    pub(super) fn curvature_over_sizes(&self) -> Vec<f64> {
        let modeled = self.hessian.diagonal();
        let bends = self.bends.as_ref().unwrap_or(&modeled);
        let bends = bends.iter().zip(&self.size);
        bends.map(|(b, s)| (b * s * s).abs()).collect()
    }

    pub(super) fn tolerance(&self) -> f64 {
        let relative = self.shape.tolerance;
        (relative * self.point.f.abs())
            .max(1e-3 * relative * self.value_scale())
            .max(1e-300)
    }

    /// Whether the model sees nothing left.
    pub(super) fn is_done(&self, step: &Step) -> bool {
        let over = |j: usize, allowed: f64| {
            violation(self.equality[j], self.point.c[j]) - step.left[j] <= allowed
        };
        let mut rows = 0..self.equality.len();
        if let Some(noise) = &self.noise {
            return rows.all(|j| over(j, 3.0 * noise[j + 1] + FEASIBLE))
                && self.predicted(step) <= 0.25 * self.slack();
        }
        let small = self.predicted(step) <= self.tolerance() || self.length(&step.p) <= 1e-12;
        small && rows.all(|j| over(j, FEASIBLE))
    }

    /// The length of a step in sizes of the unknowns.
    pub(super) fn length(&self, p: &[f64]) -> f64 {
        let parts = p.iter().zip(&self.size).map(|(p, s)| (p / s).powi(2));
        parts.sum::<f64>().sqrt()
    }

    pub(super) fn merit(&self, point: &Point) -> f64 {
        point.merit(&self.equality, &self.weights)
    }

    /// By how much values of the penalty function differ for no reason.
    pub(super) fn slack(&self) -> f64 {
        match &self.noise {
            None => 2.0 * f64::EPSILON * self.point.f.abs(),
            Some(noise) => {
                let rows = self.weights.iter().zip(&noise[1..]);
                4.0 * (noise[0] + rows.map(|(w, s)| w * s).sum::<f64>())
            }
        }
    }
}

fn sum(v: &[f64]) -> f64 {
    v.iter().sum()
}
