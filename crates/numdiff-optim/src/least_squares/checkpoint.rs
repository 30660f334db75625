//! A saved fit.

use super::settings::Settings;
use crate::Error;
use crate::checkpoint::{Checkpoint, RunState};
use crate::solver::Solver;
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
    pub(super) run: Checkpoint,
    pub(super) free: Vec<usize>,
    /// All parameters.
    pub(super) x: Vec<f64>,
    /// Whether there are constraints.
    pub(super) constrained: bool,
}

#[cfg(feature = "serde")]
const KIND: Kind = Kind {
    what: "checkpoint of least_squares",
    tag: *b"LSQR",
    version: 2,
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

    /// Other constraints, parameters that are fixed, weights or a loss than those of the saved run are another fit.
    pub(super) fn fits(
        &self,
        constrained: bool,
        free: &[usize],
        settings: &Settings,
    ) -> Result<(), Error> {
        let conflict = |setting, advice| {
            let other = "a checkpoint of a fit with others";
            Err(Error::Conflict {
                setting,
                other,
                advice,
            })
        };
        if self.constrained != constrained {
            let advice = "resume with the constraints of the saved fit, or start anew from its x";
            return conflict("constraints", advice);
        }
        if self.free != free {
            let advice = "resume with the fixed parameters of the saved run";
            return conflict("fixed", advice);
        }
        let RunState::Run(Solver::LeastSquares(saved)) = &self.run.run_state else {
            return Ok(());
        };
        settings.validate_residuals(saved.residuals.len())?;
        let value = settings.loss.value(&saved.residuals);
        if !((value - saved.value).abs() <= 1e-12 * saved.value) {
            let advice = "resume with the loss of the saved fit, or start anew from its x";
            return conflict("loss", advice);
        }
        Ok(())
    }

    /// Steps taken.
    pub fn iterations(&self) -> usize {
        self.run.iterations()
    }

    /// Evaluations of r made.
    pub fn evaluations(&self) -> usize {
        self.run.evaluations()
    }

    /// x in row-major order.
    pub fn x(&self) -> &[f64] {
        &self.x
    }
}
