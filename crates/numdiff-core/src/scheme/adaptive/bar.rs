//! The error of a window: noise, truncation, and what was held out.

use super::constants::*;
use super::fit::Fit;
use super::power::larger;
use super::state::Search;

impl Search<'_, '_> {
    /// Error bar of the window `fit`, with `reference` another fit of the same derivative and the
    /// residual of the check point, where there is one; `vouched`: the check point saw this window.
    pub(super) fn error(&self, fit: &Fit, reference: &Fit, residual: f64, vouched: bool) -> f64 {
        if !fit.converged {
            return f64::INFINITY;
        }
        let m = fit.nodes;
        let spare = m - self.task.level;
        let top = fit.top().size;
        let fall = fit.fall();
        let mut truncation = if fit.noisy {
            0.0
        } else {
            fit.truncation_weight * fall * top * fit.series(fall)
        };
        // A top level that continues the fall of the others is signal; one that does not, a sample of
        // the noise. A part of a window is judged with what the whole of it has seen.
        let mut seen = fit.seen;
        if fit.exponents != reference.exponents {
            truncation = truncation.max((fit.derivative - reference.derivative).abs());
            seen = seen.with(reference.seen);
        }
        for deviation in self.beside.into_iter().flatten() {
            seen = seen.and(Some(deviation / fit.sigma));
        }
        let first_order = self.task.order == 1 && self.task.power == 2;
        let mut factor = if first_order {
            NOISE_FACTOR
        } else {
            OTHER_NOISE_FACTOR
        };
        let mut residual_factor = RESIDUAL_FACTOR;
        let mut excess = larger(
            1.0,
            seen.deviations(self.assumed(fit), self.condition(fit) > LARGE_CONDITION),
        );
        if !seen.is_any() {
            factor += UNSEEN;
            residual_factor = UNSEEN_RESIDUAL_FACTOR;
            excess = fit.excess_if_noise();
        }
        // Two nodes show no noise and no fall to compare with: the check point vouches for them.
        if m == 2 && vouched {
            excess = 1.0;
        }
        let safety = match spare {
            0..=2 if !vouched => 5.0,
            0..=3 => 2.0,
            _ => 1.0,
        };
        factor * fit.noise * excess
            + 2.0 * safety * truncation
            + residual_factor * residual
            + 2.0 * f64::EPSILON * fit.derivative.abs()
    }

    /// The noise that is assumed where few samples tell, in units of that of f's value: f may round its argument, or
    /// what it makes of it, before anything else. Not where two values beside x tell, nor where x counts by far more
    /// than f: near a pole or a zero f depends on a difference to x, which is exact.
    fn assumed(&self, fit: &Fit) -> f64 {
        if self.beside[0].is_some() || self.condition(fit) > LARGE_CONDITION {
            return 1.0;
        }
        let slope = fit.levels[0].odd.abs();
        let argument = ARGUMENT * self.task.epsilon * self.line.place.position * slope;
        larger(1.0, argument / fit.sigma)
    }
}
