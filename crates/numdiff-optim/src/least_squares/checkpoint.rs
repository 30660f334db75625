//! A saved fit.

use super::levenberg_marquardt::LevenbergMarquardt;
use crate::checkpoint::Stage;
use crate::journal::Journal;
use crate::{Error, Loss};
use std::fmt;

/// The whole state of a fit: what [`LeastSquares::resume`](crate::LeastSquares::resume) takes. A fit that was cut short
/// in the middle of an iteration goes on in its middle: no evaluation is made twice, and fits in slices of any size end
/// as one does, to the bit. Opaque; `Serialize` and `Deserialize` with the feature `serde`, to the last bit in any
/// format.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FitCheckpoint {
    /// Of the parameters that are free.
    pub(super) stage: Stage<LevenbergMarquardt>,
    pub(super) free: Vec<usize>,
    /// All parameters.
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub(super) x: Vec<f64>,
    pub(super) evaluations: usize,
    pub(super) jacobian_evaluations: usize,
    pub(super) journal: Journal,
    pub(super) weights: Weights,
}

/// What the residuals are divided by and what they cost: with others it is another fit.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Weights {
    /// Empty where there is none.
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub sigma: Vec<f64>,
    pub loss: Loss,
}

impl Weights {
    /// Up to what a format without all digits makes of the scale.
    fn same_loss(&self, other: &Weights) -> bool {
        let kind = std::mem::discriminant::<Loss>;
        let (a, b) = (self.loss.scale(), other.loss.scale());
        kind(&self.loss) == kind(&other.loss) && (a - b).abs() <= 1e-12 * b
    }
}

impl fmt::Debug for FitCheckpoint {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("FitCheckpoint")
            .field("iterations", &self.iterations())
            .field("evaluations", &self.evaluations())
            .finish_non_exhaustive()
    }
}

impl FitCheckpoint {
    /// Other fixed parameters, weights or another loss than those of the saved run are another fit.
    pub(super) fn fits(&self, free: &[usize], weights: &Weights) -> Result<(), Error> {
        let (setting, advice) = if self.free != free {
            ("fixed", "resume with the fixed parameters of the saved run")
        } else if self.weights.sigma != weights.sigma {
            (
                "sigma",
                "resume with the sigma of the saved run, or start anew from its x",
            )
        } else if !self.weights.same_loss(weights) {
            (
                "loss",
                "resume with the loss of the saved run, or start anew from its x",
            )
        } else {
            return Ok(());
        };
        Err(Error::Conflict {
            setting,
            other: "a checkpoint of a run with another",
            advice,
        })
    }

    /// Steps taken.
    pub fn iterations(&self) -> usize {
        match &self.stage {
            Stage::Start(_) => 0,
            Stage::Run(state) => state.iteration,
        }
    }

    /// Evaluations of r made.
    pub fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// x in row-major order.
    pub fn x(&self) -> &[f64] {
        &self.x
    }
}
