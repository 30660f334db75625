#![doc = include_str!("../README.md")]

mod error;
mod estimate;
mod line;
mod moves;
mod outcome;
mod real;

pub use error::Error;
pub use estimate::{Estimate, Status};
pub use moves::{Function, Moves};
pub use outcome::{Outcome, Outputs};
pub use real::Real;
