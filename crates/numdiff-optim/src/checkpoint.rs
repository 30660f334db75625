//! A saved run.

#[cfg(feature = "serde")]
use crate::Error;
use crate::problem::RunCounters;
use crate::snapshot::Snapshot;
use crate::solver::Solver;
#[cfg(feature = "serde")]
use numdiff_core::saved::Kind;
use std::fmt;

/// The complete state of a run, a fit or a run over batches. `resume` continues from it, also in the middle of an
/// iteration that a limit cut short, and ends with the bits of an uninterrupted run.
///
/// Each resume costs one evaluation, which is counted: f at the saved x is compared with its saved value, and another f
/// is refused with [`Error::AnotherFunction`](crate::Error::AnotherFunction). If the value differs, a second evaluation
/// tells noise from another function. Over batches nothing is compared. A run in slices of one evaluation each makes no
/// progress.
///
/// With the feature `serde`, [`to_bytes`](Self::to_bytes) and [`from_bytes`](Self::from_bytes) save it as one block.
///
/// # Example
/// ```
/// use numdiff_optim::minimize;
/// let rosenbrock = |x: &[f64; 2]| 100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2);
/// let whole = minimize(rosenbrock, &[-1.2, 1.0]).run()?;
/// let part = minimize(rosenbrock, &[-1.2, 1.0]).max_evaluations(50).run()?;
/// let rest = minimize(rosenbrock, &[-1.2, 1.0]).resume(part.checkpoint).run()?;
/// println!("same x: {}", rest.x == whole.x);
/// assert_eq!((rest.x, rest.evaluations), (whole.x, whole.evaluations + 1));
/// # Ok::<(), numdiff_optim::Error>(())
/// ```
/// ```text
/// same x: true
/// ```
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
    version: 3,
};

/// How far a run is.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum RunState {
    /// Before the first gradient or Jacobian, at this point.
    Start(Vec<f64>),
    Run(Solver),
}

impl RunState {
    pub fn snapshot(&self) -> Snapshot<'_> {
        match self {
            RunState::Start(x) => Snapshot::at(x, f64::INFINITY),
            RunState::Run(solver) => solver.snapshot(),
        }
    }

    pub fn solver(&self) -> Option<&Solver> {
        match self {
            RunState::Start(_) => None,
            RunState::Run(solver) => Some(solver),
        }
    }
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
    /// Returns the state as one block of bytes with a version and a checksum, to the last bit. Needs the feature
    /// `serde`.
    #[cfg(feature = "serde")]
    pub fn to_bytes(&self) -> Vec<u8> {
        KIND.to_bytes(self)
    }

    /// Restores the state that [`to_bytes`](Self::to_bytes) returned. Needs the feature `serde`.
    ///
    /// # Errors
    /// The bytes are something else, of another version, or damaged.
    #[cfg(feature = "serde")]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Ok(KIND.from_bytes(bytes)?)
    }

    /// Returns the number of iterations made; over batches, the number of batches used.
    pub fn iterations(&self) -> usize {
        self.run_state.snapshot().iteration
    }

    /// Returns the number of evaluations of f made.
    pub fn evaluations(&self) -> usize {
        self.counters.spent.evaluations
    }

    /// Returns the n numbers of x in row-major order.
    pub fn x(&self) -> &[f64] {
        self.run_state.snapshot().x
    }
}
