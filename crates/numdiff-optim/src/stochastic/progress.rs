//! What a stochastic run shows, saves and returns.

#[cfg(feature = "serde")]
use crate::Error;
use crate::budget::Spent;
use crate::first_order::BatchDescent;
use crate::minimum::Found;
use crate::{Status, Trajectory};
#[cfg(feature = "serde")]
use numdiff_core::block::Kind;
use std::fmt;

/// The whole state of a stochastic run between two batches, or in the middle of one: what
/// [`Stochastic::resume`](crate::Stochastic::resume) takes. The batches are the caller's; what was evaluated of a batch
/// that was cut short is not evaluated again. Since every batch is another f, nothing is evaluated to compare.
///
/// With the feature `serde`, [`to_bytes`](Self::to_bytes) and [`from_bytes`](Self::from_bytes) save it as one block.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StochasticCheckpoint {
    pub(super) solver: BatchDescent,
    pub(super) spent: Spent,
}

#[cfg(feature = "serde")]
const KIND: Kind = Kind {
    what: "checkpoint of stochastic",
    tag: *b"STOC",
    version: 1,
};

impl fmt::Debug for StochasticCheckpoint {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("StochasticCheckpoint")
            .field("steps", &self.steps())
            .field("evaluations", &self.evaluations())
            .finish_non_exhaustive()
    }
}

impl StochasticCheckpoint {
    /// The state as one block of bytes, to the last bit: with a version and a checksum. Needs the feature `serde`.
    #[cfg(feature = "serde")]
    pub fn to_bytes(&self) -> Vec<u8> {
        KIND.to_bytes(self)
    }

    /// The state that [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// Bytes that are something else, of another version, or damaged.
    #[cfg(feature = "serde")]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Ok(KIND.from_bytes(bytes)?)
    }

    /// Steps made: as many batches were used.
    pub fn steps(&self) -> usize {
        self.solver.steps
    }

    /// Evaluations of f made.
    pub fn evaluations(&self) -> usize {
        self.spent.evaluations
    }

    /// x in row-major order.
    pub fn x(&self) -> &[f64] {
        &self.solver.x
    }
}

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
    pub checkpoint: StochasticCheckpoint,
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
