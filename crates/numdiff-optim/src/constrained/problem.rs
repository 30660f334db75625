//! What is minimized besides f: the constraints and the box.

use crate::bounds::Bounds;
use crate::constraint::{Constraint, Linear};
use crate::loss::Loss;

/// What does not change during a run.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Shape {
    /// Whether each of the caller's constraints is an equality; the linear rows follow them.
    pub equality: Vec<bool>,
    pub linear: Vec<Linear>,
    pub bounds: Bounds,
    /// What f is of the residuals, in a fit.
    pub loss: Loss,
    /// The least sizes of the unknowns; empty for 1.
    pub floors: Vec<f64>,
    /// Every accepted point satisfies the inequalities, as soon as one does.
    pub feasible: bool,
    /// Convergence tolerance: predicted decrease over |f|.
    pub tolerance: f64,
}

impl Shape {
    pub fn rows(&self) -> usize {
        self.equality.len() + self.linear.len()
    }

    pub fn is_equality(&self, j: usize) -> bool {
        match self.equality.get(j) {
            Some(equality) => *equality,
            None => self.linear[j - self.equality.len()].equality,
        }
    }

    /// The j-th row as the caller counts it.
    pub fn name(&self, j: usize) -> Constraint {
        Constraint::of(&self.equality, j)
    }

    /// The sizes of the unknowns at x.
    pub fn sizes(&self, x: &[f64]) -> Vec<f64> {
        let size = |(i, x): (usize, &f64)| {
            let width = self.bounds.upper(i) - self.bounds.lower(i);
            let size = x.abs().max(self.floors.get(i).copied().unwrap_or(1.0));
            if width > 0.0 { size.min(width) } else { size }
        };
        x.iter().enumerate().map(size).collect()
    }
}
