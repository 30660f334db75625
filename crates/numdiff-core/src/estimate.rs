//! A derivative with its error bar.

/// Why an adaptive method stopped, and how far the value is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Status {
    /// The error bar is at the rounding of f or below the tolerance asked for.
    Converged,
    /// Noise in f, larger than rounding, limits the accuracy; the error bar accounts for it.
    NoiseLimited {
        /// Absolute standard deviation of the noise in f, as found or declared.
        level: f64,
    },
    /// f has a kink or a jump at x, so that this derivative does not exist. Not to be trusted.
    NotSmooth,
    /// A bound or the edge of f's domain allowed points on one side only; the error bar holds.
    AtBound,
    /// The evaluation budget ended before the tolerance was met; the error bar holds.
    OutOfBudget,
    /// Lower and upper bound are equal: the coordinate can't move; the value 0 is a convention.
    Fixed,
    /// No step gave differences that converge. Not to be trusted.
    Unreliable,
}

impl Status {
    /// Whether the error bar can be relied on.
    pub fn is_trusted(self) -> bool {
        !matches!(self, Status::NotSmooth | Status::Unreliable)
    }
}

/// A derivative with its error bar and its cost.
///
/// `V` is `f64` for one derivative, an array for a gradient, Jacobian or Hessian; `error` and
/// `step` have the shape of `value`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Estimate<V> {
    /// The derivative.
    pub value: V,
    /// Absolute error bar of each entry: |value - true derivative| <= error.
    pub error: V,
    /// Largest displacement that each entry's value rests on; absolute for a coordinate.
    pub step: V,
    /// Evaluations of f, f(x) and check points included.
    pub evaluations: usize,
    /// Of one derivative: its status. Of an array: the least trustworthy status of its entries.
    pub status: Status,
}
