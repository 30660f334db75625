//! Robust losses.

/// The loss of a residual r, by which outliers weigh less than by their squares. The fit minimizes C^2 sum rho((r /
/// C)^2), with r in units of sigma. This is twice the `cost` of scipy's `least_squares`, with the same functions rho.
///
/// Each variant but `Linear` holds the scale C, positive and finite: residuals well below it count by their squares,
/// those beyond it by less. Take about the size of the good residuals.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Loss {
    /// rho(z) = z: the square.
    #[default]
    Linear,
    /// rho(z) = 2 (sqrt(1 + z) - 1): a smooth absolute value.
    SoftL1(f64),
    /// rho(z) = z for z <= 1 and 2 sqrt(z) - 1 beyond: the square, then the absolute value.
    Huber(f64),
    /// rho(z) = ln(1 + z): outliers hardly count.
    Cauchy(f64),
    /// rho(z) = atan(z): no residual costs more than C^2 pi / 2.
    Arctan(f64),
}

impl Loss {
    /// Returns the scale C; 1 for [`Loss::Linear`].
    pub fn scale(&self) -> f64 {
        match *self {
            Loss::Linear => 1.0,
            Loss::SoftL1(c) | Loss::Huber(c) | Loss::Cauchy(c) | Loss::Arctan(c) => c,
        }
    }

    /// rho and its first two derivatives at z.
    pub(crate) fn rho(&self, z: f64) -> [f64; 3] {
        match self {
            Loss::Linear => [z, 1.0, 0.0],
            Loss::SoftL1(_) => {
                let t = 1.0 + z;
                // 2 (sqrt(t) - 1) without the cancellation.
                [
                    2.0 * z / (t.sqrt() + 1.0),
                    1.0 / t.sqrt(),
                    -0.5 / (t * t.sqrt()),
                ]
            }
            Loss::Huber(_) if z <= 1.0 => [z, 1.0, 0.0],
            Loss::Huber(_) => [2.0 * z.sqrt() - 1.0, 1.0 / z.sqrt(), -0.5 / (z * z.sqrt())],
            Loss::Cauchy(_) => [z.ln_1p(), 1.0 / (1.0 + z), -1.0 / (1.0 + z).powi(2)],
            Loss::Arctan(_) => {
                let t = 1.0 + z * z;
                [z.atan(), 1.0 / t, -2.0 * z / (t * t)]
            }
        }
    }

    /// What is minimized: C^2 sum rho((r / C)^2).
    pub(crate) fn value(&self, residuals: &[f64]) -> f64 {
        if *self == Loss::Linear {
            return crate::matrix::dot(residuals, residuals);
        }
        let c = self.scale();
        let sum: f64 = residuals.iter().map(|r| self.rho((r / c).powi(2))[0]).sum();
        c * c * sum
    }

    /// For each residual the factors of r and of its row of J that turn the loss into squares: the gradient of the loss
    /// is 2 J^T r of the scaled ones, and J^T J its Hessian but for the curvature of r (scipy's
    /// `scale_for_robust_loss_function`; Triggs et al., Bundle Adjustment, 2000, section 4.3).
    pub(crate) fn factors(&self, r: f64) -> (f64, f64) {
        let z = (r / self.scale()).powi(2);
        let [_, first, second] = self.rho(z);
        let row = (first + 2.0 * second * z).max(f64::EPSILON).sqrt();
        (first / row, row)
    }
}
