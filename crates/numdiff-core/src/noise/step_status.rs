//! What a step rests on.

/// What a step from a level of noise rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum StepStatus {
    /// Truncation and noise are in balance.
    Balanced,
    /// The truncation stays below the noise up to the scale of x: f is a polynomial that the stencil
    /// differentiates exactly, as far as the noise shows. The longest step that was tried.
    Longest,
    /// The truncation, or points where f is not finite or must not be evaluated, left no step. The
    /// shortest that was tried.
    Shortest,
    /// Lower and upper bound are equal: the coordinate does not move, whatever the step.
    Fixed,
}
