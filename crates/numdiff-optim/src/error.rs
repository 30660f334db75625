//! Settings out of range, and functions that cannot be evaluated.

use crate::Constraint;
use std::error::Error as StdError;

/// Why a run could not begin or continue.
///
/// A run that does not converge is not an error: see [`Status`](crate::Status).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An error of numdiff-core: x0 or the bounds are invalid, a difference of f cannot be taken, a given gradient or
    /// Jacobian has an element that is not finite, or a batch does not return one value for each point.
    #[error(transparent)]
    Difference(#[from] numdiff_core::Error),
    /// A setting is out of range.
    #[error("{setting} is {value}, but must be {expected}")]
    Setting {
        /// The name of the setting.
        setting: &'static str,
        /// The value passed.
        value: f64,
        /// The range that is accepted.
        expected: &'static str,
    },
    /// f at x0 is NaN or infinite.
    #[error("f(x0) is {value}; start where f is finite, or rescale f")]
    StartNotFinite {
        /// f(x0).
        value: f64,
    },
    /// f at x0, or a gradient, Jacobian or batch function of the caller, returned an error.
    #[error(
        "{function} failed at evaluation {evaluation}: {source}; start elsewhere, or let it return a value there"
    )]
    Function {
        /// The name of the function, such as f, the gradient or the residuals.
        function: &'static str,
        /// The number of the evaluation, counted from 1.
        evaluation: usize,
        /// The error that the function returned.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A given gradient or Jacobian has the wrong number of elements.
    #[error(
        "{function} returned {found} elements where {expected} are needed; return exactly as many, in row-major order"
    )]
    Elements {
        /// The name of the function.
        function: &'static str,
        /// The number of elements returned.
        found: usize,
        /// The number of elements needed.
        expected: usize,
    },
    /// An element of a setting is out of range.
    #[error("{setting}[{index}] is {value}, but must be {expected}")]
    Element {
        /// The name of the setting.
        setting: &'static str,
        /// The index of the element, counted from 0.
        index: usize,
        /// The value passed.
        value: f64,
        /// The range that is accepted.
        expected: &'static str,
    },
    /// A setting, or what r returned, has the wrong number of elements.
    #[error("{setting} has {found} elements where {expected} are needed; pass exactly as many")]
    Count {
        /// The name of the setting.
        setting: &'static str,
        /// The number of elements passed.
        found: usize,
        /// The number of elements needed.
        expected: usize,
    },
    /// A name occurs twice where names must be unique.
    #[error("{setting} holds `{name}` twice; give each a name of its own")]
    Repeated {
        /// The name of the setting.
        setting: &'static str,
        /// The name that occurs twice.
        name: String,
    },
    /// A [`profile`](crate::Fit::profile) found a lower value than that of the fit, which is therefore not at the
    /// minimum.
    #[error(
        "with parameter {parameter} fixed at {at:e} the fit reaches {lower:e}, below its minimum {value:e}; fit again from there, or from several starts"
    )]
    NotLowest {
        /// The fixed parameter, counted from 0.
        parameter: usize,
        /// The value at which it was fixed.
        at: f64,
        /// The lowest value of the fit there.
        lower: f64,
        /// The value of the fit.
        value: f64,
    },
    /// The constraints returned another number of values than at x0.
    #[error(
        "the constraints returned {found} numbers at evaluation {evaluation}, and {expected} at x0; return as many at every x"
    )]
    ConstraintCount {
        /// The number of the evaluation, counted from 1.
        evaluation: usize,
        /// The number of values returned.
        found: usize,
        /// The number of values returned at x0.
        expected: usize,
    },
    /// A constraint at x0 is NaN or infinite.
    #[error("{constraint} is {value} at x0; start where all constraints are finite")]
    ConstraintNotFinite {
        /// The constraint.
        constraint: Constraint,
        /// The value of the constraint.
        value: f64,
    },
    /// No x satisfies these linear constraints and the bounds together.
    #[error("the linear constraints {rows:?} contradict one another{}; drop or relax one of them", if *bounds { " or the bounds" } else { "" })]
    Contradiction {
        /// The contradictory rows of the linear constraints, counted from 0 in the order in which they were given.
        rows: Vec<usize>,
        /// Whether bounds contribute to the contradiction.
        bounds: bool,
    },
    /// There are more equalities than unknowns, and no x satisfies them to first order at x0.
    #[error(
        "{equalities} equalities in {unknowns} unknowns contradict one another at x0; drop some, or minimize the sum of their squares by least_squares"
    )]
    TooManyEqualities {
        /// The number of equalities.
        equalities: usize,
        /// The number of unknowns, n.
        unknowns: usize,
    },
    /// A saved run was resumed with another function: the value at the saved x differs.
    #[error(
        "the function is {found:e} at the saved x, and was {saved:e} when the run was saved; resume with the same function, or start anew from the checkpoint's x()"
    )]
    AnotherFunction {
        /// The value when the run was saved.
        saved: f64,
        /// The value now.
        found: f64,
    },
    /// The bytes are not a readable checkpoint.
    #[error(transparent)]
    Saved(#[from] numdiff_core::SavedError),
    /// Two settings cannot be combined.
    #[error("{setting} does not work with {other}; {advice}")]
    Conflict {
        /// The setting.
        setting: &'static str,
        /// The setting that it conflicts with.
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

/// Checks that every number is finite.
pub(crate) fn finite(argument: &'static str, numbers: &[f64]) -> Result<(), Error> {
    match numbers.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(index) => Err(Error::Difference(numdiff_core::Error::NotFinite {
            argument,
            index,
            value: numbers[index],
        })),
    }
}

/// Checks that a list has as many elements as are needed.
pub(crate) fn counted(setting: &'static str, found: usize, expected: usize) -> Result<(), Error> {
    match found == expected {
        true => Ok(()),
        false => Err(Error::Count {
            setting,
            found,
            expected,
        }),
    }
}

/// Checks that a setting does not meet another that it does not work with.
pub(crate) fn compatible(
    holds: bool,
    setting: &'static str,
    other: &'static str,
    advice: &'static str,
) -> Result<(), Error> {
    match holds {
        true => Ok(()),
        false => Err(Error::Conflict {
            setting,
            other,
            advice,
        }),
    }
}

/// The error of a function that failed at this evaluation.
pub(crate) fn failed(
    function: &'static str,
    evaluation: usize,
) -> impl FnOnce(Box<dyn StdError + Send + Sync>) -> Error {
    move |source| Error::Function {
        function,
        evaluation,
        source,
    }
}

/// Checks one setting.
pub(crate) fn require(
    holds: bool,
    setting: &'static str,
    value: f64,
    expected: &'static str,
) -> Result<(), Error> {
    match holds {
        true => Ok(()),
        false => Err(Error::Setting {
            setting,
            value,
            expected,
        }),
    }
}
