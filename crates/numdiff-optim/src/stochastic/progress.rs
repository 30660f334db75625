//! What a stochastic run returns.

use crate::minimum::Summary;
use crate::{Checkpoint, Status, Trajectory};
use std::fmt;

/// The result of a stochastic run. `println!` prints the point, the cost and why the run ended.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct StochasticMinimum<X> {
    /// The last point, as the same type of point as x0.
    pub x: X,
    /// f of the last batch before its step; NaN if no step was made.
    pub value: f64,
    /// Why the run ended: [`Status::OutOfIterations`] when the batches were used up.
    pub status: Status,
    /// The number of steps.
    pub iterations: usize,
    /// The number of evaluations of f, those of the differences included.
    pub evaluations: usize,
    /// The number of evaluations of a given gradient.
    pub gradient_evaluations: usize,
    /// The recorded steps, each with f of its own batch; empty unless [`record`](crate::Stochastic::record) was set.
    pub trajectory: Trajectory,
    /// The state from which [`resume`](crate::Stochastic::resume) continues the run with further batches. A batch that
    /// the limit of evaluations cut short made no step: pass it again as the first. Its evaluations are not repeated.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub checkpoint: Checkpoint,
}

/// Prints f of the last batch and x, the number of evaluations and steps, and the status.
impl<X> fmt::Display for StochasticMinimum<X> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = Summary {
            name: "f of the last batch",
            value: self.value,
            x: self.checkpoint.x(),
        };
        let counts = [self.evaluations, self.gradient_evaluations, self.iterations];
        summary.tell(to, counts, &self.status)
    }
}
