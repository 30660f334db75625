//! What every solver can show between two iterations.

/// The state of a solver that observers, records and results see.
pub(crate) struct Snapshot<'m> {
    pub x: &'m [f64],
    pub f: f64,
    pub iteration: usize,
    pub step: f64,
    /// Of f at x, where it is known.
    pub noise: Option<f64>,
    /// The largest violation of a constraint.
    pub violation: f64,
    /// Those of a fit.
    pub residuals: &'m [f64],
}

impl<'m> Snapshot<'m> {
    /// Before the first iteration, without constraints and residuals.
    pub fn at(x: &'m [f64], f: f64) -> Self {
        Snapshot {
            x,
            f,
            iteration: 0,
            step: 0.0,
            noise: None,
            violation: 0.0,
            residuals: &[],
        }
    }
}
