//! Minimization subject to constraints: sequential quadratic programming on function values.

mod curvature;
mod dependence;
mod derivatives;
mod fit;
mod multipliers;
mod noise;
mod point;
mod problem;
mod refine;
mod run;
mod search;
mod sqp;
mod status;
mod step;
mod subproblem;
mod tangent;
mod units;
mod verify;
mod violation;

pub use multipliers::Multipliers;
pub(crate) use run::{begin, move_to_linear};
pub(crate) use sqp::Sqp;
