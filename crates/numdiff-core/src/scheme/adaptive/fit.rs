//! The polynomial through a window of nodes, its coefficients against their noise, and the
//! derivative it gives.

use super::constants::{CONVERGED, DROWNED, NOISE_FACTOR, SLOWEST_FALL, VANISHES};
use super::larger::larger;
use super::noise_seen::NoiseSeen;
use super::power::power_of_two;
use super::sampling::{Line, Node};
use super::task::Task;
use super::vandermonde::{Inverse, MOST};
use super::window::Window;
use crate::line::Samples;

/// Levels computed side by side: half of them, whose sums fit into the registers.
const HALF: usize = MOST / 2;

/// One window. All levels are in the units of the slope: level k of the odd part is
/// f^(2k+1) H^(2k) / (2k+1)!, of the even part f^(2k+2) H^(2k+1) / (2k+2)!.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    pub exponents: [i32; MOST],
    pub nodes: usize,
    pub odd: [f64; MOST],
    pub even: [f64; MOST],
    /// Noise of each, one standard deviation.
    pub odd_noise: [f64; MOST],
    pub even_noise: [f64; MOST],
    /// The larger of the two that matter.
    pub level: [f64; MOST],
    pub significant: [bool; MOST],
    /// Size of the levels up to the target.
    pub leading: f64,
    /// The level that the leading ones are compared with.
    pub next: usize,
    pub derivative: f64,
    /// Noise of the derivative, one standard deviation by the noise assumed.
    pub noise: f64,
    /// Noise in f that the top level would show if it were nothing else, over that assumed.
    pub excess: f64,
    /// Error of the derivative per unit of level m.
    pub truncation_weight: f64,
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

    /// Through the consecutive nodes `lowest..=highest`, all sampled; `None` if one is missing.
    pub(super) fn window<S: Samples>(
        line: &Line<'_, S>,
        task: &Task,
        noise: f64,
        lowest: i32,
        highest: i32,
    ) -> Option<Fit> {
        let nodes = line.run(lowest, highest)?;
        let count = nodes.len();
        if count > MOST || count <= task.level {
            return None;
        }
        Some(Fit::of(
            nodes,
            task,
            noise,
            line.center,
            Inverse::dyadic(task.power, count),
        ))
    }

    /// Through any nodes, smallest step first.
    pub(super) fn through(nodes: &[Node], task: &Task, noise: f64, center: f64) -> Fit {
        let count = nodes.len();
        let top = nodes[count - 1].exponent;
        let mut u = [0.0; MOST];
        for (u, node) in u.iter_mut().zip(nodes) {
            *u = power_of_two(task.power as i32 * (node.exponent - top));
        }
        Fit::of(nodes, task, noise, center, &Inverse::of(&u, count))
    }

    fn of(nodes: &[Node], task: &Task, noise: f64, center: f64, inverse: &Inverse) -> Fit {
        let m = nodes.len();
        let top = nodes[m - 1].exponent;
        let central = task.power == 2;
        let window = Window::new(nodes, task, noise, center);
        let mut exponents = [0; MOST];
        for (exponent, node) in exponents.iter_mut().zip(nodes) {
            *exponent = node.exponent;
        }
        let mut fit = Fit {
            exponents,
            nodes: m,
            odd: [0.0; MOST],
            even: [0.0; MOST],
            odd_noise: [0.0; MOST],
            even_noise: [0.0; MOST],
            level: [0.0; MOST],
            significant: [false; MOST],
            leading: 0.0,
            next: task.level + 1,
            derivative: 0.0,
            noise: 0.0,
            excess: 0.0,
            truncation_weight: 0.0,
            converged: false,
            noisy: false,
            size: window.size,
            sigma: window.sigma,
            sigma_floor: noise,
            power: task.power as i32,
        };
        for first in (0..m).step_by(HALF) {
            for (k, level) in (first..m).zip(window.levels::<HALF>(m, inverse, first)) {
                fit.odd[k] = level.odd;
                fit.even[k] = level.even;
                fit.odd_noise[k] = level.odd_noise;
                fit.even_noise[k] = level.even_noise;
                fit.significant[k] = level.significant;
                fit.level[k] = level.size;
            }
        }
        let unit =
            task.factorial() * power_of_two(-(top * (task.order as i32 - 1)).clamp(-1022, 1022));
        let (target, target_noise) = if task.even() {
            (fit.even[task.level], fit.even_noise[task.level])
        } else {
            (fit.odd[task.level], fit.odd_noise[task.level])
        };
        fit.derivative = task.sign * unit * target;
        fit.noise = unit * target_noise;
        fit.truncation_weight = unit * inverse.products[task.level];
        fit.leading = fit.level[..=task.level]
            .iter()
            .fold(0.0, |a, b| larger(a, *b));
        // f' = f'' = 0: the next level leads.
        if m > fit.next + 1 && fit.leading <= VANISHES * fit.level[fit.next] {
            fit.leading = fit.level[fit.next];
            fit.next += 1;
        }
        let next = fit.next.min(m - 1);
        fit.converged =
            m > fit.next && (fit.level[next] <= CONVERGED * fit.leading || !fit.significant[next]);
        fit.noisy = !fit.significant[m - 1];
        fit.excess = fit.excess_of(m - 1, central);
        fit
    }

    /// How much smaller than the top level the next one is expected to be.
    pub(super) fn fall(&self) -> f64 {
        let m = self.nodes;
        let top = self.level[m - 1];
        let ratio = |k: usize| {
            if self.level[k] > 0.0 {
                top / self.level[k]
            } else {
                f64::INFINITY
            }
        };
        let mut fall = if m >= 2 { ratio(m - 2) } else { 1.0 };
        if m >= 3 {
            fall = larger(fall, ratio(m - 3).sqrt());
        }
        fall.min(1.0)
    }

    /// Whether the top level is signal that continues the fall of those below it.
    pub(super) fn continues(&self) -> bool {
        let m = self.nodes;
        if self.noisy || m < 3 {
            return false;
        }
        let (a, b, c) = (self.level[m - 3], self.level[m - 2], self.level[m - 1]);
        // Fourfold slack: the levels of two parities alternate about the geometric fall.
        self.excess > 8.0 && c <= b && (c / b) <= 4.0 * (b / a)
    }

    /// The top levels that are samples of the noise, in units of that assumed.
    pub(super) fn noise_seen(&self) -> NoiseSeen {
        let odd = self.parity_excess(&self.odd, &self.odd_noise);
        let even = self.parity_excess(&self.even, &self.even_noise);
        NoiseSeen::default().and(odd).and(even)
    }

    /// The noise in f that alone would explain this error.
    pub(super) fn noise_behind(&self, error: f64) -> f64 {
        error / (NOISE_FACTOR * self.noise) * self.sigma
    }

    /// How much the noise exceeds that assumed, as far as a top level is noise.
    pub(super) fn excess_if_noise(&self) -> f64 {
        let seen = self.noise_seen();
        let excess = if seen.is_any() {
            seen.mean_square(0.0).sqrt()
        } else if self.continues() {
            1.0
        } else {
            self.excess
        };
        larger(1.0, excess)
    }

    /// The top level of one parity over its noise; `None` when it is signal.
    fn parity_excess(&self, levels: &[f64; MOST], noise: &[f64; MOST]) -> Option<f64> {
        let m = self.nodes;
        let top = levels[m - 1].abs();
        if noise[m - 1] == 0.0 {
            return None;
        }
        let excess = top / noise[m - 1];
        if excess <= DROWNED {
            return Some(excess);
        }
        let falls = m >= 3 && {
            let (a, b) = (levels[m - 3].abs(), levels[m - 2].abs());
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
        self.fall() * self.level[self.nodes - 1] * self.truncation_weight
    }

    /// Root mean square of the two parities of a level, each over its noise.
    fn excess_of(&self, k: usize, central: bool) -> f64 {
        let odd = self.odd[k] / self.odd_noise[k];
        if !central {
            return odd.abs();
        }
        let even = self.even[k] / self.even_noise[k];
        (0.5 * (odd * odd + even * even)).sqrt()
    }

    /// |f - interpolant| at displacement t, where f is `value`.
    pub(super) fn deviation(&self, task: &Task, center: f64, t: f64, value: f64) -> f64 {
        let (odd, even) = self.quotients_at(t.abs() / power_of_two(self.highest()), task);
        (value - center - t * (odd + t.signum() * even)).abs()
    }

    /// The odd and the even quotient at r times the largest step.
    pub(super) fn quotients_at(&self, r: f64, task: &Task) -> (f64, f64) {
        let u = if task.power == 2 { r * r } else { r };
        let (mut odd, mut even) = (0.0, 0.0);
        for k in (0..self.nodes).rev() {
            odd = odd * u + self.odd[k];
            even = even * u + self.even[k];
        }
        (odd, r * even)
    }
}
