//! A saved fit.

use super::levenberg_marquardt::LevenbergMarquardt;
use crate::checkpoint::RunState;
use crate::replay_log::ReplayLog;

/// The whole state of a fit: what [`LeastSquares::resume`](crate::LeastSquares::resume) takes. A fit that was cut short
/// in the middle of an iteration goes on in its middle: no evaluation is made twice, and fits in slices of any size end
/// as one does, to the bit. Opaque; `Serialize` and `Deserialize` with the feature `serde`, to the last bit in any
/// format.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FitCheckpoint {
    /// Of the parameters that are free.
    pub(super) run_state: RunState<LevenbergMarquardt>,
    pub(super) free: Vec<usize>,
    /// All parameters.
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub(super) x: Vec<f64>,
    pub(super) evaluations: usize,
    pub(super) jacobian_evaluations: usize,
    pub(super) log: ReplayLog,
}

impl FitCheckpoint {
    /// Steps taken.
    pub fn iterations(&self) -> usize {
        match &self.run_state {
            RunState::Start(_) => 0,
            RunState::Run(state) => state.iteration,
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
