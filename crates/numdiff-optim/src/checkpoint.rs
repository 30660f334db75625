//! A saved run.

use crate::bounds::Bounds;
use crate::problem::RunCounters;
use crate::solver::Solver;
use crate::{Error, Method};
use std::fmt;

/// The whole state of a run: what [`Minimize::resume`](crate::Minimize::resume) takes. A run that was cut short in
/// the middle of an iteration goes on in its middle: no evaluation is made twice, and runs in slices of any size
/// end as one run does, to the bit. Opaque; `Serialize` and `Deserialize` with the feature `serde`, to the last bit
/// in any format.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Checkpoint {
    pub(crate) run_state: RunState<Solver>,
    pub(crate) counters: RunCounters,
}

/// How far a run is.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum RunState<S> {
    /// Before the first gradient or Jacobian, at this point.
    Start(#[cfg_attr(feature = "serde", serde(with = "crate::bits"))] Vec<f64>),
    Run(S),
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
    /// Another method or other bounds than those of the saved run are another problem.
    pub(crate) fn fits(&self, method: &Method, bounds: &Bounds) -> Result<(), Error> {
        let saved = &self.counters;
        if *method != Method::Automatic && *method != saved.method {
            return Err(Error::Conflict {
                setting: "method",
                other: "a checkpoint of another method",
                advice: "leave the method out: the saved one goes on",
            });
        }
        let (lower, upper) = bounds.slices().unwrap_or_default();
        if (lower, upper) != (&saved.bounds.0, &saved.bounds.1) {
            return Err(Error::Conflict {
                setting: "bounds",
                other: "a checkpoint of a run with others",
                advice: "resume with the bounds of the saved run, or start anew from its x",
            });
        }
        Ok(())
    }

    /// Iterations made.
    pub fn iterations(&self) -> usize {
        match &self.run_state {
            RunState::Start(_) => 0,
            RunState::Run(solver) => solver.snapshot().iteration,
        }
    }

    /// Evaluations of f made.
    pub fn evaluations(&self) -> usize {
        self.counters.evaluations
    }

    /// x in row-major order.
    pub fn x(&self) -> &[f64] {
        match &self.run_state {
            RunState::Start(x) => x,
            RunState::Run(solver) => solver.snapshot().x,
        }
    }
}
