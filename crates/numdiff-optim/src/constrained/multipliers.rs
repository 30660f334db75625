//! What constraints are worth.

use crate::constraint::Constraint;

/// The Lagrange multipliers at x. At a minimum the gradient of f is the sum of the gradients of the constraints, each
/// times its multiplier, and of the multipliers of the bounds.
///
/// A multiplier is the derivative of the minimum with respect to its constraint, in the unit of f per unit of the
/// constraint: with h(x) = e instead of h(x) = 0 the minimum changes by the `equality` multiplier times e, to first
/// order; with g(x) >= e by the `inequality` multiplier times e. The multiplier of an inequality is never negative, and
/// 0 if the inequality is inactive.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Multipliers {
    /// One multiplier for each number that the equalities returned, in the order in which they were given.
    pub equality: Vec<f64>,
    /// One multiplier for each number that the inequalities returned, in the order in which they were given.
    pub inequality: Vec<f64>,
    /// One multiplier for each row of the linear constraints, in the order in which they were given.
    pub linear: Vec<f64>,
    /// One multiplier for each coordinate of x: positive at an active lower bound, negative at an active upper bound,
    /// and 0 otherwise.
    pub bounds: Vec<f64>,
    /// The active constraints whose gradients are linearly dependent at x, or vanish. Their multipliers are one choice
    /// of many. Empty if all multipliers are unique.
    pub dependent: Vec<Constraint>,
}
