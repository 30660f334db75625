//! The noise of the residuals.

use super::{Accuracy, FACTOR, LevenbergMarquardt};
use crate::interrupt::Interrupt;
use crate::kink::GOLDEN;
use crate::noise::levels;
use crate::problem::Problem;

/// Distances between the points, relative to the size of the parameters: beyond the rounding of a model in f32 or to
/// six digits, and a smaller one where the residuals bend much.
const SPACINGS: [f64; 2] = [1e-4, 1e-6];

impl LevenbergMarquardt {
    /// ECnoise on all residuals at once: differences of seven equidistant points along a line through all coordinates
    /// (Moré and Wild, SIAM J. Sci. Comput. 33 (2011) 1292-1314), six evaluations, or twelve. Noise that exceeds
    /// rounding widens the steps of the differences, and the Jacobian is taken anew.
    pub(super) fn measure_noise(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        self.noise_known = true;
        self.noise_at = self.value;
        self.noise_measured += 1;
        let (m, mut sizes) = (self.residuals.len(), self.sizes());
        for (size, x) in sizes.iter_mut().zip(&self.x) {
            // Whatever the residuals show, a parameter that is not 0 has its own size.
            if *x != 0.0 {
                *size = x.abs();
            }
        }
        let mut level = f64::INFINITY;
        for spacing in SPACINGS {
            let point = |k: i32| -> Vec<f64> {
                let to = |j: usize| {
                    // Components of different size, so that no combination stays level.
                    let share = 0.5 + 0.5 * ((j + 1) as f64 * GOLDEN).fract();
                    let step = f64::from(k) * spacing * share * sizes[j];
                    problem.bounds.clamp(j, self.x[j] + step)
                };
                (0..self.x.len()).map(to).collect()
            };
            let points: Vec<Vec<f64>> = (1..=6).map(point).collect();
            let values = problem.residuals_at(&points, m)?;
            let Some(mut table) = values.into_iter().collect::<Option<Vec<_>>>() else {
                continue;
            };
            table.insert(0, self.residuals.clone());
            let levels = levels(table);
            // White noise has the same level in all orders; what is smooth falls from order to order.
            level = level.min(levels[4].0.min(levels[5].0));
            if levels[4].0 <= 2.0 * levels[5].0 {
                break;
            }
        }
        let rounding = 100.0 * f64::EPSILON * self.magnitude() / (m as f64).sqrt();
        let was_noisy = std::mem::replace(&mut self.noise, 0.0) > 0.0;
        if level.is_finite() && level > rounding {
            self.noise = level;
            let central = self.accuracy == Accuracy::Central;
            // Twice: the first columns tell how far the second differences may go.
            for _ in 0..2 {
                self.scale.fill(0.0);
                self.differentiate(problem, central)?;
            }
            self.failures = 0;
            self.widen(FACTOR);
        } else if was_noisy {
            self.differentiate(problem, true)?;
        }
        Ok(())
    }
}
