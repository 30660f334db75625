//! What a check found.

use crate::Status;
use std::fmt;

/// What is wrong with a derivative, or with the question.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Diagnosis {
    /// The derivative is the negative of the numeric one.
    SignFlipped,
    /// The numeric derivative is `factor` times the analytic one.
    ConstantFactor {
        /// The numeric value over the analytic one.
        factor: f64,
    },
    /// Rows and columns are exchanged.
    Transposed,
    /// Entries stand one place too far along an axis.
    ShiftedByOne {
        /// Along which axis of the array; the last one of a vector is 0.
        axis: usize,
        /// Where the analytic entry i belongs: i + offset.
        offset: isize,
    },
    /// One row, column or block is wrong, and all else is right.
    Block {
        /// Where.
        region: Region,
        /// What is wrong there, where one rule explains it.
        nature: Option<Box<Diagnosis>>,
    },
    /// The difference is no multiple, exchange or shift of the derivative: a term is missing or
    /// wrong.
    MissingTerm {
        /// What the difference looks like.
        looks_like: Option<Term>,
    },
    /// The analytic derivative has entries that are NaN or infinite where the numeric one is finite.
    NotFinite,
    /// f has a kink or a jump at x: it has no derivative there.
    Kink,
    /// f gives different values at the same x.
    NotDeterministic {
        /// Largest difference between values at x.
        spread: f64,
    },
    /// Noise in f hides the derivative.
    TooNoisy {
        /// Absolute noise level in f.
        level: f64,
    },
}

/// Where in an array of entries.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Region {
    /// One entry.
    Entry(Vec<usize>),
    /// Entries `from..to` in row-major order.
    Range {
        /// First entry.
        from: usize,
        /// One past the last.
        to: usize,
    },
    /// A row of a matrix.
    Row(usize),
    /// A column of a matrix.
    Column(usize),
    /// Rows `rows.0..rows.1`, columns `columns.0..columns.1` of a matrix.
    Block {
        /// First row and one past the last.
        rows: (usize, usize),
        /// First column and one past the last.
        columns: (usize, usize),
    },
}

/// A term that is often forgotten.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Term {
    /// A multiple of x: the derivative of a squared norm (weight decay).
    Proportional {
        /// The multiple.
        factor: f64,
    },
    /// A multiple of the sign of x: the derivative of a sum of absolute values.
    Sign {
        /// The multiple.
        factor: f64,
    },
    /// The same number in all entries: the derivative of a sum.
    Constant {
        /// The number.
        value: f64,
    },
}

/// An entry whose analytic and numeric values disagree.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Mismatch {
    /// Index in the array of entries.
    pub index: Vec<usize>,
    /// What the caller's derivative says.
    pub analytic: f64,
    /// What f's values say.
    pub numeric: f64,
    /// Error bar of the numeric value.
    pub error: f64,
    /// Why the numeric method stopped.
    pub status: Status,
}

/// The outcome of a check. Its `Display` is a table with the verdict above it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[must_use = "a check that nobody looks at checks nothing; see `assert_ok`"]
pub struct Report {
    /// What was checked, for the first line.
    pub what: &'static str,
    /// Shape of the array of entries.
    pub shape: Vec<usize>,
    /// Entries that disagree, in any number.
    pub mismatches: usize,
    /// The worst of them, at most ten; the largest difference in units of the tolerance first.
    pub worst: Vec<Mismatch>,
    /// Entries whose numeric value can't be trusted, so that they were not checked.
    pub unchecked: usize,
    /// What is wrong; also an f that is not deterministic but was checked nevertheless.
    pub diagnosis: Option<Diagnosis>,
    /// Largest difference among the entries that agree, relative to the largest entry.
    pub agreement: f64,
    /// Evaluations of f.
    pub evaluations: usize,
    pub(super) ok: bool,
}

impl Report {
    /// Whether the derivative stood the check.
    pub fn is_ok(&self) -> bool {
        self.ok
    }

