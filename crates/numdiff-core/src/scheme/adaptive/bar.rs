//! The error bar, and the window that has the smallest.

use super::constants::{
    ALL_THE_DIGITS, ASSUMED, BRANCH, FEW_NODES_RESIDUAL_FACTOR, HALF_THE_DIGITS, NOISE_FACTOR,
    OTHER_NOISE_FACTOR, RESIDUAL_FACTOR, UNSEEN, UNSEEN_RESIDUAL_FACTOR, WEAK_KINK,
};
use super::fit::Fit;
use super::larger::larger;
use super::power::power_of_two;
use super::roughness::Rough;
use super::search::{Finding, Kind, Search};
use crate::line::Samples;

/// A window that a check point has seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checked {
    pub lowest: i32,
    pub highest: i32,
    /// Error of the derivative that the check point suggests.
    pub residual: f64,
}

impl<S: Samples> Search<'_, '_, S> {
    /// Whether the tolerance asks for more than this error.
    pub(super) fn misses(&self, fit: &Fit, error: f64) -> bool {
        self.tolerance
            .is_some_and(|tolerance| error > tolerance * fit.derivative.abs())
    }

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
        // Two nodes have no fall to compare with: the check point vouches for them.
        let excess = if m == 2 && vouched {
            1.0
        } else if seen.is_any() {
            larger(1.0, seen.mean_square(ASSUMED).sqrt())
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

    /// The window among the fit and its parts that has the smallest error bar.
    pub(super) fn best(&self, fit: &Fit, checked: Option<Checked>, kind: Kind) -> Finding {
        // Fitted again: the noise assumed may have risen since.
        let base = checked
            .and_then(|seen| self.fit_unless(fit, seen.lowest, seen.highest))
            .filter(|seen| seen.converged || !fit.converged)
            .unwrap_or(*fit);
        let residual = checked.map_or(0.0, |seen| seen.residual);
        let mut best = base;
        let mut error = self.error(&base, fit, residual, checked.is_some());
        let (low, high) = (base.lowest(), base.highest());
        for (lowest, highest) in [(low + 1, high), (low + 2, high), (low, high - 1)] {
            if highest - lowest < self.task.level as i32 + 1 {
                continue;
            }
            if let Some(part) = self.fit(lowest, highest) {
                let other = self.error(&part, &base, residual, false);
                if other < error {
                    error = other;
                    best = part;
                }
            }
        }
        error += self.branch(&best);
        // A kink within the bar changes nothing; a weak one above it may be noise.
        let kink = self.kink_near(&base).filter(|kink| *kink > error);
        let size = self.size(&best);
        let is_kinked = kink.is_some_and(|kink| kink > WEAK_KINK * size);
        error += kink
            .or_else(|| Some(self.wrong_parity(&base)?.error()))
            .unwrap_or(0.0);
        let kind = if !error.is_finite() {
            Kind::Unreliable
        } else if is_kinked {
            Kind::NotSmooth
        } else if kind == Kind::Good && self.is_step_limited(&best, error) {
            Kind::StepLimited
        } else {
            kind
        };
        let found = fit.excess * fit.sigma;
        let noise = if self.noise > 0.0 {
            Some(self.noise)
        } else if best.noisy && best.excess > 8.0 {
            Some(found)
        } else {
            None
        };
        Finding {
            value: best.derivative,
            error,
            exponent: best.highest(),
            noise,
            kind,
        }
    }

    /// Size of the derivative, that of the lower levels where it vanishes.
    fn size(&self, fit: &Fit) -> f64 {
        fit.leading * self.task.factorial()
            / power_of_two(fit.highest() * (self.task.order as i32 - 1))
    }

    /// Whether the reach stands against an error bar that would be clearly smaller.
    fn is_step_limited(&self, best: &Fit, error: f64) -> bool {
        let enough = match self.tolerance {
            Some(tolerance) => tolerance * best.derivative.abs(),
            None if self.line.place.reach_is_given => ALL_THE_DIGITS * self.size(best),
            None => HALF_THE_DIGITS * self.size(best),
        };
        self.step_limited && error > enough
    }

    /// What the larger steps that were left out say against `fit`, when it is too small for
    /// structure and too large for the growth of the levels: f is computed by a procedure that
    /// changes along the line, such as an iteration that stops early, and the derivative of the
    /// branch at x is not that of the function meant.
    pub(super) fn branch(&self, fit: &Fit) -> f64 {
        let m = fit.nodes;
        // The fastest growth that any level shows: a level that vanishes by accident says nothing.
        let rate = || {
            let levels = fit.level.iter().enumerate().take(m).skip(1);
            levels.fold(0.0_f64, |rate, (k, level)| {
                rate.max((level / fit.leading).powf(1.0 / k as f64))
            })
        };
        let mut worst = self.apart;
        for node in &self.line.nodes[..self.line.count] {
            let octaves = node.exponent - fit.highest();
            if !(1..=3).contains(&octaves) {
                continue;
            }
            let r = power_of_two(octaves);
            let u = if self.task.power == 2 { r * r } else { r };
            let (mut odd, mut even) = (0.0, 0.0);
            for k in (0..m).rev() {
                odd = odd * u + fit.odd[k];
                even = even * u + fit.even[k];
            }
            let apart = (node.slope - odd).abs().max((node.bend - r * even).abs());
            let growth = u.powi(m as i32 - 1);
            let noise = 8.0 * growth * fit.odd_noise[m - 1].max(r * fit.even_noise[m - 1]);
            if apart > noise
                && apart < BRANCH * fit.leading
                && apart > noise + 64.0 * fit.leading * (rate() * u).powi(m as i32)
            {
                let h = power_of_two(node.exponent);
                worst = worst
                    .max(3.0 * apart * self.task.factorial() / h.powi(self.task.order as i32 - 1));
            }
        }
        worst
    }

    pub(super) fn zero_within_error(&self, fit: &Fit) -> bool {
        let error = self.error(fit, fit, 0.0, false);
        let unit = fit.leading / power_of_two(fit.highest() * (self.task.order as i32 - 1));
        fit.derivative.abs() <= error && error <= 1e-9 * unit
    }

    /// The answer when nothing converged.
    pub(super) fn nothing(&self, kind: Kind) -> Finding {
        // A budget that ended before anything converged leaves no bar.
        let kind = match kind {
            Kind::OutOfBudget => Kind::Unreliable,
            kind => kind,
        };
        let rest = Finding {
            value: f64::NAN,
            error: f64::INFINITY,
            exponent: self.line.lowest,
            noise: None,
            kind,
        };
        if let Some(rough) = self.rough {
            let Rough {
                slope,
                error,
                exponent,
            } = rough;
            return Finding {
                value: slope,
                error,
                exponent,
                kind: Kind::NotSmooth,
                ..rest
            };
        }
        if let Some(node) = self.vanishing {
            // The values fall with h: the limit lies within a few of the last.
            let error = 4.0 * node.slope.abs().max(node.bend.abs());
            return Finding {
                value: node.slope,
                error,
                exponent: node.exponent,
                kind: Kind::Good,
                ..rest
            };
        }
        match (self.last, self.line.nodes[..self.line.count].first()) {
            (Some(fit), _) => Finding {
                value: fit.derivative,
                exponent: fit.highest(),
                ..rest
            },
            // Something was seen, but nothing that a derivative could be made of.
            (None, Some(node)) if self.task.order == 1 => Finding {
                value: node.slope,
                ..rest
            },
            (None, Some(_)) => Finding { value: 0.0, ..rest },
            (None, None) if self.line.overflows => Finding {
                value: f64::INFINITY,
                ..rest
            },
            (None, None) => rest,
        }
    }
}
