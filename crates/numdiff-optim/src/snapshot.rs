//! What every solver can show between two iterations.

/// The state of a solver that observers, records and results see.
pub(crate) struct Snapshot<'m> {
    pub x: &'m [f64],
    pub f: f64,
    pub iteration: usize,
    pub step: f64,
    /// Of f at x, where it is known.
    pub noise: Option<f64>,
}
