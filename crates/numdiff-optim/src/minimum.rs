//! What a run returns.

use crate::{Checkpoint, Method, Multipliers, Status, Trajectory};
use std::fmt;

/// The end of a run: the point, how far it is to be trusted, and what it cost.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Minimum<X> {
    /// The point, of the start's shape: the last iterate, or the lowest point that was evaluated where a limit, the
    /// target or the observer ended the run.
    pub x: X,
    /// f there; infinite where no time was left for the first evaluation.
    pub value: f64,
    /// The gradient at the last iterate, by difference unless it was given; NaN where the run ended before the first.
    pub gradient: X,
    /// Estimated absolute error of each component of `gradient`; at most its rounding where it was given.
    pub gradient_error: X,
    /// Why the run ended.
    pub status: Status,
    /// The largest violation of a constraint; 0 without constraints, NaN where the run ended before the first gradient.
    pub violation: f64,
    /// What the constraints and bounds are worth; empty without constraints.
    pub multipliers: Multipliers,
    /// How many coordinates of x0 were moved into the box, or to the linear constraints, before the first evaluation.
    pub start_moved: usize,
    /// Accepted steps.
    pub iterations: usize,
    /// Evaluations of f, difference probes included.
    pub evaluations: usize,
    /// Evaluations of a given gradient.
    pub gradient_evaluations: usize,
    /// Absolute standard deviation of the noise of f at x, where it was measured.
    pub noise: Option<f64>,
    /// The records asked for; empty otherwise.
    pub trajectory: Trajectory,
    /// The method that ran: for [`Method::Automatic`] beyond 300 unknowns or with a fixed difference the L-BFGS that it
    /// took.
    pub method: Method,
    /// The state to go on from.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub checkpoint: Checkpoint,
    /// The numbers of x, to be printed whatever its kind is.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) numbers: Vec<f64>,
}

/// A value and the numbers of the point at which f has it.
pub(crate) struct Found<'m> {
    pub name: &'static str,
    pub value: f64,
    pub x: &'m [f64],
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} = {:e} at [", self.name, self.value)?;
        for (k, number) in self.x.iter().take(PRINTED).enumerate() {
            let comma = if k > 0 { ", " } else { "" };
            write!(to, "{comma}{number}")?;
        }
        if self.x.len() > PRINTED {
            write!(to, ", … {} in all", self.x.len())?;
        }
        write!(to, "]")
    }
}

/// Longer points are cut off when they are printed.
const PRINTED: usize = 10;

/// What was found, at what cost, and why the run ended.
impl<X> fmt::Display for Minimum<X> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = Found {
            name: "f",
            value: self.value,
            x: &self.numbers,
        };
        write!(to, "{found}\n{} evaluations", self.evaluations)?;
        if self.gradient_evaluations > 0 {
            write!(to, " and {} of the gradient", self.gradient_evaluations)?;
        }
        write!(to, " in {} steps; {}", self.iterations, self.status)
    }
}

impl Minimum<Vec<f64>> {
    /// The same in the caller's kind of x.
    pub(crate) fn in_kind<X>(self, kind: impl Fn(Vec<f64>) -> X) -> Minimum<X> {
        Minimum {
            numbers: self.x.clone(),
            x: kind(self.x),
            value: self.value,
            gradient: kind(self.gradient),
            gradient_error: kind(self.gradient_error),
            status: self.status,
            violation: self.violation,
            multipliers: self.multipliers,
            start_moved: self.start_moved,
            iterations: self.iterations,
            evaluations: self.evaluations,
            gradient_evaluations: self.gradient_evaluations,
            noise: self.noise,
            trajectory: self.trajectory,
            method: self.method,
            checkpoint: self.checkpoint,
        }
    }
}
