#![doc = include_str!("../README.md")]

mod backoff;
mod error;
mod evaluator;
mod function;
mod message;
mod post;
mod ranks;
mod report;
mod schedule;
mod seat;
mod serve;
mod session;

pub use error::Error;
pub use function::{ScalarFunction, VectorFunction, scalar, vector};
pub use ranks::Ranks;
pub use report::{RankReport, Report};
pub use session::Mpi;
