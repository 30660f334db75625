//! A claim of the tutorial, and what was found of it.

use crate::figure::Figure;
use crate::printed;
use crate::{Trials, agrees_with_numpy};

/// One claim of the tutorial.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Its place in the tutorial, from 1.
    pub number: usize,
    /// Its name on the command line and in JSON.
    pub id: &'static str,
    /// A heading.
    pub title: &'static str,
    /// The claim in our words.
    pub claim: &'static str,
    /// The formula it rests on.
    pub formula: &'static str,
    /// The general statement that [`property`](Self::property) tries.
    pub statement: &'static str,
    /// Computes the claim's numbers.
    pub run: fn() -> Result<Finding, Failure>,
    /// Tries the general statement on random cases.
    pub property: fn(Trials) -> Result<(), Failure>,
}

/// What a scenario found.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    /// Comparisons; the scenario agrees when all of them do.
    pub checks: Vec<Check>,
    /// What happened and why, a sentence each.
    pub explanation: Vec<String>,
    /// Figures.
    pub figures: Vec<Figure>,
}

impl Finding {
    /// Whether every comparison agrees.
    pub fn agrees(&self) -> bool {
        self.checks.iter().all(|check| check.agrees)
    }
}

/// One comparison.
#[derive(Clone, Debug)]
pub struct Check {
    /// What is compared.
    pub what: String,
    /// What the tutorial printed, as it printed it; `None` for what it only says or draws.
    pub printed: Option<&'static str>,
    /// What is computed here.
    pub computed: Values,
    /// What it is held against, in words.
    pub rule: String,
    /// Whether it holds.
    pub agrees: bool,
}

/// Numbers with their shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// One number.
    Number(f64),
    /// A count or an index.
    Count(usize),
    /// A row of numbers.
    Row(Vec<f64>),
    /// Rows of numbers.
    Rows(Vec<Vec<f64>>),
}

impl Values {
    /// The numbers, row by row.
    pub fn flat(&self) -> Vec<f64> {
        match self {
            Values::Number(number) => vec![*number],
            Values::Count(count) => vec![*count as f64],
            Values::Row(row) => row.clone(),
            Values::Rows(rows) => rows.concat(),
        }
    }

    /// The numbers in `printed`, in this shape; a row where the shape does not fit.
    pub fn parsed_like(&self, printed: &str) -> Values {
        let numbers: Vec<f64> = printed::tokens(printed)
            .iter()
            .filter_map(|token| token.parse().ok())
            .collect();
        match (self, &numbers[..]) {
            (Values::Number(_), [number]) => Values::Number(*number),
            (Values::Count(_), [number]) => Values::Count(*number as usize),
            (Values::Rows(rows), _)
                if rows.concat().len() == numbers.len() && !numbers.is_empty() =>
            {
                Values::Rows(numbers.chunks(rows[0].len()).map(<[f64]>::to_vec).collect())
            }
            _ => Values::Row(numbers),
        }
    }
}

impl Check {
    /// Bit for bit equal to the golden numbers, and printed as the tutorial printed it.
    pub fn bits(
        what: impl Into<String>,
        printed: Option<&'static str>,
        golden: &[f64],
        computed: Values,
    ) -> Self {
        let ours = computed.flat();
        let equal = ours.len() == golden.len()
            && ours
                .iter()
                .zip(golden)
                .all(|(a, b)| a.to_bits() == b.to_bits());
        Self {
            what: what.into(),
            printed,
            agrees: equal && printed.is_none_or(|text| agrees_with_numpy(text, &ours)),
            rule: match printed {
                Some(_) => "every printed digit, and the golden double bit for bit",
                None => "the golden double, bit for bit",
            }
            .to_string(),
            computed,
        }
    }

    /// Printed as the tutorial printed it.
    pub fn digits(what: impl Into<String>, printed: &'static str, computed: Values) -> Self {
        Self {
            what: what.into(),
            printed: Some(printed),
            agrees: agrees_with_numpy(printed, &computed.flat()),
            rule: "every printed digit".to_string(),
            computed,
        }
    }

    /// Within an absolute tolerance of the golden numbers.
    pub fn within(
        what: impl Into<String>,
        golden: &[f64],
        tolerance: f64,
        reason: &str,
        computed: Values,
    ) -> Self {
        let ours = computed.flat();
        let worst = ours
            .iter()
            .zip(golden)
            .fold(0.0, |worst: f64, (a, b)| worst.max(distance(*a, *b)));
        Self {
            what: what.into(),
            printed: None,
            agrees: ours.len() == golden.len() && worst <= tolerance,
            rule: format!("off by {worst:.1e}, {tolerance:.1e} allowed: {reason}"),
            computed,
        }
    }

    /// Something that holds or does not.
    pub fn fact(
        what: impl Into<String>,
        computed: Values,
        rule: impl Into<String>,
        holds: bool,
    ) -> Self {
        Self {
            what: what.into(),
            printed: None,
            computed,
            rule: rule.into(),
            agrees: holds,
        }
    }

    /// The same check beside what the tutorial printed.
    pub fn beside(mut self, printed: &'static str) -> Self {
        self.printed = Some(printed);
        self
    }
}

/// |a - b|, infinite when either is not a number: a NaN agrees with nothing.
fn distance(a: f64, b: f64) -> f64 {
    let distance = (a - b).abs();
    if distance.is_nan() {
        f64::INFINITY
    } else {
        distance
    }
}

/// Why a scenario could not be judged, or its property does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The golden file does not hold what is asked of it.
    #[error("golden/article.json: {0}; restore the file")]
    Golden(String),
    /// A case on which the property fails.
    #[error("property fails: {0}; run the same seed again to see it")]
    Property(String),
    /// Differentiation failed.
    #[error(transparent)]
    Core(#[from] numdiff_core::Error),
    /// A descent failed.
    #[error(transparent)]
    Optim(#[from] numdiff_optim::Error),
    /// A network failed.
    #[error(transparent)]
    Network(#[from] numdiff_nn::Error),
}
