//! Why an iteration is left in the middle.

use std::error::Error as StdError;

/// What the caller's function said of its failure.
pub(crate) type Cause = Box<dyn StdError + Send + Sync>;

/// Why an iteration was left in the middle.
#[derive(Debug)]
pub(crate) enum Interrupt {
    Evaluations,
    Time,
    Target,
    /// A given gradient failed.
    Gradient(Cause),
    /// A given gradient returned this many elements.
    Length(usize),
    /// A given Jacobian of a constraint failed.
    Jacobian(Cause),
    /// The constraints returned this many numbers, and this many before.
    Constraints {
        found: usize,
        expected: usize,
    },
    /// A fixed difference could not be taken.
    Difference(numdiff_core::Error),
}

/// Why a given gradient cannot be used.
pub(crate) enum GradientFailure {
    Cause(Cause),
    Length(usize),
    /// The first element that is not finite, and what it is.
    NotFinite(usize, f64),
}

/// Why a fixed difference could not be taken.
pub(crate) struct DifferenceFailure(pub numdiff_core::Error);
