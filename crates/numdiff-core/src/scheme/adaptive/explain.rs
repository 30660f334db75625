//! What was found: the window with the smallest error bar, and the reason why there is no better one.

use super::constants::{
    ALL_THE_DIGITS, BRANCH, BRANCH_OCTAVES, HALF_THE_DIGITS, SAYS_NOTHING, WEAK_KINK,
};
use super::fit::Fit;
use super::power::power_of_two;
use super::state::{Checked, Finding, Kind, Search};
use crate::line::Samples;

impl<S: Samples> Search<'_, '_, S> {
    /// The answer of a search that ended as `kind`.
    pub(super) fn explain(&self, kind: Kind) -> Finding {
        match self.fit {
            Some(fit) if self.rough.is_none() => self.best(&fit, kind),
            _ => self.nothing(kind),
        }
    }

    /// The window among the fit, the one that was checked and its parts that has the smallest error bar.
    fn best(&self, fit: &Fit, kind: Kind) -> Finding {
        let Candidate {
            fit: base,
            residual,
            mut error,
        } = self.whole(fit);
        let mut best = base;
        let (low, high) = (base.lowest(), base.highest());
        for (lowest, highest) in [(low + 1, high), (low + 2, high), (low, high - 1)] {
            if highest - lowest < self.task.level as i32 + 1 {
                continue;
            }
            if let Some(part) = self.window(lowest, highest) {
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
        let is_kinked = kink.is_some_and(|kink| kink > WEAK_KINK * self.size(&best));
        error += kink
            .or_else(|| Some(self.wrong_parity(&base)?.error()))
            .unwrap_or(0.0);
        let says_nothing = error > SAYS_NOTHING * self.size(&best);
        let kind = if !error.is_finite() || kind == Kind::OutOfBudget && says_nothing {
            Kind::Unreliable
        } else if is_kinked {
            Kind::NotSmooth
        } else if kind == Kind::Good && self.is_step_limited(&best, error) {
            Kind::StepLimited
        } else {
            kind
        };
        Finding {
            value: best.derivative,
            error,
            exponent: best.highest(),
            noise: self.noise_behind(&best, error, kind),
            kind,
        }
    }

    /// The window that a check point has seen or, if its bar is smaller, the last fit with the same point.
    pub(super) fn whole(&self, fit: &Fit) -> Candidate {
        let seen = |base: &Fit, checked: Option<&Checked>| {
            let residual = checked.map_or(0.0, |checked| self.residual(base, checked));
            let error = self.error(base, fit, residual, checked.is_some());
            Candidate {
                fit: *base,
                residual,
                error,
            }
        };
        let Some(checked) = &self.checked else {
            return seen(fit, None);
        };
        // Fitted again: the noise assumed may have risen since.
        let base = self
            .window_unless(fit, checked.lowest, checked.highest)
            .filter(|seen| seen.converged || !fit.converged)
            .unwrap_or(*fit);
        let first = seen(&base, Some(checked));
        let own = match &self.checked_fit {
            Some(own) => own,
            None if checked.t.abs() <= power_of_two(fit.highest()) => checked,
            None => return first,
        };
        let last = seen(fit, Some(own));
        if last.error < first.error {
            last
        } else {
            first
        }
    }

    /// Noise in f above its rounding, where that is what limits the answer.
    fn noise_behind(&self, best: &Fit, error: f64, kind: Kind) -> Option<f64> {
        if self.noise > 0.0 {
            Some(self.noise)
        } else if kind == Kind::Good && self.misses(best, error) {
            // The tolerance was not met: what would explain the bar if it was noise alone.
            Some(best.noise_behind(error))
        } else {
            None
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
    fn branch(&self, fit: &Fit) -> f64 {
        let m = fit.nodes;
        // The fastest growth that any level shows: a level that vanishes by accident says nothing.
        let rate = || {
            let levels = fit.level.iter().enumerate().take(m).skip(1);
            levels.fold(0.0_f64, |rate, (k, level)| {
                rate.max((level / fit.leading).powf(1.0 / k as f64))
            })
        };
        let mut worst = self.branch_gap;
        for node in &self.line.nodes[..self.line.count] {
            let octaves = node.exponent - fit.highest();
            if !(1..=BRANCH_OCTAVES).contains(&octaves) {
                continue;
            }
            let r = power_of_two(octaves);
            let u = if self.task.power == 2 { r * r } else { r };
            let (odd, even) = fit.quotients_at(r, &self.task);
            let gap = (node.slope - odd).abs().max((node.bend - even).abs());
            let growth = u.powi(m as i32 - 1);
            let noise = 8.0 * growth * fit.odd_noise[m - 1].max(r * fit.even_noise[m - 1]);
            if gap > noise
                && gap < BRANCH * fit.leading
                && gap > noise + 64.0 * fit.leading * (rate() * u).powi(m as i32)
            {
                let h = power_of_two(node.exponent);
                let unit = self.task.factorial() / h.powi(self.task.order as i32 - 1);
                worst = worst.max(3.0 * gap * unit);
            }
        }
        worst
    }

    /// The answer when nothing converged.
    fn nothing(&self, kind: Kind) -> Finding {
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
            return Finding {
                value: rough.slope,
                error: rough.error,
                exponent: rough.exponent,
                kind: Kind::NotSmooth,
                ..rest
            };
        }
        if let Some(node) = self.vanishing {
            // The values fall with h: the limit lies within a few of the last.
            return Finding {
                value: node.slope,
                error: 4.0 * node.slope.abs().max(node.bend.abs()),
                exponent: node.exponent,
                kind: Kind::Good,
                ..rest
            };
        }
        let (value, exponent) = match (self.failed, self.line.nodes[..self.line.count].first()) {
            (Some(fit), _) => (fit.derivative, fit.highest()),
            // Something was seen, but nothing that a derivative could be made of.
            (None, Some(node)) if self.task.order == 1 => (node.slope, rest.exponent),
            (None, Some(_)) => (0.0, rest.exponent),
            (None, None) if self.line.overflows => (f64::INFINITY, rest.exponent),
            (None, None) => (f64::NAN, rest.exponent),
        };
        Finding {
            value,
            exponent,
            ..rest
        }
    }
}

/// A window with the residual of the check point and its error bar.
pub(super) struct Candidate {
    pub fit: Fit,
    pub residual: f64,
    pub error: f64,
}
