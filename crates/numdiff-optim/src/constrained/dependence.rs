//! Which of the constraints that hold x depend on one another there.

use super::sqp::{Sqp, VIOLATION};
use super::subproblem::Step;
use crate::constraint::Constraint;
use crate::matrix::{dot, norm};

/// A constraint this close to 0 holds x, relative to what its gradient makes of it over the size of x.
const HOLDS: f64 = 1e-7;
/// A normal this close to the span of others depends on them: differences are right to more.
pub(super) const DEPENDS: f64 = 1e-6;
/// Where there are no multipliers, the normals become dependent only as x approaches the limit: so close they have to be.
pub(super) const NEARLY: f64 = 1e-3;
/// Multipliers beyond this multiple of what f's slope or curvature makes of it are none.
const BEYOND: f64 = 1e4;
/// Normals with a smaller share in a dependence have no part in it.
const PART: f64 = 1e-3;

impl Sqp {
    /// Constraints and bounds that hold x and whose gradients are not independent there, or vanish: their multipliers
    /// are one choice of many, or there are none. `within` says how close they are to dependent ones.
    pub(super) fn dependent(&self, within: f64) -> Vec<Constraint> {
        let (names, normals) = self.holding(within);
        let mut part = vec![false; names.len()];
        // Orthonormal vectors, and how they are made of the normals.
        let mut basis: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
        for (k, normal) in normals.into_iter().enumerate() {
            let mut combination = vec![0.0; names.len()];
            combination[k] = 1.0;
            let mut rest = normal;
            // Twice is enough (Kahan).
            for _ in 0..2 {
                for (u, of) in &basis {
                    let along = dot(u, &rest);
                    rest.iter_mut().zip(u).for_each(|(r, u)| *r -= along * u);
                    let parts = combination.iter_mut().zip(of);
                    parts.for_each(|(c, o)| *c -= along * o);
                }
            }
            let size = norm(&rest);
            if size <= within {
                let parts = part.iter_mut().zip(&combination);
                parts.for_each(|(part, c)| *part |= c.abs() > PART);
                continue;
            }
            rest.iter_mut().for_each(|r| *r /= size);
            combination.iter_mut().for_each(|c| *c /= size);
            basis.push((rest, combination));
        }
        let told = names.into_iter().zip(part);
        told.filter(|(_, part)| *part)
            .map(|(name, _)| name)
            .collect()
    }

    /// What holds x, and the normals in sizes of the unknowns: of length 1, but for those that vanish.
    fn holding(&self, within: f64) -> (Vec<Constraint>, Vec<Vec<f64>>) {
        let (mut names, mut normals) = (Vec::new(), Vec::new());
        for (j, a) in self.normals.iter().enumerate() {
            if self.equality[j] || self.point.c[j] <= HOLDS {
                let mut normal: Vec<f64> = a.iter().zip(&self.size).map(|(a, s)| a * s).collect();
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
                let mut axis = vec![0.0; self.size.len()];
                axis[i] = 1.0;
                names.push(Constraint::Bound(i));
                normals.push(axis);
            }
        }
        (names, normals)
    }

    /// Whether x is feasible, and what holds it there has multipliers beyond all measure.
    pub(super) fn lacks_multipliers(&self, step: &Step) -> bool {
        let all = step.multipliers.iter().chain(&step.bound_multipliers);
        let most = all.fold(0.0, |m: f64, l| m.max(l.abs()));
        self.point.largest_violation(&self.equality) <= VIOLATION
            && most > BEYOND * self.slope().max(self.value_scale())
    }
}
