//! The quadratic program of one iteration, and its elastic form where the linearized constraints contradict.

use crate::constraint::violation;
use crate::matrix::{Matrix, axis, dot};
use crate::quadratic::{Outcome, Rows, meet_box, solve};

/// A step with what it promises.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub p: Vec<f64>,
    /// One multiplier a row of the constraints: grad f = sum of lambda_j grad c_j + bounds.
    pub multipliers: Vec<f64>,
    /// One a coordinate: positive at a lower bound, negative at an upper one.
    pub bound_multipliers: Vec<f64>,
    /// Violations of the linearized constraints at p: zeros unless the program is elastic.
    pub left: Vec<f64>,
    /// Rows in the working set.
    pub elastic: bool,
}

/// The data of the program at a point.
pub(super) struct Subproblem<'s> {
    pub hessian: &'s Matrix,
    pub gradient: &'s [f64],
    /// Constraint rows: their gradients, values, kinds; those from `hard` on may not be given up.
    pub normals: &'s [Vec<f64>],
    pub constants: Vec<f64>,
    pub equality: &'s [bool],
    pub rounding: &'s [f64],
    pub hard: usize,
    /// The box of p.
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    /// The relative error of the rows that may be given up.
    pub blur: f64,
}

impl Subproblem<'_> {
    /// The step that satisfies all linearized constraints, or the rows that contradict one another.
    pub fn solve(&self) -> Result<Step, Option<Vec<usize>>> {
        let n = self.gradient.len();
        let mut rows = Rows::default();
        for (j, normal) in self.normals.iter().enumerate() {
            rows.push(
                normal.clone(),
                self.constants[j],
                self.equality[j],
                self.rounding[j],
            );
        }
        (rows.blurred, rows.general) = ((self.hard, self.blur), rows.len());
        rows.push_box(&self.lower, &self.upper, n);
        match solve(self.hessian, self.gradient, &rows) {
            Outcome::Solved { p, multipliers } => {
                let m = self.normals.len();
                Ok(self.step(p, &multipliers, multipliers[..m].to_vec(), false))
            }
            Outcome::Infeasible { rows } => Err(Some(rows)),
            Outcome::Failed => Err(None),
        }
    }

    /// The step that trades violations of the soft rows, `penalty` a unit, against f. `objective` scales f: 0 asks for
    /// the least violation.
    pub fn elastic(&self, penalty: f64, objective: f64) -> Option<Step> {
        let n = self.gradient.len();
        let violation = |j: usize| violation(self.equality[j], self.constants[j]);
        let worst = (0..self.hard).map(violation).fold(0.0, f64::max);
        // At the largest violation the quadratic term adds a twentieth of the penalty's slope.
        let curvature = 0.05 * penalty / worst.max(1e-8);
        let total = n + self.hard;
        let mut hessian = Matrix::zeros(total);
        for i in 0..n {
            for j in 0..n {
                hessian.set(i, j, self.hessian.get(i, j));
            }
        }
        (n..total).for_each(|k| hessian.set(k, k, curvature));
        let mut gradient: Vec<f64> = self.gradient.iter().map(|g| objective * g).collect();
        gradient.resize(total, penalty);
        let mut rows = Rows::default();
        let mut owners = Vec::new();
        let mut push = |j: usize, sign: f64, is_soft: bool| {
            let mut wide: Vec<f64> = self.normals[j].iter().map(|a| sign * a).collect();
            wide.resize(total, 0.0);
            if is_soft {
                wide[n + j] = 1.0;
            }
            let equality = self.equality[j] && !is_soft;
            rows.push(wide, sign * self.constants[j], equality, self.rounding[j]);
            owners.push((j, sign));
        };
        for j in 0..self.normals.len() {
            if j < self.hard && self.equality[j] {
                push(j, -1.0, true);
            }
            push(j, 1.0, j < self.hard);
        }
        let constraints = rows.len();
        rows.push_box(&self.lower, &self.upper, total);
        for k in n..total {
            rows.push(axis(total, k), 0.0, false, 0.0);
        }
        let Outcome::Solved { mut p, multipliers } = solve(&hessian, &gradient, &rows) else {
            return None;
        };
        p.truncate(n);
        let mut own = vec![0.0; self.normals.len()];
        for (&(j, sign), u) in owners.iter().zip(&multipliers) {
            own[j] += sign * u;
        }
        let mut tail = vec![0.0; self.normals.len()];
        tail.extend_from_slice(&multipliers[constraints..]);
        Some(self.step(p, &tail, own, true))
    }

    /// `all` holds the multipliers of the box after those of the constraints.
    fn step(&self, mut p: Vec<f64>, all: &[f64], multipliers: Vec<f64>, elastic: bool) -> Step {
        let bounds = &all[self.normals.len()..];
        let bound_multipliers = meet_box(&mut p, &self.lower, &self.upper, bounds);
        let left = (0..self.normals.len())
            .map(|j| {
                let c = self.constants[j] + dot(&self.normals[j], &p);
                let v = violation(self.equality[j], c);
                if elastic { v } else { 0.0 }
            })
            .collect();
        Step {
            p,
            multipliers,
            bound_multipliers,
            left,
            elastic,
        }
    }
}
