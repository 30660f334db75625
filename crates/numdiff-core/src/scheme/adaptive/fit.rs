//! The polynomial through a window of nodes, its coefficients against their noise, and the
//! derivative it gives.

use super::constants::*;
use super::level::{Level, fit_levels};
use super::noise_seen::NoiseSeen;
use super::power::{larger, power_of_two};
use super::sampling::Node;
use super::shape::{MOST, shape_of};
use super::task::Task;

/// One window. All levels are in the units of the slope: level k of the odd part is
/// f^(2k+1) H^(2k) / (2k+1)!, of the even part f^(2k+2) H^(2k+1) / (2k+2)!.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fit {
    pub exponents: [i32; MOST],
    pub nodes: usize,
    pub levels: [Level; MOST],
    /// Size of the levels up to the target.
    pub leading: f64,
    /// The level that the leading ones are compared with.
    pub next: usize,
    /// The level that holds the derivative.
    pub target: f64,
    pub derivative: f64,
    /// Noise of the derivative, one standard deviation by the noise assumed.
    pub noise: f64,
    /// The derivative per unit of its level.
    pub unit: f64,
    /// Noise in f that the top level would show if it were nothing else, over that assumed.
    pub excess: f64,
    /// Error of the derivative per unit of level m.
    pub truncation_weight: f64,
    /// The top levels that are samples of the noise, in units of that assumed.
    pub seen: NoiseSeen,
    pub converged: bool,
    /// The top level is no larger than its noise.
    pub noisy: bool,
    /// Largest |f| in the window.
    pub size: f64,
    /// Noise assumed, largest over the nodes.
    pub sigma: f64,
    /// Noise in f as found or declared: the floor of that assumed.
    pub sigma_floor: f64,
    /// Powers of h from level to level.
    power: i32,
}

impl Fit {
    pub(super) fn lowest(&self) -> i32 {
        self.exponents[0]
    }

    pub(super) fn highest(&self) -> i32 {
        self.exponents[self.nodes - 1]
    }

    /// Whether no power of two is left out.
    pub(super) fn is_consecutive(&self) -> bool {
        self.highest() - self.lowest() + 1 == self.nodes as i32
    }

    /// The highest level.
    pub(super) fn top(&self) -> &Level {
        &self.levels[self.nodes - 1]
    }

    /// Size of the derivative, that of the lower levels where it vanishes.
    pub(super) fn scale(&self) -> f64 {
        self.leading * self.unit
    }

    /// Through any nodes, smallest step first, with this noise in f at least.
    pub(super) fn of(nodes: &[Node], task: &Task, noise: f64, center: f64) -> Fit {
        let mut own = None;
        let shape = shape_of(task.power, nodes, &mut own);
        let unit = task.unit(nodes[nodes.len() - 1].exponent);
        let mut fit = Fit {
            nodes: nodes.len(),
            unit,
            truncation_weight: unit * shape.products[task.level],
            sigma_floor: noise,
            power: task.power as i32,
            ..Fit::default()
        };
        fit.sigma = fit_levels(&mut fit.levels, nodes, shape, task, (noise, center));
        for (exponent, node) in fit.exponents.iter_mut().zip(nodes) {
            *exponent = node.exponent;
            fit.size = larger(fit.size, node.size);
        }
        fit.judge(task);
        fit
    }

    /// What the levels say.
    #[inline]
    fn judge(&mut self, task: &Task) {
        let m = self.nodes;
        let target = &self.levels[task.level];
        let (target, noise) = match task.even {
            true => (target.even, target.even_noise),
            false => (target.odd, target.odd_noise),
        };
        (self.target, self.noise) = (target, self.unit * noise);
        self.derivative = task.sign * self.unit * target;
        let leading = self.levels[..=task.level].iter();
        self.leading = leading.fold(0.0, |a, level| larger(a, level.size));
        self.next = task.level + 1;
        // f' = f'' = 0: the next level leads.
        if m > self.next + 1 && self.leading <= VANISHES * self.levels[self.next].size {
            self.leading = self.levels[self.next].size;
            self.next += 1;
        }
        let neglected = &self.levels[self.next.min(m - 1)];
        self.converged =
            m > self.next && (neglected.size <= CONVERGED * self.leading || !neglected.significant);
        let top = self.levels[m - 1];
        self.noisy = !top.significant;
        let (odd, even) = (top.odd / top.odd_noise, top.even / top.even_noise);
        self.excess = match task.power {
            2 => (0.5 * (odd * odd + even * even)).sqrt(),
            _ => odd.abs(),
        };
        let seen = NoiseSeen::default();
        let odd = self.parity_excess(|level| (level.odd, level.odd_noise));
        let even = self.parity_excess(|level| (level.even, level.even_noise));
        self.seen = seen.and(odd).and(even);
    }

