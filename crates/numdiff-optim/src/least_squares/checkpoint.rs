//! A saved fit.

use super::levenberg_marquardt::LevenbergMarquardt;
#[cfg(feature = "serde")]
use crate::Error;
use crate::bounds::Bounds;
use crate::budget::Spent;
use crate::checkpoint::{Checkpoint, RunState};
#[cfg(feature = "serde")]
use numdiff_core::block::Kind;
use std::fmt;

/// The whole state of a fit: what [`LeastSquares::resume`](crate::LeastSquares::resume) takes.
///
/// A fit that was cut short in the middle of an iteration goes on in its middle, and fits in slices end with the bits of
/// one fit. Each resume costs one evaluation, which is counted: r at the saved x, so that other residuals are refused (a
/// second one where they are noisy and the noise was not measured). Slices of a single evaluation make no progress.
///
/// With the feature `serde`, [`to_bytes`](Self::to_bytes) and [`from_bytes`](Self::from_bytes) save it as one block.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FitCheckpoint {
    /// Of the parameters that are free.
    pub(super) run_state: RunState<LevenbergMarquardt>,
    pub(super) free: Vec<usize>,
    pub(super) bounds: Bounds,
    /// All parameters.
    pub(super) x: Vec<f64>,
    pub(super) spent: Spent,
    /// The run of a fit with constraints, which has nothing else.
    pub(super) constrained: Option<Box<Checkpoint>>,
}

#[cfg(feature = "serde")]
const KIND: Kind = Kind {
    what: "checkpoint of least_squares",
    tag: *b"LSQR",
    version: 1,
};

impl fmt::Debug for FitCheckpoint {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("FitCheckpoint")
            .field("iterations", &self.iterations())
            .field("evaluations", &self.evaluations())
            .finish_non_exhaustive()
    }
}

impl FitCheckpoint {
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

    /// The state of a fit with constraints.
    pub(super) fn of_constrained(checkpoint: Checkpoint) -> Self {
        let x = checkpoint.x().to_vec();
        FitCheckpoint {
            run_state: RunState::Start(x.clone()),
            free: Vec::new(),
            bounds: Bounds::default(),
            x,
            spent: checkpoint.counters.spent.clone(),
            constrained: Some(Box::new(checkpoint)),
        }
    }

    /// Steps taken.
    pub fn iterations(&self) -> usize {
        if let Some(run) = &self.constrained {
            return run.iterations();
        }
        match &self.run_state {
            RunState::Start(_) => 0,
            RunState::Run(state) => state.iteration,
        }
    }

    /// Evaluations of r made.
    pub fn evaluations(&self) -> usize {
        self.spent.evaluations
    }

    /// x in row-major order.
    pub fn x(&self) -> &[f64] {
        &self.x
    }
}
