#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(
    clippy::neg_cmp_op_on_partial_ord,
    reason = "a NaN must fail a test, which !(a > b) says and a <= b does not"
)]

mod away;
mod bounds;
mod budget;
mod checkpoint;
mod columns;
mod constrained;
mod constraint;
mod convergence;
mod descent;
mod differences;
mod error;
mod evaluator;
mod first_order;
mod flat;
mod gradient_descent;
mod gradients;
mod input;
mod interpolation;
mod interrupt;
mod kink;
mod least_squares;
mod levenberg_marquardt;
mod line_search;
mod loss;
mod matrix;
mod method;
mod minimality_check;
mod minimize;
mod minimum;
mod noise;
mod observer;
mod problem;
mod quadratic;
mod quasi_newton;
mod reach;
mod replay_log;
mod run;
mod same_function;
mod scale;
mod schedule;
mod search;
mod settings;
mod snapshot;
mod solver;
mod status;
mod stochastic;
mod svd;
mod trajectory;
mod weak;

pub use checkpoint::Checkpoint;
pub use constrained::Multipliers;
pub use constraint::Constraint;
pub use error::Error;
pub use evaluator::{ConstraintValues, Simulated};
pub use first_order::Optimizer;
pub use gradient_descent::gradient_descent;
pub use least_squares::{
    Band, Fit, Found, LeastSquares, Minima, ParameterError, Profile, ProfilePoint, Propagated,
    StandardErrors, Starts, least_squares,
};
pub use loss::Loss;
pub use method::Method;
pub use minimize::{Minimize, Setup, minimize};
pub use minimum::Minimum;
pub use observer::Iteration;
pub use schedule::Schedule;
pub use search::Search;
pub use status::{Divergence, Stall, Status, Test};
pub use stochastic::{Stochastic, StochasticMinimum, stochastic};
pub use trajectory::{Record, Trajectory};
