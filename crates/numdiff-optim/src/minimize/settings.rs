//! The settings of a run.

use crate::bounds::Bounds;
use crate::schedule::Schedule;
use crate::search::Search;
use crate::settings::RunSettings;
use crate::{Error, Method};

#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub method: Method,
    pub search: Option<Search>,
    pub schedule: Schedule,
    pub run: RunSettings,
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
        self.run.validate()
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
