//! Reference problems for optimizers: functions with starts, minima and exact gradients.
//!
//! Every formula is written once over [`Number`] and evaluated in `f64` for the value or in
//! [`Dual`] numbers for an exact gradient or Jacobian. Nothing here depends on a numdiff crate.

pub mod constrained;
pub mod far;
mod lennard_jones;
mod logistic_regression;
pub mod mgh;
mod number;
mod predator_prey;
mod problem;
pub mod regression;
mod weibull;

pub use number::{Dual, Number};
pub use problem::{Bounds, Objective, Problem, Residuals};

/// Problems that are no sums of squares: a regression and a likelihood on real data, two clusters of atoms, and
/// a differential equation integrated adaptively.
pub fn plain() -> Vec<Problem> {
    vec![
        logistic_regression::problem(),
        weibull::problem(),
        lennard_jones::seven(),
        lennard_jones::thirteen(),
        predator_prey::problem(),
    ]
}
