//! What constraints are called, and what they are worth.

use std::fmt;

/// One constraint, counted from 0 over all that were given of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Constraint {
    /// A number that an equality returned.
    Equality(usize),
    /// A number that an inequality returned.
    Inequality(usize),
    /// A row of the linear constraints.
    Linear(usize),
}

impl fmt::Display for Constraint {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Constraint::Equality(k) => write!(to, "equality {k}"),
            Constraint::Inequality(k) => write!(to, "inequality {k}"),
            Constraint::Linear(k) => write!(to, "linear constraint {k}"),
        }
    }
}

/// The Lagrange multipliers: at the minimum, the gradient of f is the sum of the multipliers times the gradients of
/// the constraints, and of the bounds' multipliers.
///
/// They are what a unit of each constraint is worth: asking for h(x) = e instead of h(x) = 0 changes the minimum by
/// `equality` times e, to first order; asking for g(x) >= e by `inequality` times e. An inequality's multiplier is
/// never negative, and 0 where it does not hold x.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Multipliers {
    /// One for each number that the equalities returned, in the order they were given.
    pub equality: Vec<f64>,
    /// One for each number that the inequalities returned, in the order they were given.
    pub inequality: Vec<f64>,
    /// One for each row of the linear constraints, in the order they were given.
    pub linear: Vec<f64>,
    /// One for each coordinate of x: positive where it is at its lower bound, negative at its upper one.
    pub bounds: Vec<f64>,
}