    /// How much smaller than the top level the next one is expected to be.
    pub(super) fn fall(&self) -> f64 {
        let m = self.nodes;
        let ratio = |k: usize| match self.levels[k].size {
            size if size > 0.0 => self.top().size / size,
            _ => f64::INFINITY,
        };
        let mut fall = if m >= 2 { ratio(m - 2) } else { 1.0 };
        if m >= 3 {
            fall = larger(fall, ratio(m - 3).sqrt());
        }
        fall.min(1.0)
    }

    /// Whether the top level is signal that continues the fall of those below it.
    fn continues(&self) -> bool {
        let m = self.nodes;
        if self.noisy || m < 3 {
            return false;
        }
        let [a, b, c] = [m - 3, m - 2, m - 1].map(|k| self.levels[k].size);
        // Fourfold slack: the levels of two parities alternate about the geometric fall.
        self.excess > 8.0 && c <= b && (c / b) <= 4.0 * (b / a)
    }

    /// The noise in f that alone would explain this error.
    pub(super) fn noise_behind(&self, error: f64) -> f64 {
        error / (NOISE_FACTOR * self.noise) * self.sigma
    }

    /// How much the noise exceeds that assumed, as far as a top level is noise.
    pub(super) fn excess_if_noise(&self) -> f64 {
        let excess = if self.seen.is_any() {
            self.seen.mean_square(0.0).sqrt()
        } else if self.continues() {
            1.0
        } else {
            self.excess
        };
        larger(1.0, excess)
    }

    /// The top level of one parity over its noise; `None` when it is signal.
    fn parity_excess(&self, parity: fn(&Level) -> (f64, f64)) -> Option<f64> {
        let m = self.nodes;
        let (top, noise) = parity(self.top());
        if noise == 0.0 {
            return None;
        }
        let top = top.abs();
        let excess = top / noise;
        if excess <= DROWNED {
            return Some(excess);
        }
        let falls = m >= 3 && {
            let [a, b] = [m - 3, m - 2].map(|k| parity(&self.levels[k]).0.abs());
            top <= b && top * a <= 4.0 * b * b
        };
        (!falls && excess < 4.0 * DROWNED).then_some(excess)
    }

    /// What all levels beyond the top make of the error of the first of them, when each is `fall`
    /// times the one before: the term u^(m+j) counts h_j times the term u^m, with h_j the complete
    /// symmetric function of the nodes, and the sum of fall^j h_j is the product of
    /// 1 / (1 - fall u_i). Little where the levels fall fast.
    pub(super) fn series(&self, fall: f64) -> f64 {
        let r = fall.min(SLOWEST_FALL);
        let top = self.highest();
        let nodes = self.exponents[..self.nodes].iter();
        1.0 / nodes.fold(1.0, |product, e| {
            product * (1.0 - r * power_of_two(self.power * (e - top)))
        })
    }

    /// Error of the derivative by the level that is expected next.
    pub(super) fn expected_truncation(&self) -> f64 {
        self.fall() * self.top().size * self.truncation_weight
    }

    /// |f - interpolant| at displacement t, where f is `value`.
    pub(super) fn deviation(&self, center: f64, t: f64, value: f64) -> f64 {
        let (odd, even) = self.quotients_at(t.abs() / power_of_two(self.highest()));
        (value - center - t * (odd + t.signum() * even)).abs()
    }

    /// The odd and the even quotient at r times the largest step.
    pub(super) fn quotients_at(&self, r: f64) -> (f64, f64) {
        let u = if self.power == 2 { r * r } else { r };
        let (mut odd, mut even) = (0.0, 0.0);
        for level in self.levels[..self.nodes].iter().rev() {
            odd = odd * u + level.odd;
            even = even * u + level.even;
        }
        (odd, r * even)
    }
}
