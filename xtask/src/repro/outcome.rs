//! What became of one scenario.

use numdiff_tests::figure::Figure;
use numdiff_tests::{Check, Finding, Scenario, Trials, Values};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What became of one scenario.
pub struct Outcome {
    /// The scenario.
    pub scenario: Scenario,
    /// What it found, or why it could not be judged.
    pub finding: Result<Finding, String>,
    /// Whether its property holds, or the case on which it fails.
    pub property: Result<(), String>,
}

impl Outcome {
    /// Runs the scenario and tries its property.
    pub fn of(scenario: Scenario, trials: Trials) -> Self {
        Self {
            scenario,
            finding: guarded(|| (scenario.run)().map_err(|failure| failure.to_string())),
            property: guarded(|| {
                (scenario.property)(trials).map_err(|failure| failure.to_string())
            }),
        }
    }

    /// Whether every check and the property hold.
    pub fn agrees(&self) -> bool {
        self.finding.as_ref().is_ok_and(Finding::agrees) && self.property.is_ok()
    }

    /// Its figures.
    pub fn figures(&self) -> &[Figure] {
        self.finding
            .as_ref()
            .map_or(&[], |finding| &finding.figures)
    }

    /// The check that stands for the scenario: its first.
    pub fn headline(&self) -> Option<&Check> {
        self.checks().first()
    }

    /// Its checks; none when it could not be judged.
    pub fn checks(&self) -> &[Check] {
        self.finding.as_ref().map_or(&[], |finding| &finding.checks)
    }

    /// What the tutorial printed; every check where it printed nothing.
    pub fn shown(&self) -> Vec<&Check> {
        let printed = self.checks().iter().filter(|check| check.printed.is_some());
        match printed.collect::<Vec<_>>() {
            none if none.is_empty() => self.checks().iter().collect(),
            printed => printed,
        }
    }

    /// One line for everything that disagrees.
    pub fn complaints(&self) -> Vec<String> {
        let name = format!("scenario {} ({})", self.scenario.number, self.scenario.id);
        let mut complaints: Vec<String> = self
            .checks()
            .iter()
            .filter(|check| !check.agrees)
            .map(|check| {
                let printed = check
                    .printed
                    .map_or(String::new(), |p| format!("printed {p}, "));
                let computed = numbers(&check.computed).join(" ");
                let Check { what, rule, .. } = check;
                format!(
                    "{name} disagrees: {what}: {printed}computed {computed}; held against: {rule}"
                )
            })
            .collect();
        if let Err(failure) = &self.finding {
            complaints.push(format!("{name} could not be judged: {failure}"));
        }
        if let Err(failure) = &self.property {
            complaints.push(format!("{name} disagrees: {failure}"));
        }
        complaints
    }
}

/// A panic in a scenario is a disagreement of this scenario, not the end of the run.
fn guarded<T>(run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panicked: {}", text.unwrap_or("no message")))
    })
}

/// The word for a verdict: beside what was printed it agrees, beside a claim alone it holds.
pub fn verdict(check: Option<&Check>, good: bool) -> &'static str {
    match (check.is_some_and(|check| check.printed.is_some()), good) {
        (true, true) => "agrees",
        (true, false) => "disagrees",
        (false, true) => "holds",
        (false, false) => "fails",
    }
}

/// One line per row, each number with as many digits as tell it from its neighbors.
pub fn numbers(values: &Values) -> Vec<String> {
    let number = |x: &f64| {
        let text = format!("{x:?}");
        text.strip_suffix(".0").map_or(text.clone(), str::to_string)
    };
    let line = |row: &[f64]| {
        let numbers: Vec<String> = row.iter().map(number).collect();
        format!("[{}]", numbers.join(" "))
    };
    match values {
        Values::Number(x) => vec![number(x)],
        Values::Count(count) => vec![count.to_string()],
        Values::Row(row) => vec![line(row)],
        Values::Rows(rows) => rows.iter().map(|row| line(row)).collect(),
    }
}
