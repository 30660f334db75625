//! What a check found.

use super::Diagnosis;
use super::index::{Index, index};
use std::fmt;

/// The verdict on one entry of a derivative.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// Analytic and numeric value agree, and an error of 1 % would have shown, or one of 0.5 % of the change of f along
    /// the line (in a layer of a network, of 1e-5 of the largest entry).
    Right,
    /// Analytic and numeric value disagree beyond noise and rounding.
    Wrong {
        /// At a kink, the slopes on the left and on the right of x, between which the analytic value does not lie.
        slopes: Option<[f64; 2]>,
    },
    /// f has a kink at x, and the analytic value lies between the slopes of the two sides, as a
    /// subgradient does.
    NotSmooth {
        /// The slope on the left of x.
        left: f64,
        /// The slope on the right of x.
        right: f64,
    },
    /// The values of f do not show whether they agree.
    NotCheckable(Reason),
}

/// The reason why an entry cannot be checked.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// f gives different values at the same x.
    NotDeterministic {
        /// The largest difference between values at x.
        spread: f64,
    },
    /// Noise in f, or rounding of large values, hides changes as small as the entry claims.
    Noise {
        /// The absolute standard deviation of the noise.
        level: f64,
    },
    /// f jumps at x.
    Jump {
        /// The size of the jump, in the unit of f.
        size: f64,
    },
    /// Rounding of large values leaves differences this uncertain.
    Rounding {
        /// The uncertainty of the difference.
        error: f64,
    },
    /// Differences do not converge however small the step.
    NotConverged,
}

/// One entry of a derivative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// The value of the caller's derivative.
    pub analytic: f64,
    /// The derivative computed from values of f; at a kink the mean of the two slopes.
    pub numeric: f64,
    /// The error bar of the numeric value; at a kink half the difference of the slopes.
    pub error: f64,
    /// Whether they agree, or why that is not known.
    pub verdict: Verdict,
}

/// How many entries got each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The number of entries that are right.
    pub right: usize,
    /// The number of entries that are wrong.
    pub wrong: usize,
    /// The number of entries at a kink of f, with an analytic value between the slopes.
    pub not_smooth: usize,
    /// The number of entries that cannot be checked.
    pub not_checkable: usize,
}

impl Counts {
    /// Returns the number of all entries.
    pub fn total(&self) -> usize {
        self.right + self.wrong + self.not_smooth + self.not_checkable
    }
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Counts>>(all: I) -> Counts {
        all.fold(Counts::default(), |sum, counts| Counts {
            right: sum.right + counts.right,
            wrong: sum.wrong + counts.wrong,
            not_smooth: sum.not_smooth + counts.not_smooth,
            not_checkable: sum.not_checkable + counts.not_checkable,
        })
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} right, {} wrong, {} not smooth here, {} not checkable",
            self.right, self.wrong, self.not_smooth, self.not_checkable
        )
    }
}

/// The outcome of a check. Its `Display` has the verdict and the four counts in the first line, what
/// is wrong beneath, and a table of the worst entries.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[must_use = "a check that nobody looks at checks nothing; see `assert_ok`"]
pub struct Report {
    /// The name of what was checked, for the first line.
    pub what: String,
    /// The shape of the array of entries.
    pub shape: Vec<usize>,
    /// All entries, in row-major order.
    pub entries: Vec<Entry>,
    /// The probable fault; if nothing is wrong, also an f that is not deterministic or has a kink.
    pub diagnosis: Option<Diagnosis>,
    /// The number of evaluations of f.
    pub evaluations: usize,
    allows_nothing_checked: bool,
}

/// Entries that the table lists.
const LISTED: usize = 10;

impl Report {
    /// Creates a report on entries with their verdicts, row-major in an array of `shape`.
    pub fn new(what: impl Into<String>, shape: Vec<usize>, entries: Vec<Entry>) -> Report {
        Report {
            what: what.into(),
            shape,
            entries,
            diagnosis: None,
            evaluations: 0,
            allows_nothing_checked: false,
        }
    }

    /// Lets a report pass in which no entry could be checked.
    pub fn allow_not_checkable(mut self) -> Report {
        self.allows_nothing_checked = true;
        self
    }

