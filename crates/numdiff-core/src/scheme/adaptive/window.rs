//! A window of nodes in the units in which it is fitted, and the levels of the fit.

use super::constants::*;
use super::power::{binade, larger, power_of_two};
use super::sampling::Node;
use super::shape::{MOST, Shape};
use super::task::Task;

/// A node on the step of the largest.
#[derive(Clone, Copy, Default)]
struct Scaled {
    slope: f64,
    /// H times the even part over h^2.
    bend: f64,
    /// Variance of f in units of `sigma^2`, which neither overflows nor vanishes.
    variance: f64,
}

pub(super) struct Window {
    count: usize,
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
    #[inline]
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
            count: nodes.len(),
            nodes: [Scaled::default(); MOST],
            center_noise: larger(rounding * binade(center), noise) / sigma,
            noise_unit: sigma * power_of_two(-top),
            size,
            sigma,
        };
        for (scaled, node) in window.nodes.iter_mut().zip(nodes) {
            let s = larger(rounding * node.binade, floor) / sigma;
            *scaled = Scaled {
                slope: node.slope,
                bend: node.bend * power_of_two(top - node.exponent),
                variance: s * s,
            };
        }
        window
    }

    /// Levels from `first` on, as many as there are places, of a window of this shape. The levels go side by side:
    /// their sums are independent.
    #[inline]
    pub(super) fn levels<const N: usize>(
        &self,
        shape: &Shape,
        first: usize,
        levels: &mut [Level; N],
    ) {
        let nodes = &self.nodes[..self.count];
        let (mut odd, mut even) = ([0.0; N], [0.0; N]);
        let (mut odd_variance, mut even_variance) = ([0.0; N], [0.0; N]);
        for (i, node) in nodes.iter().enumerate() {
            let weights = &shape.weights[i][first..first + N];
            let [odd_per, even_per] = &shape.variances;
            let odd_per = &odd_per[i][first..first + N];
            let even_per = &even_per[i][first..first + N];
            for k in 0..N {
                odd[k] += weights[k] * (node.slope - nodes[0].slope);
                even[k] += weights[k] * (node.bend - nodes[0].bend);
                odd_variance[k] += odd_per[k] * node.variance;
                even_variance[k] += even_per[k] * node.variance;
            }
        }
        if first == 0 {
            odd[0] += nodes[0].slope;
            even[0] += nodes[0].bend;
        }
        for (k, level) in levels.iter_mut().enumerate() {
            let noise = |even: usize, variance: f64| {
                let center = shape.centers[even][first + k] * self.center_noise;
                (variance + center * center).sqrt() * self.noise_unit
            };
            let (odd_noise, even_noise) = (noise(0, odd_variance[k]), noise(1, even_variance[k]));
            *level = Level::new(odd[k], even[k], odd_noise, even_noise);
        }
    }
}

impl Level {
    #[inline]
    fn new(odd: f64, even: f64, odd_noise: f64, even_noise: f64) -> Level {
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

    /// The highest level of the window of these nodes, of this shape, in a noise that is `sigma` everywhere.
    #[inline]
    pub(super) fn highest(shape: &Shape, nodes: &[Node], sigma: f64) -> Level {
        let k = nodes.len() - 1;
        let (smallest, largest) = (&nodes[0], &nodes[k]);
        let bend = |node: &Node| node.bend * power_of_two(largest.exponent - node.exponent);
        let (mut odd, mut even) = (0.0, 0.0);
        for (node, weights) in nodes.iter().zip(&shape.weights) {
            odd += weights[k] * (node.slope - smallest.slope);
            even += weights[k] * (bend(node) - bend(smallest));
        }
        let unit = sigma * power_of_two(-largest.exponent);
        let [odd_noise, even_noise] = shape.deviations.map(|deviations| deviations[k] * unit);
        Level::new(odd, even, odd_noise, even_noise)
    }
}