    /// Panics with the table unless the derivative stood the check; for tests.
    ///
    /// # Panics
    /// When [`is_ok`](Self::is_ok) is false.
    #[track_caller]
    pub fn assert_ok(&self) {
        assert!(self.ok, "\n{self}");
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Region::Entry(index) => write!(f, "entry {}", Index(index)),
            Region::Range { from, to } => write!(f, "the block of entries {from}..{to}"),
            Region::Row(i) => write!(f, "row {i}"),
            Region::Column(j) => write!(f, "column {j}"),
            Region::Block { rows, columns } => {
                write!(
                    f,
                    "the block of rows {}..{} and columns {}..{}",
                    rows.0, rows.1, columns.0, columns.1
                )
            }
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Diagnosis::SignFlipped => write!(
                f,
                "sign flipped: the numeric derivative is minus the analytic one"
            ),
            Diagnosis::ConstantFactor { factor } => {
                write!(
                    f,
                    "constant factor: the numeric derivative is {factor:.6} times the analytic one"
                )
            }
            Diagnosis::Transposed => write!(f, "transposed: rows and columns are exchanged"),
            Diagnosis::ShiftedByOne { axis, offset } => {
                write!(
                    f,
                    "shifted by one along axis {axis}: analytic entry i belongs at i{offset:+}"
                )
            }
            Diagnosis::Block {
                region,
                nature: None,
            } => write!(f, "{region} only is wrong; all else agrees"),
            Diagnosis::Block {
                region,
                nature: Some(nature),
            } => {
                write!(
                    f,
                    "{region} only is wrong; all else agrees. There: {nature}"
                )
            }
            Diagnosis::MissingTerm { looks_like } => {
                write!(
                    f,
                    "missing or wrong term: the difference is no multiple, exchange or shift of the derivative"
                )?;
                match looks_like {
                    None => Ok(()),
                    Some(Term::Proportional { factor }) => write!(f, "; it is {factor:.6} x"),
                    Some(Term::Sign { factor }) => write!(f, "; it is {factor:.6} sign(x)"),
                    Some(Term::Constant { value }) => {
                        write!(f, "; it is {value:.6} in every entry")
                    }
                }
            }
            Diagnosis::NotFinite => write!(
                f,
                "the analytic derivative is not finite where the numeric one is"
            ),
            Diagnosis::Kink => write!(
                f,
                "kink at x: f has no derivative there; check at another x"
            ),
            Diagnosis::NotDeterministic { spread } => {
                write!(
                    f,
                    "f is not deterministic: its values at one x differ by {spread:.1e}; fix its seed"
                )
            }
            Diagnosis::TooNoisy { level } => {
                write!(
                    f,
                    "f is too noisy to tell: noise of {level:.1e}; tighten its inner tolerances"
                )
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: usize = self.shape.iter().product();
        let shape: Vec<String> = self.shape.iter().map(usize::to_string).collect();
        write!(f, "{} ({}): ", self.what, shape.join(" x "))?;
        if self.ok {
            write!(f, "ok, agrees to {:.1e}", self.agreement)?;
        } else {
            write!(f, "FAILED, {} of {total} entries disagree", self.mismatches)?;
        }
        if self.unchecked > 0 {
            write!(f, ", {} not checked", self.unchecked)?;
        }
        writeln!(f, " ({} evaluations)", self.evaluations)?;
        if let Some(diagnosis) = &self.diagnosis {
            writeln!(f, "  {diagnosis}")?;
        }
        if self.worst.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "  {:>12}  {:>23}  {:>23}  {:>9}  {:>9}",
            "index", "analytic", "numeric", "error bar", "difference"
        )?;
        for m in &self.worst {
            let index = Index(&m.index).to_string();
            let difference = m.analytic - m.numeric;
            writeln!(
                f,
                "  {index:>12}  {:>23.15e}  {:>23.15e}  {:>9.1e}  {difference:>10.1e}",
                m.analytic, m.numeric, m.error
            )?;
        }
        if self.mismatches > self.worst.len() {
            writeln!(f, "  … and {} more", self.mismatches - self.worst.len())?;
        }
        Ok(())
    }
}

/// An index as users write it: 3, or (3, 17).
struct Index<'a>(&'a [usize]);

impl fmt::Display for Index<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => write!(f, "()"),
            [i] => write!(f, "{i}"),
            many => {
                let words: Vec<String> = many.iter().map(usize::to_string).collect();
                write!(f, "({})", words.join(", "))
            }
        }
    }
}