    /// Returns how many entries got each verdict.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for entry in &self.entries {
            *match entry.verdict {
                Verdict::Right => &mut counts.right,
                Verdict::Wrong { .. } => &mut counts.wrong,
                Verdict::NotSmooth { .. } => &mut counts.not_smooth,
                Verdict::NotCheckable(_) => &mut counts.not_checkable,
            } += 1;
        }
        counts
    }

    /// Returns whether the derivative passed the check: no entry is wrong, and some could be checked (unless
    /// [`allow_not_checkable`](Self::allow_not_checkable)).
    pub fn is_ok(&self) -> bool {
        let counts = self.counts();
        counts.wrong == 0 && (self.allows_nothing_checked || counts.right + counts.not_smooth > 0)
    }

    /// Does nothing if the derivative passed the check, and panics with the report otherwise; for tests.
    ///
    /// # Panics
    /// When [`is_ok`](Self::is_ok) is false.
    #[track_caller]
    pub fn assert_ok(&self) {
        assert!(self.is_ok(), "\n{self}");
    }

    /// Returns the entries that are not right, with their indices: first the wrong ones, by falling relative
    /// difference, then those at kinks, then those that cannot be checked.
    pub fn findings(&self) -> Vec<(Vec<usize>, Entry)> {
        let rank = |e: &Entry| match e.verdict {
            Verdict::Wrong { .. } => {
                let part = (e.analytic - e.numeric).abs() / e.analytic.abs().max(e.numeric.abs());
                (0, if part.is_nan() { -f64::INFINITY } else { -part })
            }
            Verdict::NotSmooth { .. } => (1, 0.0),
            _ => (2, 0.0),
        };
        let mut found: Vec<usize> = (0..self.entries.len())
            .filter(|&k| self.entries[k].verdict != Verdict::Right)
            .collect();
        found.sort_by(|&a, &b| {
            let (a, b) = (rank(&self.entries[a]), rank(&self.entries[b]));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        found
            .into_iter()
            .map(|k| (index(&self.shape, k), self.entries[k]))
            .collect()
    }

    /// Returns the largest difference between analytic and numeric values among the entries that are right.
    pub fn largest_difference(&self) -> f64 {
        self.right()
            .map(|e| (e.analytic - e.numeric).abs())
            .fold(0.0, f64::max)
    }

    /// Returns the smallest error, relative to the largest entry, that would have shown in every entry that is
    /// right; 0 if none is.
    pub fn found_from(&self) -> f64 {
        let size = |e: &Entry| e.analytic.abs();
        let largest = self.entries.iter().map(size).filter(|v| v.is_finite());
        let largest = largest.fold(0.0, f64::max);
        let bar = self.right().map(|e| e.error).fold(0.0, f64::max);
        if largest > 0.0 { bar / largest } else { 0.0 }
    }

    fn right(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|e| e.verdict == Verdict::Right)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NotDeterministic { spread } => {
                write!(
                    f,
                    "f's values at one x differ by {spread:.1e}; fix its seed"
                )
            }
            Reason::Noise { level } => write!(
                f,
                "noise or rounding of {level:.1e} in f hides it; rescale f or tighten its inner tolerances"
            ),
            Reason::Jump { size } => {
                write!(f, "f jumps by {size:.1e} at x; check at another x")
            }
            Reason::Rounding { error } => write!(
                f,
                "rounding leaves differences uncertain by {error:.1e}; check it with data of another size"
            ),
            Reason::NotConverged => {
                write!(f, "differences of f do not converge; check at another x")
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Right => write!(f, "right"),
            Verdict::Wrong { slopes: None } => write!(f, "wrong"),
            Verdict::Wrong {
                slopes: Some([left, right]),
            } => write!(
                f,
                "wrong: outside the slopes {left:.6e} on the left and {right:.6e} on the right of a kink"
            ),
            Verdict::NotSmooth { left, right } => write!(
                f,
                "not smooth: slopes {left:.6e} on the left and {right:.6e} on the right"
            ),
            Verdict::NotCheckable(reason) => write!(f, "not checkable: {reason}"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts();
        let shape: Vec<String> = self.shape.iter().map(usize::to_string).collect();
        let verdict = match (self.is_ok(), counts.wrong) {
            (true, _) => "ok",
            (false, 0) => "NOTHING CHECKED",
            (false, _) => "WRONG",
        };
        write!(
            f,
            "{} ({}): {verdict}: {counts}",
            self.what,
            shape.join(" x ")
        )?;
        if counts.right > 0 {
            let difference = self.largest_difference();
            let size = self.right().map(|e| e.analytic.abs()).fold(0.0, f64::max);
            let bar = self.right().map(|e| e.error).fold(0.0, f64::max);
            if size > difference && size > bar {
                write!(
                    f,
                    "; agrees to {:.1e} of the largest entry",
                    difference / size
                )?;
            } else {
                write!(f, "; zero within {:.1e}", difference.max(bar))?;
            }
        }
        match self.evaluations {
            0 => writeln!(f)?,
            evaluations => writeln!(f, " ({evaluations} evaluations)")?,
        }
        if let Some(diagnosis) = &self.diagnosis {
            writeln!(f, "  {diagnosis}")?;
        }
        let findings = self.findings();
        if findings.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "  {:>12}  {:>23}  {:>23}  {:>9}  verdict",
            "index", "analytic", "numeric", "error bar"
        )?;
        for (index, entry) in findings.iter().take(LISTED) {
            let index = Index(index).to_string();
            writeln!(
                f,
                "  {index:>12}  {:>23.15e}  {:>23.15e}  {:>9.1e}  {}",
                entry.analytic, entry.numeric, entry.error, entry.verdict
            )?;
        }
        if findings.len() > LISTED {
            writeln!(f, "  … and {} more", findings.len() - LISTED)?;
        }
        Ok(())
    }
}
