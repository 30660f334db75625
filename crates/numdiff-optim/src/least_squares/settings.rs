//! What a fit may be told.

use crate::Error;
use crate::error::require;
use std::time::Duration;

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub evaluations: Option<usize>,
    pub iterations: usize,
    pub time: Option<Duration>,
    pub target: Option<f64>,
    pub tolerance: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            evaluations: None,
            iterations: usize::MAX,
            time: None,
            target: None,
            tolerance: 1e-15,
        }
    }
}

impl Settings {
    pub fn validate(&self) -> Result<(), Error> {
        if let Some(evaluations) = self.evaluations {
            require(evaluations > 0, "max_evaluations", 0.0, "at least 1")?;
        }
        let holds = self.tolerance >= 0.0 && self.tolerance.is_finite();
        require(holds, "tolerance", self.tolerance, "at least 0 and finite")?;
        if let Some(target) = self.target {
            require(!target.is_nan(), "target", target, "a number")?;
        }
        Ok(())
    }
}
