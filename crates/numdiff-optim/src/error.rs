//! Settings out of range, and functions that cannot be evaluated.

use crate::Constraint;
use std::error::Error as StdError;

/// Why a run could not begin, or had to be given up.
///
/// A run that does not converge is no error: see [`Status`](crate::Status).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The start, the bounds, or a difference of f: what numdiff-core rejects. Also a given gradient or Jacobian with an
    /// element that is not finite, and a batch that does not return one value for each point.
    #[error(transparent)]
    Difference(#[from] numdiff_core::Error),
    /// A setting is outside its range.
    #[error("{setting} is {value}, but must be {expected}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// The value passed.
        value: f64,
        /// The range that is accepted.
        expected: &'static str,
    },
    /// f at the start is NaN or infinite, so that there is nothing to improve on.
    #[error("f(x0) is {value}; start where f is finite, or in units in which it is")]
    StartNotFinite {
        /// f(x0).
        value: f64,
    },
    /// f at the start, or a gradient, Jacobian or batch that the caller gave, reported a failure.
    #[error(
        "{function} failed at evaluation {evaluation}: {source}; start where it can be evaluated"
    )]
    Function {
        /// Which function: f, the gradient, the residuals.
        function: &'static str,
        /// The number of the evaluation, from 1.
        evaluation: usize,
        /// What the function said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A given gradient or Jacobian has the wrong number of elements.
    #[error(
        "{function} returned {found} elements where {expected} are needed; return one for each coordinate"
    )]
    Elements {
        /// Which function.
        function: &'static str,
        /// Elements returned.
        found: usize,
        /// Elements needed.
        expected: usize,
    },
    /// An element of a setting is outside its range.
    #[error("{setting}[{index}] is {value}, but must be {expected}")]
    Element {
        /// Name of the setting.
        setting: &'static str,
        /// Which element.
        index: usize,
        /// The value passed.
        value: f64,
        /// The range that is accepted.
        expected: &'static str,
    },
    /// A setting has the wrong number of elements.
    #[error("{setting} has {found} elements, but must have {expected}; pass one for each")]
    Count {
        /// Name of the setting.
        setting: &'static str,
        /// Elements passed.
        found: usize,
        /// Elements needed.
        expected: usize,
    },
    /// A name that must be its own stands twice.
    #[error("{setting} holds `{name}` twice; give each a name of its own")]
    Repeated {
        /// Name of the setting.
        setting: &'static str,
        /// The name.
        name: String,
    },
    /// A profile met a lower value than the fit: the fit is not at the minimum.
    #[error(
        "with parameter {parameter} at {at:e} the value is {lower:e}, below the fit's {value:e}; fit again from there, or from several starts"
    )]
    NotLowest {
        /// The parameter that was moved.
        parameter: usize,
        /// Where it was.
        at: f64,
        /// The value there.
        lower: f64,
        /// The value of the fit.
        value: f64,
    },
    /// The constraints returned another number of values than before.
    #[error(
        "the constraints returned {found} numbers at evaluation {evaluation}, {expected} before; return as many at every x"
    )]
    ConstraintCount {
        /// The number of the evaluation, from 1.
        evaluation: usize,
        /// Numbers returned.
        found: usize,
        /// Numbers returned at x0.
        expected: usize,
    },
    /// A constraint at the start is NaN or infinite.
    #[error("{constraint} is {value} at x0; start where all constraints are finite")]
    ConstraintNotFinite {
        /// Which one.
        constraint: Constraint,
        /// Its value.
        value: f64,
    },
    /// No x satisfies these linear constraints together, and the bounds.
    #[error("the linear constraints {rows:?} contradict one another{}; drop or relax one of them", if *bounds { " or the bounds" } else { "" })]
    Contradiction {
        /// Rows of the linear constraints, counted in the order in which they were given.
        rows: Vec<usize>,
        /// Whether bounds are among what contradicts.
        bounds: bool,
    },
    /// More equalities than unknowns, which contradict one another to first order at the start.
    #[error(
        "{equalities} equalities in {unknowns} unknowns contradict one another at x0; drop some, or minimize the sum of their squares by least_squares"
    )]
    TooManyEqualities {
        /// Equalities.
        equalities: usize,
        /// Unknowns.
        unknowns: usize,
    },
    /// A saved run was resumed with another function.
    #[error(
        "the function is {found:e} at the saved x, and was {saved:e} when the run was saved; resume with that function, or start anew from the checkpoint's x()"
    )]
    AnotherFunction {
        /// Its value when the run was saved.
        saved: f64,
        /// Its value now.
        found: f64,
    },
    /// Bytes that are no checkpoint that can be read.
    #[error(transparent)]
    Saved(#[from] numdiff_core::SavedError),
    /// Settings that cannot be had together.
    #[error("{setting} does not work with {other}; {advice}")]
    Conflict {
        /// One setting.
        setting: &'static str,
        /// The other.
        other: &'static str,
        /// What to do instead.
        advice: &'static str,
    },
}

/// Checks that a setting is positive and finite.
pub(crate) fn positive(setting: &'static str, value: f64) -> Result<(), Error> {
    require(
        value > 0.0 && value.is_finite(),
        setting,
        value,
        "positive and finite",
    )
}

/// Checks one setting.
pub(crate) fn require(
    holds: bool,
    setting: &'static str,
    value: f64,
    expected: &'static str,
) -> Result<(), Error> {
    if holds {
        Ok(())
    } else {
        Err(Error::Setting {
            setting,
            value,
            expected,
        })
    }
}
