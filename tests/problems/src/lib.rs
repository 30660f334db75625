//! Reference problems for optimizers: functions with starts, minima and exact gradients.
//!
//! Every formula is written once over [`Number`] and evaluated in `f64` for the value or in
//! [`Dual`] numbers for an exact gradient or Jacobian. Nothing here depends on a numdiff crate.

pub mod mgh;
mod number;
mod problem;

pub use number::{Dual, Number};
pub use problem::{Bounds, Objective, Problem, Residuals};
