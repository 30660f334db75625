//! What every run may be told: the method, how long it may go on, where it may go, what it records.

use crate::error::{compatible, require};
use crate::schedule::Schedule;
use crate::search::Search;
use crate::{Error, Method};
use numdiff_core::Bound;
use std::time::{Duration, Instant};

/// Limits of a run.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub evaluations: usize,
    pub deadline: Option<Instant>,
    pub target: Option<f64>,
}

/// What the caller set; methods have defaults of their own for what is left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub method: Method,
    pub search: Option<Search>,
    pub schedule: Schedule,
    pub iterations: Option<usize>,
    pub evaluations: Option<usize>,
    pub time: Option<Duration>,
    pub target: Option<f64>,
    pub tolerance: Option<f64>,
    pub bounds: Option<(Bound, Bound)>,
    /// From one record to the next; nothing is recorded without.
    pub record_every: Option<usize>,
}

impl Settings {
    /// Checks every setting, and that they go together. `bounded` says whether there are bounds.
    pub fn validate(&self, bounded: bool) -> Result<(), Error> {
        self.method.validate()?;
        let (has_rate, searches) = (self.method.learning_rate().is_some(), self.search.is_some());
        let without = "drop the search, or take Method::SteepestDescent";
        compatible(
            !(has_rate && searches),
            "search",
            "a learning rate",
            without,
        )?;
        let (constant, other) = (
            self.schedule == Schedule::Constant,
            "a method without a learning rate",
        );
        compatible(has_rate || constant, "schedule", other, "drop the schedule")?;
        let own = self.method == Method::Automatic;
        let (other, advice) = (
            "Method::Automatic, which brings its own",
            "take Method::Bfgs to choose the search",
        );
        compatible(!(own && searches), "search", other, advice)?;
        let trust = self.search == Some(Search::TrustRegion);
        let advice = "take Search::Backtracking or Method::Automatic";
        compatible(!(trust && bounded), "Search::TrustRegion", "bounds", advice)?;
        self.schedule.validate()?;
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

    /// Refuses what does not work with constraints; `fixed` says whether a difference was chosen.
    pub fn allow_constraints(&self, fixed: bool) -> Result<(), Error> {
        let advice = "use Method::Automatic, which takes them, and leave the setting out";
        let allow = |holds, setting| compatible(holds, setting, "constraints", advice);
        allow(self.method == Method::Automatic, "the method")?;
        allow(self.search.is_none(), "a search")?;
        allow(!fixed, "a fixed difference")
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
