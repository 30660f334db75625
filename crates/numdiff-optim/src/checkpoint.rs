//! A saved run.

use crate::machine::Machine;
use crate::oracle::Ledger;

/// The whole state of a run: what [`Minimize::resume`](crate::Minimize::resume) takes. A run that was cut short in
/// the middle of an iteration goes on in its middle: no evaluation is made twice, and runs in slices of any size
/// end as one run does, to the bit. Opaque; `Serialize` and `Deserialize` with the feature `serde`, to the last bit
/// in any format.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Checkpoint {
    pub(crate) stage: Stage<Machine>,
    pub(crate) ledger: Ledger,
}

/// How far a run is.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Stage<S> {
    /// Before the first gradient or Jacobian, at this point.
    Start(#[cfg_attr(feature = "serde", serde(with = "crate::bits"))] Vec<f64>),
    Run(S),
}

impl Checkpoint {
    /// Iterations made.
    pub fn iterations(&self) -> usize {
        match &self.stage {
            Stage::Start(_) => 0,
            Stage::Run(machine) => machine.state().iteration,
        }
    }

    /// Evaluations of f made.
    pub fn evaluations(&self) -> usize {
        self.ledger.evaluations
    }

    /// x in row-major order.
    pub fn x(&self) -> &[f64] {
        match &self.stage {
            Stage::Start(x) => x,
            Stage::Run(machine) => machine.state().x,
        }
    }
}
