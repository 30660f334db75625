//! The error of a window: noise, truncation, and what was held out.

use super::constants::{
    FEW_NODES_RESIDUAL_FACTOR, LARGE_CONDITION, NOISE_FACTOR, OTHER_NOISE_FACTOR, RESIDUAL_FACTOR,
    UNSEEN, UNSEEN_RESIDUAL_FACTOR,
};
use super::fit::Fit;
use super::larger::larger;
use super::state::Search;
use crate::line::Samples;

impl<S: Samples> Search<'_, '_, S> {
    /// Error bar of the window `fit`, with `reference` another fit of the same derivative and the
    /// residual of the check point, where there is one; `vouched`: the check point saw this window.
    pub(super) fn error(&self, fit: &Fit, reference: &Fit, residual: f64, vouched: bool) -> f64 {
        if !fit.converged {
            return f64::INFINITY;
        }
        let m = fit.nodes;
        let spare = m - self.task.level;
        let top = fit.level[m - 1];
        let fall = fit.fall();
        let mut truncation = fit.truncation_weight
            * if fit.noisy {
                if spare >= 3 { 0.0 } else { fall.min(0.3) * top }
            } else {
                fall * top * fit.series(fall)
            };
        if fit.exponents != reference.exponents {
            truncation = truncation.max((fit.derivative - reference.derivative).abs());
        }
        // A top level that continues the fall of the others is signal; one that does not, a sample of
        // the noise. A part of a window is judged with what the whole of it has seen.
        let mut seen = fit.noise_seen();
        if fit.exponents != reference.exponents {
            seen = seen.with(reference.noise_seen());
        }
        for deviation in self.beside.into_iter().flatten() {
            seen = seen.and(Some(deviation / fit.sigma));
        }
        // Two nodes have no fall to compare with: the check point vouches for them.
        let excess = if m == 2 && vouched {
            1.0
        } else if seen.is_any() {
            larger(1.0, seen.deviations(self.condition(fit) > LARGE_CONDITION))
        } else {
            fit.excess_if_noise()
        };
        let safety = match spare {
            0..=2 if !vouched => 5.0,
            0..=3 => 2.0,
            _ => 1.0,
        };
        let factor = if self.task.order == 1 && self.task.power == 2 {
            NOISE_FACTOR
        } else {
            OTHER_NOISE_FACTOR
        };
        let (factor, residual_factor) = if seen.is_any() {
            (factor, RESIDUAL_FACTOR)
        } else {
            (factor + UNSEEN, UNSEEN_RESIDUAL_FACTOR)
        };
        // A tolerance stops at two nodes, which show no noise: the residual is all that does.
        let residual_factor = if m == 2 && self.tolerance.is_some() {
            FEW_NODES_RESIDUAL_FACTOR
        } else {
            residual_factor
        };
        factor * fit.noise * excess
            + 2.0 * safety * truncation
            + residual_factor * residual
            + 2.0 * f64::EPSILON * fit.derivative.abs()
    }
}
