//! The tutorial as scenarios, and the tests that cross crates.
//!
//! A [`Scenario`] is one claim of the tutorial: what was printed there, what is computed here,
//! and the general statement behind it as a property over random cases. `cargo xtask repro` runs
//! [`all`] of them, and so does this package's test suite: one definition serves both.

pub mod bounds;
pub mod figure;
mod golden;
mod illustrations;
mod printed;
mod scenario;
mod scenarios;
mod simple_net;
pub mod softmax_bounds;
mod trials;
pub mod tutorial;

pub use golden::Golden;
pub use illustrations::illustrations;
pub use printed::agrees_with_numpy;
pub use scenario::{Check, Failure, Finding, Scenario, Values};
pub use scenarios::{all, find};
pub use simple_net::SimpleNet;
pub use trials::Trials;
