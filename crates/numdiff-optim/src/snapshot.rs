//! What every solver can show between two iterations.

/// The state of a solver that observers, records and results see.
pub(crate) struct Snapshot<'m> {
    pub x: &'m [f64],
    pub f: f64,
    pub gradient: &'m [f64],
    pub error: &'m [f64],
    pub iteration: usize,
    pub step: f64,
    pub noise: Option<f64>,
}
