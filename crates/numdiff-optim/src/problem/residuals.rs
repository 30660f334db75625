//! Residuals that come with f, as a fit sees them.

use super::Problem;
use super::constraints::jacobian_of;
use crate::interrupt::Interrupt;

impl Problem<'_> {
    /// r at a trial point; `None` where it failed, is not finite, or has another length than `m`.
    pub fn residuals(&mut self, x: &[f64], m: usize) -> Result<Option<Vec<f64>>, Interrupt> {
        Ok(usable(self.sample(x)?.residuals, m))
    }

    /// r at several points, together where the caller can; `None` as for [`residuals`](Self::residuals).
    pub fn residuals_at(
        &mut self,
        points: &[Vec<f64>],
        m: usize,
    ) -> Result<Vec<Option<Vec<f64>>>, Interrupt> {
        let samples = self.samples(points)?.into_iter();
        Ok(samples.map(|sample| usable(sample.residuals, m)).collect())
    }

    /// Whether the caller gave the Jacobian of the residuals.
    pub fn has_jacobian(&self) -> bool {
        self.constraints.residual_jacobian.is_some()
    }

    /// The given Jacobian of the residuals, row by row.
    pub fn residual_jacobian(&mut self, x: &[f64]) -> Result<Option<Vec<f64>>, Interrupt> {
        let Some(jacobian) = &mut self.constraints.residual_jacobian else {
            return Ok(None);
        };
        let log = &mut self.budget.spent.log;
        log.open("Jacobian of the residuals", &[x]);
        jacobian_of(&mut self.budget, "the Jacobian", |out| jacobian(x, out)).map(Some)
    }
}

fn usable(residuals: Vec<f64>, m: usize) -> Option<Vec<f64>> {
    let fits = residuals.len() == m && residuals.iter().all(|r| r.is_finite());
    fits.then_some(residuals)
}
