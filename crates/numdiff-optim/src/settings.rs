//! What every run may be told: how long it may go on, where it may go, what it records.

use crate::Error;
use crate::error::require;
use numdiff_core::Bound;
use std::time::{Duration, Instant};

/// Limits of a run.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub evaluations: usize,
    pub deadline: Option<Instant>,
    pub target: Option<f64>,
}

impl Limits {
    /// Nothing ends the run.
    pub fn none() -> Self {
        Limits {
            evaluations: usize::MAX,
            deadline: None,
            target: None,
        }
    }
}

/// What the caller set; methods have defaults of their own for what is left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunSettings {
    pub iterations: Option<usize>,
    pub evaluations: Option<usize>,
    pub time: Option<Duration>,
    pub target: Option<f64>,
    pub tolerance: Option<f64>,
    pub bounds: Option<(Bound, Bound)>,
    /// From one record to the next; nothing is recorded without.
    pub record_every: Option<usize>,
}

impl RunSettings {
    pub fn validate(&self) -> Result<(), Error> {
        let count =
            |setting, count: Option<usize>| require(count != Some(0), setting, 0.0, "at least 1");
        count("max_evaluations", self.evaluations)?;
        if let Some(target) = self.target {
            require(!target.is_nan(), "target", target, "a number")?;
        }
        if let Some(tolerance) = self.tolerance {
            let holds = tolerance >= 0.0 && tolerance.is_finite();
            require(holds, "tolerance", tolerance, "at least 0 and finite")?;
        }
        count("record_every", self.record_every)
    }

    /// The limits from now on; `evaluations` is the default.
    pub fn limits(&self, evaluations: usize) -> Limits {
        Limits {
            evaluations: self.evaluations.unwrap_or(evaluations),
            deadline: self.time.and_then(|time| Instant::now().checked_add(time)),
            target: self.target,
        }
    }
}
