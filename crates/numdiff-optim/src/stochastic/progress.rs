//! What a stochastic run shows, saves and returns.

use crate::first_order::UpdateRule;
use crate::replay_log::ReplayLog;
use crate::schedule::Schedule;
use crate::{Status, Trajectory};

/// The whole state of a stochastic run between two batches, or in the middle of one: what
/// [`Stochastic::resume`](crate::Stochastic::resume) takes. Opaque; `Serialize` and `Deserialize` with the feature
/// `serde`, to the last bit in any format. The batches are the caller's; what was evaluated of a batch that was cut
/// short is not evaluated again.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StochasticCheckpoint {
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub(super) x: Vec<f64>,
    pub(super) rule: UpdateRule,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub(super) rate: f64,
    pub(super) schedule: Schedule,
    pub(super) steps: usize,
    pub(super) evaluations: usize,
    pub(super) gradient_evaluations: usize,
    pub(super) log: ReplayLog,
}

impl StochasticCheckpoint {
    /// Steps made: as many batches were used.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Evaluations of f made.
    pub fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// x in row-major order.
    pub fn x(&self) -> &[f64] {
        &self.x
    }
}

/// One batch's step, as an observer sees it.
#[non_exhaustive]
pub struct BatchStep<'i, S: ?Sized> {
    /// Steps so far, this one included.
    pub step: usize,
    /// x after the step, as f sees it.
    pub x: &'i S,
    /// f of this batch before the step.
    pub value: f64,
    /// Euclidean norm of this batch's gradient.
    pub gradient_norm: f64,
    /// Evaluations of f so far.
    pub evaluations: usize,
    pub(super) state: &'i StochasticCheckpoint,
}

impl<'i> BatchStep<'i, [f64]> {
    /// The same with x of the caller's kind.
    pub(super) fn seen_as<S: ?Sized>(&self, x: &'i S) -> BatchStep<'i, S> {
        BatchStep {
            step: self.step,
            x,
            value: self.value,
            gradient_norm: self.gradient_norm,
            evaluations: self.evaluations,
            state: self.state,
        }
    }
}

impl<S: ?Sized> BatchStep<'_, S> {
    /// The whole state, to be saved and resumed with the batches that follow.
    pub fn checkpoint(&self) -> StochasticCheckpoint {
        self.state.clone()
    }
}

/// The end of a stochastic run.
#[derive(Clone, Debug)]
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
    pub checkpoint: StochasticCheckpoint,
}
