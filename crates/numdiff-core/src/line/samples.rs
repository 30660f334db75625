//! The derivative of one output along one line through x: what a scheme may ask, and its answer.

use crate::Status;

/// The scheme must return at once: a value is not here yet, or the user's function failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pending;

/// One output of f along a line x + t d, as a scheme sees it.
///
/// A scheme is written as straight-line code over this trait and is a pure function of the values.
/// The serial driver answers at once; an ask/tell plan answers from the values told so far and
/// halts at the first that is missing, to be run again when it is told: same code, same bits.
pub(crate) trait Samples {
    /// f at displacement `t` along the line; `t = 0` is f(x). NaN or infinite where f is not
    /// defined. Asking for the same `t` again costs nothing.
    fn value(&mut self, t: f64) -> Result<f64, Pending>;

    /// Says that all of these will be asked for, whatever the values are, so that a driver may
    /// evaluate them together.
    fn announce(&mut self, ts: &[f64]) -> Result<(), Pending>;

    /// The displacement really made when `t` is asked for: fl(x + t) - x for a coordinate.
    fn moved(&self, t: f64) -> f64;

    /// Whether the rounded point lies within the bounds.
    fn inside(&self, t: f64) -> bool;

    /// Whether the rounded point is within reach of x.
    fn reaches(&self, t: f64) -> bool;

    /// Where x lies on the line and how finely the line is resolved.
    fn place(&self) -> Place;
}

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
