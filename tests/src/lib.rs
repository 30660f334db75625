//! The tutorial as scenarios, and the tests that cross crates.
//!
//! A [`Scenario`] is one claim of the tutorial: what was printed there, what is computed here,
//! and the general statement behind it as a property over random cases. `cargo xtask repro` runs
//! [`all`] of them, and so does this package's test suite: one definition serves both.

pub mod accuracy;
pub mod bounds;
pub mod figure;
mod golden;
mod printed;
mod scenario;
mod scenarios;
mod simple_net;
pub mod softmax_bounds;
mod trials;
pub mod tutorial;

pub use golden::Golden;
pub use printed::agrees_with_numpy;
pub use scenario::{Check, Failure, Finding, Scenario, Values};
pub use scenarios::{all, find};
pub use simple_net::SimpleNet;
pub use trials::Trials;

/// The code of the repository's pages runs as tests.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../README.md")]
    pub struct Readme;
    #[doc = include_str!("../../docs/reproduction.md")]
    pub struct Reproduction;
    #[doc = include_str!("../../docs/guide/introduction.md")]
    pub struct Introduction;
    #[doc = include_str!("../../docs/guide/first.md")]
    pub struct First;
    #[doc = include_str!("../../docs/guide/closures.md")]
    pub struct Closures;
    #[doc = include_str!("../../docs/guide/derivative.md")]
    pub struct Derivative;
    #[doc = include_str!("../../docs/guide/gradient.md")]
    pub struct Gradient;
    #[doc = include_str!("../../docs/guide/descent.md")]
    pub struct Descent;
    #[doc = include_str!("../../docs/guide/network.md")]
    pub struct Network;
    #[doc = include_str!("../../docs/guide/methods.md")]
    pub struct Methods;
    #[doc = include_str!("../../docs/guide/error-bars.md")]
    pub struct ErrorBars;
    #[doc = include_str!("../../docs/guide/noise.md")]
    pub struct Noise;
    #[doc = include_str!("../../docs/guide/bounds.md")]
    pub struct Bounds;
    #[doc = include_str!("../../docs/guide/sparse.md")]
    pub struct Sparse;
    #[doc = include_str!("../../docs/guide/checking.md")]
    pub struct Checking;
    #[doc = include_str!("../../docs/guide/engines.md")]
    pub struct Engines;
    #[doc = include_str!("../../docs/guide/automatic.md")]
    pub struct Automatic;
    #[doc = include_str!("../../docs/guide/optimizing.md")]
    pub struct Optimizing;
    #[doc = include_str!("../../docs/guide/fitting.md")]
    pub struct Fitting;
    #[doc = include_str!("../../docs/guide/training.md")]
    pub struct Training;
    #[doc = include_str!("../../docs/guide/migrating.md")]
    pub struct Migrating;
}
