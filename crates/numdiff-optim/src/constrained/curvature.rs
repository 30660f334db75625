//! Curvature of the Lagrangian where it matters: along the first step, in the tangent space of what is active, and
//! there once more before a claim.

use super::point::Point;
use super::sqp::Sqp;
use super::step::Linearized;
use super::subproblem::Step;
use super::tangent::{basis, combined, eigen, replace};
use crate::interrupt::Interrupt;
use crate::matrix::{add, axis, dot, largest, norm, products, quotients};
use crate::problem::Problem;

/// How far the curvature along the first step is measured, in steps.
const FIRST: f64 = 0.1;
/// Distance of second differences in sizes of the unknowns: their error is about this times the third derivative.
const APART: f64 = 1e-3;
/// Curvature below this share of the largest one is rounding and truncation.
const NEGATIVE: f64 = 1e-2;
/// Tangent directions whose curvature is measured together, in pairs.
const TOGETHER: usize = 5;
/// Ridges that may be left in one run.
const ESCAPES: u32 = 5;

/// The Lagrangian with the multipliers of a step, in sizes of the unknowns.
struct Lagrangian<'s> {
    multipliers: &'s [f64],
    value: f64,
    gradient: Vec<f64>,
}

impl Sqp {
    fn lagrangian_of<'s>(&self, step: &'s Step) -> Lagrangian<'s> {
        let slope = |i: usize| {
            let rows = step.multipliers.iter().zip(&self.normals);
            self.size[i] * (self.g[i] - rows.map(|(l, a)| l * a[i]).sum::<f64>())
        };
        Lagrangian {
            multipliers: &step.multipliers,
            value: self.point.f - dot(&step.multipliers, &self.point.c),
            gradient: (0..self.size.len()).map(slope).collect(),
        }
    }

    /// The curvature along a direction, in sizes of the unknowns, by one evaluation on the side that the bounds
    /// leave open; `None` where there is none.
    fn bend(
        &self,
        problem: &mut Problem<'_>,
        lagrangian: &Lagrangian<'_>,
        direction: &[f64],
        distance: f64,
    ) -> Result<Option<f64>, Interrupt> {
        for h in [distance, -distance] {
            let Some(x) = self.displaced(direction, h) else {
                continue;
            };
            let at = self.evaluate(x, problem)?;
            if at.is_finite() {
                let value = at.f - dot(lagrangian.multipliers, &at.c);
                let straight = lagrangian.value + h * dot(&lagrangian.gradient, direction);
                return Ok(Some(2.0 * (value - straight) / (h * h)));
            }
        }
        Ok(None)
    }

    /// x + h times a direction in sizes of the unknowns, where that is inside the bounds.
    pub(super) fn displaced(&self, direction: &[f64], h: f64) -> Option<Vec<f64>> {
        let bounds = &self.shape.bounds;
        let x = self.point.x.iter().zip(direction).zip(&self.size);
        let x: Vec<f64> = x.map(|((x, d), s)| x + h * d * s).collect();
        let inside = x.iter().enumerate().all(|(i, x)| bounds.clamp(i, *x) == *x);
        inside.then_some(x)
    }

    /// The scale of the Hessian from the curvature along the first step, which is returned.
    pub(super) fn measure_first_curvature(
        &mut self,
        problem: &mut Problem<'_>,
        step: &Step,
    ) -> Result<Option<f64>, Interrupt> {
        let length = self.length(&step.p);
        if !(length > 0.0) {
            return Ok(None);
        }
        let scaled = step.p.iter().zip(&self.size);
        let direction: Vec<f64> = scaled.map(|(p, s)| p / s / length).collect();
        let lagrangian = self.lagrangian_of(step);
        let found = self.bend(problem, &lagrangian, &direction, FIRST * length.min(1.0))?;
        let slope = self.slope();
        if let Some(bend) = found
            && bend.abs() > 1e-3 * slope
        {
            self.hessian = self.diagonal(bend.abs().min(10.0 * slope));
        }
        Ok(found.map(f64::abs))
    }

    /// The normals of what these multipliers hold, in sizes of the unknowns.
    pub(super) fn normals_held_by(&self, multipliers: &[f64], bounds: &[f64]) -> Vec<Vec<f64>> {
        let mut normals: Vec<Vec<f64>> = Vec::new();
        for (j, a) in self.normals.iter().enumerate() {
            if multipliers[j] != 0.0 || self.equality[j] {
                normals.push(products(a, &self.size));
            }
        }
        for (i, l) in bounds.iter().enumerate() {
            if *l != 0.0 || self.shape.bounds.is_fixed(i) {
                normals.push(axis(self.size.len(), i));
            }
        }
        normals
    }

    /// The tangent space of what the step holds, in sizes of the unknowns: the normals and a basis.
    fn tangent(&self, step: &Step, first: &[f64]) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let normals = self.normals_held_by(&step.multipliers, &step.bound_multipliers);
        let basis = basis(&normals, first);
        (normals, basis)
    }

    /// Second differences in the tangent space: the Hessian where it matters to the next step. `s` and `y` are the
    /// last step and what it did to the gradient of the Lagrangian, which spares the differences along it. At most
    /// as many evaluations as a gradient takes.
    pub(super) fn measure_curvature(
        &mut self,
        problem: &mut Problem<'_>,
        s: &[f64],
        y: &[f64],
    ) -> Result<(), Interrupt> {
        let n = s.len();
        let Some(step) = self.step() else {
            return Ok(());
        };
        let u = quotients(s, &self.size);
        let (normals, basis) = self.tangent(&step, &u);
        let d = basis.len();
        if d == 0 {
            return Ok(());
        }
        let along = dot(&basis[0], &u);
        let known = usize::from(along.abs() > 0.95 * norm(&u));
        if d * (d + 1) / 2 - known * d > n + 1 {
            return Ok(());
        }
        let y = y.iter().zip(&self.size);
        let secant: Vec<f64> = y.map(|(y, d)| y * d / along).collect();
        let secant = (known == 1).then_some(secant);
        if let Some(block) = self.block(problem, &step, &basis, secant.as_deref())? {
            self.replace_curvature(&basis, &block, &normals);
        }
        Ok(())
    }

    /// Takes over the curvature in the tangent space.
    fn replace_curvature(&mut self, basis: &[Vec<f64>], block: &[Vec<f64>], normals: &[Vec<f64>]) {
        let mut scaled = self.hessian.clone();
        scaled.rescale(&self.size);
        if let Some(mut hessian) = replace(&scaled, basis, block, normals) {
            let back: Vec<f64> = self.size.iter().map(|s| 1.0 / s).collect();
            hessian.rescale(&back);
            self.hessian = hessian;
        }
    }

    /// The Hessian of the Lagrangian in a basis whose first image may be known.
    fn block(
        &self,
        problem: &mut Problem<'_>,
        step: &Step,
        basis: &[Vec<f64>],
        first: Option<&[f64]>,
    ) -> Result<Option<Vec<Vec<f64>>>, Interrupt> {
        let d = basis.len();
        let lagrangian = self.lagrangian_of(step);
        let mut block = vec![vec![0.0; d]; d];
        let known = usize::from(first.is_some());
        if let Some(image) = first {
            for (l, direction) in basis.iter().enumerate() {
                let entry = dot(image, direction);
                (block[0][l], block[l][0]) = (entry, entry);
            }
        }
        for k in known..d {
            let Some(bend) = self.bend(problem, &lagrangian, &basis[k], APART)? else {
                return Ok(None);
            };
            block[k][k] = bend;
        }
        for k in known..d {
            for l in known..k {
                let mut sum = basis[k].clone();
                add(&mut sum, 1.0, &basis[l]);
                let Some(bend) = self.bend(problem, &lagrangian, &sum, APART)? else {
                    return Ok(None);
                };
                let entry = 0.5 * (bend - block[k][k] - block[l][l]);
                (block[k][l], block[l][k]) = (entry, entry);
            }
        }
        Ok(Some(block))
    }

    /// Measures the curvature in the tangent space of a stationary point; returns a lower point where the Lagrangian
    /// bends down: x was a saddle or a maximum there. Up to five tangent directions are looked at together, more one by
    /// one.
    pub(super) fn look_around(
        &mut self,
        problem: &mut Problem<'_>,
        step: &Step,
    ) -> Result<Option<Point>, Interrupt> {
        if step.elastic {
            return Ok(None);
        }
        let zero = vec![0.0; self.size.len()];
        let (normals, basis) = self.tangent(step, &zero);
        let (bends, directions) = if basis.len() <= TOGETHER {
            let Some(block) = self.block(problem, step, &basis, None)? else {
                return Ok(None);
            };
            if !basis.is_empty() {
                self.replace_curvature(&basis, &block, &normals);
            }
            let (values, vectors) = eigen(&block);
            let vectors = vectors.iter().map(|v| combined(v, &basis));
            (values, vectors.collect())
        } else {
            let lagrangian = self.lagrangian_of(step);
            let mut bends = Vec::with_capacity(basis.len());
            for direction in &basis {
                let found = self.bend(problem, &lagrangian, direction, APART)?;
                bends.push(found.unwrap_or(0.0));
            }
            (bends, basis)
        };
        let most = largest(&bends);
        let bent = bends.iter().zip(directions);
        let down = bent.filter(|(b, _)| **b < -NEGATIVE * most);
        if self.escapes >= ESCAPES {
            return Ok(None);
        }
        let start = self.merit(&self.point);
        for (_, direction) in down {
            for h in [0.3, -0.3, 0.03, -0.03, 0.003, -0.003] {
                let Some(x) = self.displaced(&direction, h) else {
                    continue;
                };
                let trial = self.evaluate(x, problem)?;
                let Some(back) = self.to_constraints(problem, trial)? else {
                    continue;
                };
                if self.merit(&back) < start - 1e3 * self.tolerance() && self.may_accept(&back) {
                    self.escapes += 1;
                    return Ok(Some(back));
                }
            }
        }
        Ok(None)
    }

    /// The point moved to the linearized constraints, twice, with the gradients at x.
    fn to_constraints(
        &self,
        problem: &mut Problem<'_>,
        mut trial: Point,
    ) -> Result<Option<Point>, Interrupt> {
        let zero = vec![0.0; self.size.len()];
        let hessian = self.diagonal(1.0);
        for _ in 0..2 {
            if !trial.is_finite() {
                return Ok(None);
            }
            let there = Linearized {
                x: &trial.x,
                c: trial.c.clone(),
                gradient: &zero,
                normals: &self.normals,
            };
            let program = self.program(&hessian, there);
            let Ok(step) = program.solve() else {
                return Ok(None);
            };
            if self.length(&step.p) == 0.0 {
                break;
            }
            let x = self.shape.bounds.along(&trial.x, &step.p, 1.0);
            trial = self.evaluate(x, problem)?;
        }
        Ok(trial.is_finite().then_some(trial))
    }
}
