//! A saved fit.

use super::levenberg_marquardt::LevenbergMarquardt;

/// The whole state of a fit between two iterations: what [`LeastSquares::resume`](crate::LeastSquares::resume) takes.
/// Opaque; `Serialize` and `Deserialize` with the feature `serde`, to the last bit in any format.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FitCheckpoint {
    pub(super) state: LevenbergMarquardt,
    pub(super) evaluations: usize,
    pub(super) jacobian_evaluations: usize,
}

impl FitCheckpoint {
    /// Steps taken.
    pub fn iterations(&self) -> usize {
        self.state.iteration
    }

    /// Evaluations of r made.
    pub fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// x in row-major order.
    pub fn x(&self) -> &[f64] {
        &self.state.x
    }
}
