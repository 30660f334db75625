//! The settings of a run.

use crate::bounds::Bounds;
use crate::error::require;
use crate::schedule::Schedule;
use crate::search::Search;
use crate::trajectory::Recording;
use crate::{Error, Method};
use std::time::Duration;

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub method: Method,
    pub search: Option<Search>,
    pub schedule: Schedule,
    pub iterations: Option<usize>,
    pub evaluations: Option<usize>,
    pub time: Option<Duration>,
    pub target: Option<f64>,
    pub tolerance: Option<f64>,
    pub recording: Recording,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            method: Method::Automatic,
            search: None,
            schedule: Schedule::Constant,
            iterations: None,
            evaluations: None,
            time: None,
            target: None,
            tolerance: None,
            recording: Recording::Off,
        }
    }
}

impl Settings {
    /// Constraints have one method.
    pub fn allow_constraints(&self, fixed: bool) -> Result<(), Error> {
        let conflict = |setting| {
            let other = "constraints";
            let advice = "use Method::Automatic, which takes them, and leave the setting out";
            Err(Error::Conflict {
                setting,
                other,
                advice,
            })
        };
        if self.method != Method::Automatic {
            return conflict("the method");
        }
        if self.search.is_some() {
            return conflict("a search");
        }
        if fixed {
            return conflict("a fixed difference");
        }
        Ok(())
    }

    pub fn validate(&self, bounds: &Bounds) -> Result<(), Error> {
        self.method.validate()?;
        self.conflicts(!bounds.is_none())?;
        if let Some(evaluations) = self.evaluations {
            require(evaluations > 0, "max_evaluations", 0.0, "at least 1")?;
        }
        if let Some(target) = self.target {
            require(!target.is_nan(), "target", target, "a number")?;
        }
        if let Some(tolerance) = self.tolerance {
            let holds = tolerance >= 0.0 && tolerance.is_finite();
            require(holds, "tolerance", tolerance, "at least 0 and finite")?;
        }
        if let Recording::Every(k) = self.recording {
            require(k > 0, "record_every", 0.0, "at least 1")?;
        }
        Ok(())
    }

    /// Settings that do not go together.
    fn conflicts(&self, bounded: bool) -> Result<(), Error> {
        let has_rate = self.method.learning_rate().is_some();
        if has_rate && self.search.is_some() {
            return Err(Error::Conflict {
                setting: "search",
                other: "a learning rate",
                advice: "drop the search, or take Method::SteepestDescent",
            });
        }
        if !has_rate && self.schedule != Schedule::Constant {
            return Err(Error::Conflict {
                setting: "schedule",
                other: "a method without a learning rate",
                advice: "drop the schedule",
            });
        }
        if self.method == Method::Automatic && self.search.is_some() {
            return Err(Error::Conflict {
                setting: "search",
                other: "Method::Automatic, which brings its own",
                advice: "take Method::Bfgs to choose the search",
            });
        }
        if self.search == Some(Search::TrustRegion) && bounded {
            return Err(Error::Conflict {
                setting: "Search::TrustRegion",
                other: "bounds",
                advice: "take Search::Backtracking or Method::Automatic",
            });
        }
        self.schedule.validate()
    }
}
