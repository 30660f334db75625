//! A window of nodes in the units in which it is fitted, and one level of the fit.

use super::constants::{LEAST_NOISE, ROUNDING, SIGNIFICANT};
use super::larger::larger;
use super::power::{binade, power_of_two};
use super::sampling::Node;
use super::task::Task;
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
        let rounding = ROUNDING * task.epsilon;
        let (mut size, mut widest, mut steepest) = (0.0, 0.0, 0.0);
        for node in nodes {
            size = larger(size, node.size);
            widest = larger(widest, node.binade);
            steepest = larger(steepest, node.slope.abs() + node.bend.abs());
        }
        let floor = larger(larger(noise, task.shift * steepest), LEAST_NOISE);
        let sigma = larger(rounding * widest, floor);
        let mut window = Window {
            nodes: nodes.len(),
            central: task.power == 2,
            slope: [0.0; MOST],
            bend: [0.0; MOST],
            slope_noise: [0.0; MOST],
            bend_noise: [0.0; MOST],
            per_step: [0.0; MOST],
            center_noise: larger(rounding * binade(center), noise) / sigma,
            noise_unit: sigma * power_of_two(-top),
            size,
            sigma,
        };
        for (i, node) in nodes.iter().enumerate() {
            let ratio = power_of_two(top - node.exponent);
            let s = larger(rounding * node.binade, floor) / sigma;
            window.slope[i] = node.slope;
            window.bend[i] = node.bend * ratio;
            let s = s * ratio;
            window.slope_noise[i] = s * s;
            window.bend_noise[i] = window.slope_noise[i] * ratio * ratio;
            window.per_step[i] = if window.central { ratio * ratio } else { ratio };
        }
        window
    }

    /// The top level of the window of the `count` largest steps, whose matrix is `inverse`.
    pub(super) fn top_of(&self, count: usize, inverse: &Inverse) -> Level {
        let [level] = self.levels(count, inverse, count - 1);
        level
    }

    /// Levels `first..first + N` of the window of the `count` largest steps. The levels go side by side:
    /// their sums are independent.
    #[inline]
    pub(super) fn levels<const N: usize>(
        &self,
        count: usize,
        inverse: &Inverse,
        first: usize,
    ) -> [Level; N] {
        let lowest = self.nodes - count;
        let (slope, bend) = (self.slope[lowest], self.bend[lowest]);
        let (mut odd, mut even) = ([0.0; N], [0.0; N]);
        let (mut odd_variance, mut even_variance) = ([0.0; N], [0.0; N]);
        let mut center_weight = [0.0; N];
        for (i, column) in (lowest..self.nodes).zip(&inverse.columns) {
            let weights = &column[first..first + N];
            for k in 0..N {
                let weight = weights[k];
                let square = weight * weight;
                odd[k] += weight * (self.slope[i] - slope);
                even[k] += weight * (self.bend[i] - bend);
                odd_variance[k] += square * self.slope_noise[i];
                even_variance[k] += square * self.bend_noise[i];
                center_weight[k] += weight * self.per_step[i];
            }
        }
        if first == 0 {
            odd[0] += slope;
            even[0] += bend;
        }
        std::array::from_fn(|k| {
            let center = center_weight[k] * self.center_noise;
            let (odd_variance, even_variance) = if self.central {
                // Two independent values of weight 1/2 per node, and f(x).
                let own = 0.5 * even_variance[k];
                (0.5 * odd_variance[k], own + center * center)
            } else {
                (odd_variance[k] + center * center, 0.0)
            };
            let odd_noise = odd_variance.sqrt() * self.noise_unit;
            let even_noise = even_variance.sqrt() * self.noise_unit;
            Level::of(odd[k], even[k], odd_noise, even_noise)
        })
    }
}

impl Level {
    #[inline]
    fn of(odd: f64, even: f64, odd_noise: f64, even_noise: f64) -> Level {
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
                _ => larger(odd.abs(), even.abs()),
            },
            significant: odd_counts || even_counts,
        }
    }
}
