//! What constraints are worth.

use crate::constraint::Constraint;

/// The Lagrange multipliers: at the minimum, the gradient of f is the sum of the multipliers times the gradients of
/// the constraints, and of the bounds' multipliers.
///
/// They are what a unit of each constraint is worth: asking for h(x) = e instead of h(x) = 0 changes the minimum by
/// `equality` times e, to first order; asking for g(x) >= e by `inequality` times e. An inequality's multiplier is
/// never negative, and 0 where it does not hold x.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
    /// Constraints that hold x and whose gradients depend on one another there, or vanish: their multipliers are one
    /// choice of many. Empty where all multipliers are determined.
    pub dependent: Vec<Constraint>,
}
