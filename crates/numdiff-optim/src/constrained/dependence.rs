//! Which of the constraints that hold x depend on one another there.

use super::sqp::{Sqp, VIOLATION};
use super::subproblem::Step;
use crate::constraint::Constraint;
use crate::matrix::{Matrix, add, axis, dot, largest, norm, products};
use crate::quadratic::{Outcome, Rows, solve};
use crate::svd::Svd;

/// A constraint this close to 0 holds x, relative to what its gradient makes of it over the size of x.
const HOLDS: f64 = 1e-7;
/// A normal this close to the span of others depends on them: differences are right to more.
pub(super) const DEPENDS: f64 = 1e-6;
/// Where there are no multipliers, the normals become dependent only as x approaches the limit: so close they have to
/// be.
pub(super) const NEARLY: f64 = 1e-3;
/// Multipliers beyond this multiple of what f's slope or curvature makes of it are none.
const BEYOND: f64 = 1e4;
/// Normals with a smaller share in a dependence have no part in it.
const PART: f64 = 1e-3;
/// Weight of the squares of the multipliers beside the error of their sum, where the least ones are looked for.
const RIDGE: f64 = 1e-12;
/// The least ones have the same sum if it differs by at most this share of the gradient of f.
const SAME_SUM: f64 = 1e-5;

impl Sqp {
    /// Constraints and bounds that hold x and whose gradients are not independent there, or vanish: their multipliers
    /// are one choice of many, or there are none. `within` says how close they are to dependent ones.
    pub(super) fn dependent(&self, within: f64) -> Vec<Constraint> {
        let (names, normals) = self.holding(within);
        let svd = Svd::of(&normals);
        let vanishing = svd.values.iter().zip(&svd.vectors);
        let vanishing = vanishing.filter(|(value, _)| **value <= within);
        let combinations: Vec<&Vec<f64>> = vanishing.map(|(_, v)| v).collect();
        let has_part = |k: &usize| combinations.iter().any(|v| v[*k].abs() > PART);
        (0..names.len())
            .filter(has_part)
            .map(|k| names[k])
            .collect()
    }

    /// What holds x, and the normals in sizes of the unknowns: of length 1, but for those that vanish.
    fn holding(&self, within: f64) -> (Vec<Constraint>, Vec<Vec<f64>>) {
        let (mut names, mut normals) = (Vec::new(), Vec::new());
        for (j, a) in self.normals.iter().enumerate() {
            if self.equality[j] || self.point.c[j] <= HOLDS {
                let mut normal = products(a, &self.size);
                let length = norm(&normal);
                if length > within {
                    normal.iter_mut().for_each(|a| *a /= length);
                }
                names.push(self.shape.name(j));
                normals.push(normal);
            }
        }
        let bounds = &self.shape.bounds;
        for (i, x) in self.point.x.iter().enumerate() {
            if *x == bounds.lower(i) || *x == bounds.upper(i) {
                names.push(Constraint::Bound(i));
                normals.push(axis(self.size.len(), i));
            }
        }
        (names, normals)
    }

    /// Whether x is feasible, and what holds it there is dependent and has multipliers beyond all measure.
    pub(super) fn is_degenerate(&self, step: &Step) -> bool {
        let beyond = BEYOND * self.slope().max(self.value_scale());
        self.point.largest_violation(&self.equality) <= VIOLATION
            && largest(&step.multipliers).max(largest(&step.bound_multipliers)) > beyond
            && self
                .least_multiplier(step)
                .is_none_or(|least| least > beyond)
            && !self.dependent(NEARLY).is_empty()
    }

    /// The largest of the least multipliers that have the sum of the step's: normals that depend on one another, as
    /// those of h >= 0 and -h >= 0 do, have many.
    fn least_multiplier(&self, step: &Step) -> Option<f64> {
        let all = [&step.multipliers[..], &step.bound_multipliers].concat();
        let rows = self.normals.iter().map(|a| products(a, &self.size));
        let axes = (0..self.size.len()).map(|i| products(&axis(self.size.len(), i), &self.size));
        let normals = rows.chain(axes).enumerate();
        let (held, normals): (Vec<usize>, Vec<Vec<f64>>) =
            normals.filter(|(k, _)| all[*k] != 0.0).unzip();
        let mut sum = vec![0.0; self.size.len()];
        for (&k, normal) in held.iter().zip(&normals) {
            add(&mut sum, all[k], normal);
        }
        let mut squares = Matrix::zeros(held.len());
        let mut signs = Rows::default();
        for (i, a) in normals.iter().enumerate() {
            for (j, b) in normals.iter().enumerate() {
                let ridge = if i == j { RIDGE * dot(a, a) } else { 0.0 };
                squares.set(i, j, dot(a, b) + ridge);
            }
            let k = held[i];
            if self.equality.get(k) != Some(&true) {
                let mut sign = vec![0.0; held.len()];
                sign[i] = all[k].signum();
                signs.push(sign, 0.0, false, 0.0);
            }
        }
        let slopes: Vec<f64> = normals.iter().map(|a| -dot(a, &sum)).collect();
        let Outcome::Solved { p: least, .. } = solve(&squares, &slopes, &signs) else {
            return None;
        };
        let mut rest = sum;
        for (l, normal) in least.iter().zip(&normals) {
            add(&mut rest, -l, normal);
        }
        (norm(&rest) <= SAME_SUM * self.slope()).then(|| largest(&least))
    }
}
