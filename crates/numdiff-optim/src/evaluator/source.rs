//! Where gradients come from.

use super::Given;
use numdiff_core::FiniteDifference;

/// Where gradients come from.
pub(crate) enum GradientSource<'a> {
    /// The caller's gradient.
    Analytic(Given<'a>),
    /// A difference that the caller chose.
    Fixed(Box<FiniteDifference>),
    /// Differences whose intervals and sides follow f.
    Adaptive,
}

impl GradientSource<'_> {
    pub fn is_analytic(&self) -> bool {
        matches!(self, GradientSource::Analytic(_))
    }

    pub fn is_adaptive(&self) -> bool {
        matches!(self, GradientSource::Adaptive)
    }
}
