//! What a run returns.

use crate::{Checkpoint, Status, Trajectory};
use ndarray::{Array, Dimension};

/// The end of a run: the point, how far it is to be trusted, and what it cost.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Minimum<D: Dimension> {
    /// The point, of the start's shape: the last iterate, or the lowest point that was evaluated where a limit, the
    /// target or the observer ended the run.
    pub x: Array<f64, D>,
    /// f there; infinite where no time was left for the first evaluation.
    pub value: f64,
    /// The gradient at the last iterate, by difference unless it was given; NaN where the run ended before the first.
    pub gradient: Array<f64, D>,
    /// Estimated absolute error of each component of `gradient`; at most its rounding where it was given.
    pub gradient_error: Array<f64, D>,
    /// Why the run ended.
    pub status: Status,
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
    /// The state to go on from; every run has one.
    pub checkpoint: Option<Checkpoint>,
}
