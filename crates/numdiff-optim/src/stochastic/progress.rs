//! What a stochastic run returns.

use crate::minimum::Found;
use crate::{Checkpoint, Status, Trajectory};
use std::fmt;

/// The end of a stochastic run.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct StochasticMinimum<X> {
    /// The last point, of the start's shape.
    pub x: X,
    /// f of the last batch before its step; NaN when there was none.
    pub value: f64,
    /// [`Status::OutOfIterations`] when the batches ended.
    pub status: Status,
    /// Steps made.
    pub iterations: usize,
    /// Evaluations of f, difference probes included.
    pub evaluations: usize,
    /// Evaluations of a given gradient.
    pub gradient_evaluations: usize,
    /// Every step, if asked for; values are those of the batches.
    pub trajectory: Trajectory,
    /// The state to resume from with further batches. A batch that the budget cut short made no step: begin with it,
    /// and only what is missing is evaluated.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub checkpoint: Checkpoint,
}

/// What was found, at what cost, and why the run ended.
impl<X> fmt::Display for StochasticMinimum<X> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = Found {
            name: "f of the last batch",
            value: self.value,
            x: self.checkpoint.x(),
        };
        write!(to, "{value}\n{} evaluations", self.evaluations)?;
        if self.gradient_evaluations > 0 {
            write!(to, " and {} of the gradient", self.gradient_evaluations)?;
        }
        write!(to, " in {} steps; {}", self.iterations, self.status)
    }
}
