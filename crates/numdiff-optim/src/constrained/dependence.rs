//! Which of the constraints that hold x depend on one another there.

use super::sqp::{Sqp, VIOLATION};
use super::subproblem::Step;
use crate::constraint::Constraint;
use crate::matrix::norm;
use crate::svd::Svd;

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
