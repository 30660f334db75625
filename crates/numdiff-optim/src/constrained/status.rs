//! How a run with constraints ends, in the caller's units.

use super::dependence::NEARLY;
use super::sqp::{FEASIBLE, Sqp};
use crate::constraint::violation;
use crate::matrix::largest;
use crate::status::{Stall, Status, Test};

/// A constraint holds another back when its multiplier is above this share of the largest.
const HOLDS: f64 = 1e-6;

impl Sqp {
    /// A Karush-Kuhn-Tucker point.
    pub(super) fn converged(&self, residual: f64, complementarity: f64) -> Status {
        Status::Converged {
            test: Test::Kkt {
                residual,
                violation: self.violation(),
                complementarity,
            },
            active_bounds: self.bound_multipliers.iter().filter(|l| **l != 0.0).count(),
        }
    }

    /// A point of least violation that is no feasible one.
    pub(super) fn infeasible(&self) -> Status {
        let most = largest(&self.multipliers);
        let contradicts = |j: &usize| {
            self.multipliers[*j].abs() > HOLDS * most
                || violation(self.equality[*j], self.point.c[*j]) > FEASIBLE
        };
        let rows = (0..self.equality.len()).filter(contradicts);
        Status::Infeasible {
            violation: self.violation(),
            constraints: rows
                .map(|j| (self.shape.name(j), self.violation_of(j)))
                .collect(),
        }
    }

    /// Feasible, and the constraints that hold x have gradients that depend on one another: no multipliers exist.
    pub(super) fn degenerate(&self) -> Status {
        let constraints = self.dependent(NEARLY);
        Stall::Degenerate { constraints }.status()
    }

    /// No better point, though one is predicted.
    pub(super) fn stalled(&self, predicted: f64) -> Status {
        Stall::Search { predicted }.status()
    }
}
