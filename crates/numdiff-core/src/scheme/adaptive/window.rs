//! A window of nodes in the units in which it is fitted, and one level of the fit.

use super::constants::{LEAST_NOISE, ROUNDING, SIGNIFICANT};
use super::fit::Task;
use super::power::{exponent, power_of_two};
use super::sampling::Node;
use super::vandermonde::{Inverse, MOST};

/// Nodes on the step of the largest: slopes, and H times the even part over h^2.
pub(super) struct Window {
    nodes: usize,
    central: bool,
    slope: [f64; MOST],
    bend: [f64; MOST],
    /// Variances in units of `(sigma / H)^2`, which neither overflow nor vanish.
    slope_noise: [f64; MOST],
    bend_noise: [f64; MOST],
    /// How the noise of f(x) enters each node.
    per_step: [f64; MOST],
    center_noise: f64,
    noise_unit: f64,
    /// Largest |f|.
    pub size: f64,
    /// Noise assumed, largest over the nodes.
    pub sigma: f64,
}

/// A coefficient of the polynomial, odd and even, against its noise.
pub(super) struct Level {
    pub odd: f64,
    pub even: f64,
    pub odd_noise: f64,
    pub even_noise: f64,
    /// The larger of the two that matter.
    pub size: f64,
    pub significant: bool,
}

impl Window {
    /// Smallest step first.
    pub(super) fn new(nodes: &[Node], task: &Task, noise: f64, center: f64) -> Window {
        let top = nodes[nodes.len() - 1].exponent;
        let size = nodes.iter().fold(0.0_f64, |size, node| size.max(node.size));
        let rounding = ROUNDING * task.epsilon;
        let sigma = (rounding * binade(size)).max(noise).max(LEAST_NOISE);
        let mut window = Window {
            nodes: nodes.len(),
            central: task.power == 2,
            slope: [0.0; MOST],
            bend: [0.0; MOST],
            slope_noise: [0.0; MOST],
            bend_noise: [0.0; MOST],
            per_step: [0.0; MOST],
            center_noise: (rounding * binade(center)).max(noise) / sigma,
            noise_unit: sigma * power_of_two(-top),
            size,
            sigma,
        };
        for (i, node) in nodes.iter().enumerate() {
            let ratio = power_of_two(top - node.exponent);
            let s = (rounding * binade(node.size)).max(noise).max(LEAST_NOISE) / sigma;
            window.slope[i] = node.slope;
            window.bend[i] = node.bend * ratio;
            let s = s * ratio;
            window.slope_noise[i] = s * s;
            window.bend_noise[i] = window.slope_noise[i] * ratio * ratio;
            window.per_step[i] = if window.central { ratio * ratio } else { ratio };
        }
        window
    }

    /// Level `k`; `inverse` is that of the window's steps.
    pub(super) fn level(&self, inverse: &Inverse, k: usize) -> Level {
        let row = &inverse.rows[k];
        let (mut odd, mut even) = (0.0, 0.0);
        let (mut odd_variance, mut even_variance, mut center_weight) = (0.0, 0.0, 0.0);
        for i in 0..self.nodes {
            let weight = row[i];
            let square = weight * weight;
            odd += weight * (self.slope[i] - self.slope[0]);
            odd_variance += square * self.slope_noise[i];
            if self.central {
                even += weight * (self.bend[i] - self.bend[0]);
                even_variance += square * self.bend_noise[i];
            }
            center_weight += weight * self.per_step[i];
        }
        if k == 0 {
            odd += self.slope[0];
            even += self.bend[0];
        }
        let center_part = center_weight * self.center_noise;
        if self.central {
            // Two independent values of weight 1/2 per node, and f(x).
            odd_variance *= 0.5;
            even_variance = 0.5 * even_variance + center_part * center_part;
        } else {
            odd_variance += center_part * center_part;
        }
        let odd_noise = odd_variance.sqrt() * self.noise_unit;
        let even_noise = even_variance.sqrt() * self.noise_unit;
        let odd_counts = odd.abs() > SIGNIFICANT * odd_noise;
        let even_counts = even.abs() > SIGNIFICANT * even_noise;
        Level {
            odd,
            even,
            odd_noise,
            even_noise,
            size: match (odd_counts, even_counts) {
                (true, false) => odd.abs(),
                (false, true) => even.abs(),
                _ => odd.abs().max(even.abs()),
            },
            significant: odd_counts || even_counts,
        }
    }
}

/// The largest power of two that is no larger than |x|: roundings are the same on a binade.
fn binade(x: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
    match x.to_bits() & EXPONENT {
        0 => power_of_two(exponent(x)),
        bits => f64::from_bits(bits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binades() {
        for x in [
            f64::from_bits(1),
            3e-310,
            f64::MIN_POSITIVE,
            1.0,
            1.9,
            7e200,
            f64::MAX,
        ] {
            assert_eq!(binade(x), power_of_two(exponent(x)));
            assert_eq!(binade(-x), binade(x));
        }
        assert_eq!(binade(0.0), f64::from_bits(1));
    }
}
