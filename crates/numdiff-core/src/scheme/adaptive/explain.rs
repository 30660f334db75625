//! What was found: the window with the smallest error bar, and the reason why there is no better one.

use super::constants::*;
use super::fit::Fit;
use super::power::power_of_two;
use super::sampling::Node;
use super::state::{Search, answer};
use crate::Status;
use crate::line::LineEstimate;

impl Search<'_, '_> {
    /// The answer of a search, `spent`: that ended with its budget.
    pub(super) fn explain(&self, spent: bool) -> LineEstimate {
        match self.fit {
            Some(fit) => self.best(&fit, spent),
            None => self.fallback.unwrap_or_else(|| self.nothing()),
        }
    }

    /// The window among the fit, the one that was checked and its parts that has the smallest error bar.
    fn best(&self, fit: &Fit, spent: bool) -> LineEstimate {
        let (base, residual, mut error) = self.whole(fit);
        let mut best = base;
        let (low, high) = (base.lowest(), base.highest());
        for (lowest, highest) in [(low + 1, high), (low + 2, high), (low, high - 1)] {
            if highest - lowest > self.task.level as i32
                && let Some(part) = self.window(lowest, highest)
            {
                let other = self.error(&part, &base, residual, false);
                if other < error {
                    (best, error) = (part, other);
                }
            }
        }
        error += self.branch(&best);
        let tread = self.tread(&best);
        error += tread.map_or(0.0, |(exponent, rise)| rise * self.task.unit(exponent));
        // A kink within the bar changes nothing; a weak one above it may be noise.
        let kink = self.kink_near(&base).filter(|kink| *kink > error);
        let is_kinked = kink.is_some_and(|kink| kink > WEAK_KINK * best.scale());
        let own = || self.wrong_parity(&base).map(|own| own.error());
        error += kink.or_else(own).unwrap_or(0.0);
        let says_nothing = error > SAYS_NOTHING * best.scale();
        let status = if !error.is_finite() || spent && says_nothing {
            Status::Unreliable
        } else if is_kinked {
            Status::NotSmooth
        } else if spent {
            Status::OutOfBudget
        } else if let Some((exponent, rise)) = tread {
            let level = rise * power_of_two(exponent);
            Status::NoiseLimited { level }
        } else if self.noise > 0.0 {
            Status::NoiseLimited { level: self.noise }
        } else if self.step_limited && error > self.all_that_counts(&best) {
            Status::StepLimited
        } else if self.misses(&best, error) {
            // What would explain the bar if it was noise alone.
            let level = best.noise_behind(error);
            Status::NoiseLimited { level }
        } else {
            Status::Converged
        };
        answer(best.derivative, error, best.highest(), status)
    }

    /// The window that a check point has seen or, if its bar is smaller, the last fit with the same point; with the
    /// residual of the point and the error bar.
    pub(super) fn whole(&self, fit: &Fit) -> (Fit, f64, f64) {
        let Some(checked) = &self.checked else {
            return (*fit, 0.0, self.error(fit, fit, 0.0, false));
        };
        let seen = |base: &Fit| {
            let residual = self.residual(base, checked);
            (residual, self.error(base, fit, residual, true))
        };
        // Fitted again: the noise assumed may have risen since.
        let window = &checked.window;
        let base = &self
            .window_unless(window, window.lowest(), window.highest())
            .filter(|window| window.converged || !fit.converged)
            .unwrap_or(*fit);
        let ((residual, error), last) = (seen(base), seen(fit));
        if checked.t.abs() <= power_of_two(fit.highest()) && last.1 < error {
            (*fit, last.0, last.1)
        } else {
            (*base, residual, error)
        }
    }

    /// The error below which larger steps than the reach allows are not missed.
    fn all_that_counts(&self, best: &Fit) -> f64 {
        match self.tolerance {
            Some(tolerance) => tolerance * best.derivative.abs(),
            None if self.line.place.reach_is_given => ALL_THE_DIGITS * best.scale(),
            None => HALF_THE_DIGITS * best.scale(),
        }
    }

    /// Where f does not move over the window, but on both sides of it: it goes by steps, too few of which were seen to
    /// tell what they add up to. The exponent of the nearest node that moves, and its steeper rise.
    pub(super) fn tread(&self, fit: &Fit) -> Option<(i32, f64)> {
        if fit.leading > 0.0 || self.noise > 0.0 || self.task.power == 1 {
            return None;
        }
        let moves = |node: &&Node| node.slope != 0.0 || node.bend != 0.0;
        let node = self.line.nodes().iter().find(moves)?;
        let [up, down] = [node.slope + node.bend, node.slope - node.bend].map(f64::abs);
        (up.min(down) > 0.0).then(|| (node.exponent, up.max(down)))
    }

    /// What the larger steps that were left out say against `fit`, when it is too small for
    /// structure and too large for the growth of the levels: f is computed by a procedure that
    /// changes along the line, such as an iteration that stops early, and the derivative of the
    /// branch at x is not that of the function meant.
    fn branch(&self, fit: &Fit) -> f64 {
        let m = fit.nodes;
        // The fastest growth that any level shows: a level that vanishes by accident says nothing.
        let rate = || {
            let levels = fit.levels.iter().enumerate().take(m).skip(1);
            levels.fold(0.0_f64, |rate, (k, level)| {
                rate.max((level.size / fit.leading).powf(1.0 / k as f64))
            })
        };
        let mut worst = self.branch_gap;
        for node in self.line.nodes() {
            let octaves = node.exponent - fit.highest();
            if !(1..=BRANCH_OCTAVES).contains(&octaves) {
                continue;
            }
            let r = power_of_two(octaves);
            let u = if self.task.power == 2 { r * r } else { r };
            let (odd, even) = fit.quotients_at(r);
            let gap = (node.slope - odd).abs().max((node.bend - even).abs());
            let growth = u.powi(m as i32 - 1);
            let noise = 8.0 * growth * fit.top().odd_noise.max(r * fit.top().even_noise);
            if gap > noise
                && gap < BRANCH * fit.leading
                && gap > noise + 64.0 * fit.leading * (rate() * u).powi(m as i32)
            {
                worst = worst.max(3.0 * gap * self.task.unit(node.exponent));
            }
        }
        worst
    }

    /// The answer when nothing could be fitted.
    fn nothing(&self) -> LineEstimate {
        let value = match self.line.nodes().first() {
            // Something was seen, but nothing that a derivative could be made of.
            Some(node) if self.task.order == 1 => node.slope,
            Some(_) => 0.0,
            None if self.line.overflows => f64::INFINITY,
            None => f64::NAN,
        };
        answer(value, f64::INFINITY, self.line.lowest, Status::Unreliable)
    }
}
