//! A saved run.

#[cfg(feature = "serde")]
use crate::Error;
use crate::problem::RunCounters;
use crate::solver::Solver;
#[cfg(feature = "serde")]
use numdiff_core::block::Kind;
use std::fmt;

/// The whole state of a run, a fit, or a run over batches: what `resume` takes.
///
/// A run that was cut short in the middle of an iteration goes on in its middle, and runs in slices end with the bits of
/// one run. Each resume costs one evaluation, which is counted: f at the saved x, so that another f is refused (a second
/// one where f is noisy and its noise was not measured). Slices of a single evaluation make no progress. Batches are the
/// caller's, and each is another f: nothing is evaluated to compare.
///
/// With the feature `serde`, [`to_bytes`](Self::to_bytes) and [`from_bytes`](Self::from_bytes) save it as one block.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Checkpoint {
    pub(crate) run_state: RunState,
    pub(crate) counters: RunCounters,
}

#[cfg(feature = "serde")]
const KIND: Kind = Kind {
    what: "checkpoint of a run",
    tag: *b"OPTI",
    version: 1,
};

/// How far a run is.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum RunState {
    /// Before the first gradient or Jacobian, at this point.
    Start(Vec<f64>),
    Run(Solver),
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Checkpoint")
            .field("iterations", &self.iterations())
            .field("evaluations", &self.evaluations())
            .finish_non_exhaustive()
    }
}

impl Checkpoint {
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

    /// Iterations made; over batches, as many were used.
    pub fn iterations(&self) -> usize {
        match &self.run_state {
            RunState::Start(_) => 0,
            RunState::Run(solver) => solver.snapshot().iteration,
        }
    }

    /// Evaluations of f made.
    pub fn evaluations(&self) -> usize {
        self.counters.spent.evaluations
    }

    /// x in row-major order.
    pub fn x(&self) -> &[f64] {
        match &self.run_state {
            RunState::Start(x) => x,
            RunState::Run(solver) => solver.snapshot().x,
        }
    }
}
