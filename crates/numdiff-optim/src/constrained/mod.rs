//! Minimization subject to constraints: sequential quadratic programming on function values.

mod curvature;
mod derivatives;
mod noise;
pub(crate) mod point;
pub(crate) mod problem;
mod quadratic;
mod refine;
mod search;
pub(crate) mod sqp;
pub(crate) mod status;
mod step;
mod subproblem;
mod tangent;
mod verify;
