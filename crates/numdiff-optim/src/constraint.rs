//! Constraints: their names, their values with f at a point, and by how much they are violated.

use crate::matrix::dot;
use std::fmt;

/// A target counts where no constraint is violated by more.
const ON_TARGET: f64 = 1e-8;

/// The name of one constraint: its kind and its number among the constraints of this kind, counted from 0 in the order
/// in which they were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Constraint {
    /// A number returned by an equality constraint.
    Equality(usize),
    /// A number returned by an inequality constraint.
    Inequality(usize),
    /// A row of the linear constraints, equalities and inequalities counted together.
    Linear(usize),
    /// A bound of this coordinate of x.
    Bound(usize),
}

impl Constraint {
    /// The j-th number of closures of these kinds as the caller counts it; beyond them, linear rows.
    pub(crate) fn of(equality: &[bool], j: usize) -> Self {
        let Some(kind) = equality.get(j) else {
            return Constraint::Linear(j - equality.len());
        };
        let before = equality[..j].iter().filter(|other| *other == kind).count();
        match kind {
            true => Constraint::Equality(before),
            false => Constraint::Inequality(before),
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Constraint::Equality(k) => write!(to, "equality {k}"),
            Constraint::Inequality(k) => write!(to, "inequality {k}"),
            Constraint::Linear(k) => write!(to, "linear constraint {k}"),
            Constraint::Bound(i) => write!(to, "the bound of x[{i}]"),
        }
    }
}

/// f and the caller's constraints at one point; not finite where they could not be evaluated.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    pub f: f64,
    pub c: Vec<f64>,
    /// The residuals whose squares are f, in a fit.
    pub residuals: Vec<f64>,
}

impl Sample {
    pub fn is_finite(&self) -> bool {
        self.f.is_finite() && self.c.iter().all(|c| c.is_finite())
    }
}

/// By how much a constraint is violated.
pub(crate) fn violation(equality: bool, c: f64) -> f64 {
    if equality { c.abs() } else { (-c).max(0.0) }
}

/// The largest violation of the caller's constraints.
pub(crate) fn largest_violation(equality: &[bool], c: &[f64]) -> f64 {
    let violations = c.iter().zip(equality).map(|(c, e)| violation(*e, *c));
    violations.fold(0.0, f64::max)
}

/// Whether a sample may meet a target.
pub(crate) fn is_on_target(equality: &[bool], c: &[f64]) -> bool {
    largest_violation(equality, c) <= ON_TARGET
}

/// a^T x - b = 0 or >= 0: never differenced.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Linear {
    pub normal: Vec<f64>,
    pub right: f64,
    pub equality: bool,
}

impl Linear {
    pub fn residual(&self, x: &[f64]) -> f64 {
        dot(&self.normal, x) - self.right
    }

    /// What rounding makes of the residual.
    pub fn rounding(&self, x: &[f64]) -> f64 {
        let sum: f64 = self.normal.iter().zip(x).map(|(a, x)| (a * x).abs()).sum();
        4.0 * f64::EPSILON * (sum + self.right.abs())
    }
}
