//! A saved run.

use crate::machine::Machine;

/// The whole state of a run between two iterations: what [`Minimize::resume`](crate::Minimize::resume)
/// takes. Opaque; `Serialize` and `Deserialize` with the feature `serde`, to the last bit when the format
/// keeps the bits of floating-point numbers.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Checkpoint {
    pub(crate) machine: Machine,
    pub(crate) evaluations: usize,
    pub(crate) gradient_evaluations: usize,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub(crate) best: (Vec<f64>, f64),
}

impl Checkpoint {
    /// Iterations made.
    pub fn iterations(&self) -> usize {
        self.machine.state().iteration
    }

    /// Evaluations of f made.
    pub fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// x in row-major order.
    pub fn x(&self) -> &[f64] {
        self.machine.state().x
    }
}
