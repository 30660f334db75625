//! What a scheme knows and finds along one line through x.

use crate::Status;

/// The scheme must return at once: a value is not here yet, or the user's function failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pending;

/// Where x lies on a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    /// Size of x on the line: |x_i| for a coordinate; 1 for a scaled direction.
    pub position: f64,
    /// The typical size of x: the floor of its scale.
    pub typical: f64,
    /// The largest |t| at which f may be evaluated; infinite for no limit.
    pub reach: f64,
    /// Whether the caller set it.
    pub reach_is_given: bool,
    /// Spacing of the rounded points near x, in units of t: ulp(x_i) for a coordinate.
    pub spacing: f64,
    /// Standard deviation of f, in units of its slope along the line, by the rounding of the points.
    pub rounding_of_points: f64,
    /// Relative rounding of f's values: 2^-52, or 2^-23 for an f in `f32`.
    pub epsilon: f64,
}

/// A scheme's answer for one output along one line, or what an operator makes of several.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct LineEstimate {
    /// d^k f / dt^k at t = 0.
    pub value: f64,
    /// Absolute error bar; NaN where the scheme has none.
    pub error: f64,
    /// Largest displacement the value rests on.
    pub step: f64,
    /// Why it stopped.
    pub status: Status,
    /// Evaluations that it asked for, f(x) included; 0 where the scheme has no error bar.
    pub evaluations: usize,
}

impl LineEstimate {
    /// Of a line that does not move x; a sum without terms.
    pub const fn zero(status: Status) -> Self {
        LineEstimate {
            value: 0.0,
            error: 0.0,
            step: 0.0,
            status,
            evaluations: 0,
        }
    }

    /// The estimate, which rests on `other`, too.
    pub fn resting_on(mut self, other: &LineEstimate) -> LineEstimate {
        self.status = self.status.worse(other.status);
        self.evaluations += other.evaluations;
        self
    }
}
