//! The simplest mistake that explains what a check found, in words.

use super::index::Index;
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
    /// f does not change where the derivative says that it does.
    Flat,
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
    /// At a kink of f the analytic value lies outside the slopes of the two sides.
    OutsideSlopes,
    /// f has a kink at x. Where nothing else is wrong, the derivative is a subgradient there.
    Kink,
    /// f jumps at x: no entry could be checked.
    Jump,
    /// f gives different values at the same x.
    NotDeterministic {
        /// Largest difference between values at x.
        spread: f64,
    },
    /// Noise in f, or rounding of large values, hides the derivative: no entry could be checked.
    TooNoisy {
        /// Absolute noise level in f.
        level: f64,
    },
    /// Differences of f do not converge: no entry could be checked.
    NotConverged,
}

/// Where in an array of entries.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Region {
    /// One entry.
    Entry(Vec<usize>),
    /// Most of the entries `from..to` in row-major order.
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

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Region::Entry(index) => write!(f, "entry {}", Index(index)),
            Region::Range { from, to } => write!(f, "entries {from} to {}", to - 1),
            Region::Row(i) => write!(f, "row {i}"),
            Region::Column(j) => write!(f, "column {j}"),
            Region::Block { rows, columns } => {
                write!(
                    f,
                    "the block of rows {} to {} and columns {} to {}",
                    rows.0,
                    rows.1 - 1,
                    columns.0,
                    columns.1 - 1
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
            Diagnosis::Flat => write!(
                f,
                "f does not change here: the numeric derivative is 0 where the analytic one is not"
            ),
            Diagnosis::Transposed => write!(f, "transposed: rows and columns are exchanged"),
            Diagnosis::ShiftedByOne { axis, offset } => {
                write!(
                    f,
                    "shifted by one along axis {axis}: analytic entry i belongs at i{offset:+}"
                )
            }
            Diagnosis::Block { region, nature } => {
                write!(f, "wrong in {region} only; all else agrees")?;
                match nature {
                    Some(nature) => write!(f, ". There: {nature}"),
                    None => Ok(()),
                }
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
            Diagnosis::OutsideSlopes => write!(
                f,
                "f has a kink at x, and the analytic value lies outside its one-sided slopes"
            ),
            Diagnosis::Kink => write!(
                f,
                "f has a kink at x: the entries there lie between its one-sided slopes; check at another x as well"
            ),
            Diagnosis::Jump => write!(
                f,
                "f jumps at x: it has no derivative there; check at another x"
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
                    "f's noise or rounding of {level:.1e} hides the derivative; rescale f or tighten its inner tolerances"
                )
            }
            Diagnosis::NotConverged => write!(
                f,
                "differences of f do not converge here, however small the step; check at another x"
            ),
        }
    }
}
