//! What can go wrong, with the numbers involved and what to try.

use std::error::Error as StdError;

/// A question that made no sense, or a function that could not be evaluated.
///
/// A derivative that is merely inaccurate is not an error: see [`Status`](crate::Status).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument has no elements.
    #[error("{argument} is empty; pass at least one element")]
    Empty {
        /// Name of the argument.
        argument: &'static str,
    },
    /// An element of an argument is NaN or infinite.
    #[error("{argument}[{index}] is {value}; every element must be finite")]
    NotFinite {
        /// Name of the argument.
        argument: &'static str,
        /// Logical (row-major) index of the element.
        index: usize,
        /// The element.
        value: f64,
    },
    /// A setting is outside its range.
    #[error("{argument} is {value}, but must be {expected}")]
    OutOfRange {
        /// Name of the argument.
        argument: &'static str,
        /// The value passed.
        value: f64,
        /// The range that is accepted.
        expected: &'static str,
    },
    /// An argument has the wrong number of elements.
    #[error("{argument} has {found} elements where {expected} are needed; make the lengths agree")]
    Length {
        /// Name of the argument.
        argument: &'static str,
        /// Elements passed.
        found: usize,
        /// Elements needed.
        expected: usize,
    },
    /// A lower bound exceeds the upper bound, or one is NaN.
    #[error(
        "bounds of coordinate {coordinate} are [{lower}, {upper}]; pass lower <= upper, infinities for none"
    )]
    Bounds {
        /// Coordinate.
        coordinate: usize,
        /// Lower bound.
        lower: f64,
        /// Upper bound.
        upper: f64,
    },
    /// x lies outside its bounds.
    #[error(
        "x[{coordinate}] = {x} lies outside its bounds [{lower}, {upper}]; move x inside or widen the bounds"
    )]
    OutsideBounds {
        /// Coordinate.
        coordinate: usize,
        /// Its value.
        x: f64,
        /// Lower bound.
        lower: f64,
        /// Upper bound.
        upper: f64,
    },
    /// The step is lost in the rounding of x: x + h == x.
    #[error(
        "the step {step} vanishes against x[{coordinate}] = {x}; use a step above {smallest}, or a relative step"
    )]
    StepVanishes {
        /// Coordinate.
        coordinate: usize,
        /// Its value.
        x: f64,
        /// The step.
        step: f64,
        /// The smallest step that moves x on both sides.
        smallest: f64,
    },
    /// f returned NaN or an infinity where the method needs a value.
    #[error(
        "f returned {value} with coordinate {coordinate} moved by {displacement}; use bounds, a one-sided scheme or Adaptive"
    )]
    NonFiniteValue {
        /// What f returned.
        value: f64,
        /// The first coordinate that was moved; 0 for f(x) itself.
        coordinate: usize,
        /// How far it was moved; 0 for f(x) itself.
        displacement: f64,
        /// Which output of f.
        output: usize,
    },
    /// The user's function returned an error.
    #[error(
        "f failed with coordinate {coordinate} moved by {displacement}: {source}; bounds keep f away from points it can't take"
    )]
    Function {
        /// The first coordinate that was moved; 0 for f(x) itself.
        coordinate: usize,
        /// How far it was moved; 0 for f(x) itself.
        displacement: f64,
        /// What the function said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// f returned another number of outputs than before.
    #[error("f returned {found} outputs after {expected}; return the same number at every point")]
    OutputsChanged {
        /// Outputs now.
        found: usize,
        /// Outputs before.
        expected: usize,
    },
}
