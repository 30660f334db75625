//! A window of nodes in the units in which it is fitted, and the levels of the fit.

use super::constants::*;
use super::power::{binade, larger, power_of_two};
use super::sampling::Node;
use super::task::Task;
use super::vandermonde::{Inverse, MOST};

/// A node on the step of the largest.
#[derive(Clone, Copy, Default)]
struct Scaled {
    slope: f64,
    /// H times the even part over h^2.
    bend: f64,
    /// Variances in units of `(sigma / H)^2`, which neither overflow nor vanish.
    slope_noise: f64,
    bend_noise: f64,
    /// How the noise of f(x) enters.
    per_step: f64,
}

pub(super) struct Window {
    count: usize,
    central: bool,
    nodes: [Scaled; MOST],
    center_noise: f64,
    noise_unit: f64,
    /// Largest |f|.
    pub size: f64,
    /// Noise assumed, largest over the nodes.
    pub sigma: f64,
}

/// A coefficient of the polynomial, odd and even, against its noise, one standard deviation.
#[derive(Clone, Copy, Debug, Default)]
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
        let central = task.power == 2;
        let mut scaled = [Scaled::default(); MOST];
        for (scaled, node) in scaled.iter_mut().zip(nodes) {
            let ratio = power_of_two(top - node.exponent);
            let s = larger(rounding * node.binade, floor) / sigma * ratio;
            *scaled = Scaled {
                slope: node.slope,
                bend: node.bend * ratio,
                slope_noise: s * s,
                bend_noise: s * s * ratio * ratio,
                per_step: if central { ratio * ratio } else { ratio },
            };
        }
        Window {
            count: nodes.len(),
            central,
            nodes: scaled,
            center_noise: larger(rounding * binade(center), noise) / sigma,
            noise_unit: sigma * power_of_two(-top),
            size,
            sigma,
        }
    }

    /// Levels `first..first + N` of the window of the `count` largest steps, whose matrix is `inverse`. The
    /// levels go side by side: their sums are independent.
    #[inline]
    pub(super) fn levels<const N: usize>(
        &self,
        count: usize,
        inverse: &Inverse,
        first: usize,
    ) -> [Level; N] {
        let nodes = &self.nodes[self.count - count..self.count];
        let (mut odd, mut even) = ([0.0; N], [0.0; N]);
        let (mut odd_variance, mut even_variance) = ([0.0; N], [0.0; N]);
        let mut center_weight = [0.0; N];
        for (node, column) in nodes.iter().zip(&inverse.columns) {
            let weights = &column[first..first + N];
            for k in 0..N {
                let weight = weights[k];
                let square = weight * weight;
                odd[k] += weight * (node.slope - nodes[0].slope);
                even[k] += weight * (node.bend - nodes[0].bend);
                odd_variance[k] += square * node.slope_noise;
                even_variance[k] += square * node.bend_noise;
                center_weight[k] += weight * node.per_step;
            }
        }
        if first == 0 {
            odd[0] += nodes[0].slope;
            even[0] += nodes[0].bend;
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
            let odd_counts = odd[k].abs() > SIGNIFICANT * odd_noise;
            let even_counts = even[k].abs() > SIGNIFICANT * even_noise;
            Level {
                odd: odd[k],
                even: even[k],
                odd_noise,
                even_noise,
                size: match (odd_counts, even_counts) {
                    (true, false) => odd[k].abs(),
                    (false, true) => even[k].abs(),
                    _ => larger(odd[k].abs(), even[k].abs()),
                },
                significant: odd_counts || even_counts,
            }
        })
    }
}
