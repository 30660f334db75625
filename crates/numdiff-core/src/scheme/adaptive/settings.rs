//! What the caller wants.

use crate::scheme::fixed::Side;

/// What the caller wants of an adaptive derivative.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Settings {
    /// Relative error at which to stop; `None` for the best there is.
    pub tolerance: Option<f64>,
    /// On which side of x f is evaluated.
    pub side: Side,
    /// Noise in f, one standard deviation, where the caller knows it.
    pub noise: Option<f64>,
    /// Most evaluations of f on a line, f(x) included.
    pub max_evaluations: usize,
}

/// The highest order that [`estimate`] takes.
pub(crate) const HIGHEST_ORDER: usize = 8;

/// The highest order from one side, which takes a node more for each order.
pub(crate) const HIGHEST_ONE_SIDED: usize = 6;

/// The first step that is tried, as a part of the scale of x.
pub(crate) const FIRST_STEP: f64 = 1.0 / 32.0;

/// The fewest evaluations from which anything can be said: f(x), and the nodes of a window.
pub(crate) fn least_evaluations(order: usize, side: Side) -> usize {
    match side {
        Side::Central => 1 + 2 * (order / 2 + 2),
        Side::Forward | Side::Backward => 1 + order + 2,
    }
}
