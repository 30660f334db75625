//! A derivative with its error bar.

/// Why an adaptive method stopped, and how far the value is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Status {
    /// The error bar is at the rounding of f or below the tolerance asked for.
    Converged,
    /// Noise in f, larger than rounding, limits the accuracy, or what f does below the steps was taken
    /// for noise and the tolerance was not met; the error bar accounts for it.
    NoiseLimited {
        /// Absolute standard deviation of the noise in f, as found or declared.
        level: f64,
    },
    /// f has a kink or a jump at x, so that this derivative does not exist. Not to be trusted. So it is with a
    /// second derivative across coordinates where f is smooth along each of several lines, but no quadratic form
    /// has what they show: |x y| at 0.
    NotSmooth,
    /// A bound or the edge of f's domain allowed points on one side only; the error bar holds.
    AtBound,
    /// Larger steps would make the error bar clearly smaller, but f is not evaluated farther from x than
    /// [`with_max_step`](crate::Adaptive::with_max_step) or the scale of x allow; the error bar holds.
    StepLimited,
    /// The evaluation budget ended before the tolerance was met; the error bar holds. With a bar above
    /// half the derivative it is `Unreliable` instead.
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
#[derive(Clone, PartialEq)]
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
    /// The status of each entry, in the order of the numbers of `value` (an array's in row-major order,
    /// a sparse matrix's as its values stand): one kink or one fixed coordinate says nothing of the
    /// others. Of one derivative one.
    pub statuses: Vec<Status>,
    /// The evaluations of each entry, in the same order: those along the lines that it rests on, f(x)
    /// counted for each line. Entries share evaluations, so that their sum exceeds `evaluations`.
    pub counts: Vec<usize>,
}

impl Status {
    /// The less trustworthy of the two.
    pub(crate) fn worse(self, other: Status) -> Status {
        let rank = |s: Status| match s {
            Status::Converged => 0,
            Status::Fixed => 1,
            Status::AtBound => 2,
            Status::StepLimited => 3,
            Status::NoiseLimited { .. } => 4,
            Status::OutOfBudget => 5,
            Status::NotSmooth => 6,
            Status::Unreliable => 7,
        };
        match (self, other) {
            (Status::NoiseLimited { level: a }, Status::NoiseLimited { level: b }) => {
                Status::NoiseLimited { level: a.max(b) }
            }
            _ if rank(other) > rank(self) => other,
            _ => self,
        }
    }
}

impl<V: Clone> Estimate<V> {
    /// An estimate to be overwritten, by [`Run::write_to`](crate::Run::write_to), in buffers like this one.
    pub fn blank(buffer: V) -> Self {
        Estimate {
            value: buffer.clone(),
            error: buffer.clone(),
            step: buffer,
            evaluations: 0,
            status: Status::Converged,
            statuses: Vec::new(),
            counts: Vec::new(),
        }
    }
}
