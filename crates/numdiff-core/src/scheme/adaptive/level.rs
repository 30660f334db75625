//! The levels of a fit: the coefficients of its polynomials, each against its noise.

use super::constants::*;
use super::power::{binade, larger, power_of_two};
use super::sampling::Node;
use super::shape::{MOST, Shape};
use super::task::Task;

/// Levels computed side by side: half of them, whose sums fit into the registers.
const HALF: usize = MOST / 2;

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

/// A node on the step of the largest.
#[derive(Clone, Copy, Default)]
struct Scaled {
    slope: f64,
    /// H times the even part over h^2.
    bend: f64,
    /// Variance of f in units of the largest, which neither overflows nor vanishes.
    variance: f64,
}

/// Writes the levels of the window of these nodes, smallest step first, of this shape, with this noise in f at least.
/// The noise assumed, largest over the nodes.
#[inline]
pub(super) fn fit_levels(
    levels: &mut [Level; MOST],
    nodes: &[Node],
    shape: &Shape,
    task: &Task,
    (noise, center): (f64, f64),
) -> f64 {
    let top = nodes[nodes.len() - 1].exponent;
    let rounding = ROUNDING * task.epsilon;
    let (mut widest, mut steepest) = (0.0, 0.0);
    for node in nodes {
        widest = larger(widest, node.binade);
        steepest = larger(steepest, node.slope.abs() + node.bend.abs());
    }
    let floor = larger(larger(noise, task.shift * steepest), LEAST_NOISE);
    let sigma = larger(rounding * widest, floor);
    let unit = sigma * power_of_two(-top);
    let center_noise = larger(rounding * binade(center), noise) / sigma;
    let mut scaled = [Scaled::default(); MOST];
    for (scaled, node) in scaled.iter_mut().zip(nodes) {
        let s = larger(rounding * node.binade, floor) / sigma;
        scaled.slope = node.slope;
        scaled.bend = node.bend * power_of_two(top - node.exponent);
        scaled.variance = s * s;
    }
    let scaled = &scaled[..nodes.len()];
    for first in [0, HALF] {
        if first >= scaled.len() {
            break;
        }
        let levels = &mut levels[first..first + HALF];
        let (mut odd, mut even) = ([0.0; HALF], [0.0; HALF]);
        let (mut odd_variance, mut even_variance) = ([0.0; HALF], [0.0; HALF]);
        let [odd_per, even_per] = &shape.variances;
        for (i, node) in scaled.iter().enumerate() {
            let weights = &shape.weights[i][first..first + HALF];
            let odd_per = &odd_per[i][first..first + HALF];
            let even_per = &even_per[i][first..first + HALF];
            for k in 0..HALF {
                odd[k] += weights[k] * (node.slope - scaled[0].slope);
                even[k] += weights[k] * (node.bend - scaled[0].bend);
                odd_variance[k] += odd_per[k] * node.variance;
                even_variance[k] += even_per[k] * node.variance;
            }
        }
        if first == 0 {
            odd[0] += scaled[0].slope;
            even[0] += scaled[0].bend;
        }
        for (k, level) in levels.iter_mut().enumerate() {
            let noise = |even: usize, variance: f64| {
                let center = shape.centers[even][first + k] * center_noise;
                (variance + center * center).sqrt() * unit
            };
            let (odd_noise, even_noise) = (noise(0, odd_variance[k]), noise(1, even_variance[k]));
            *level = Level::new(odd[k], even[k], odd_noise, even_noise);
        }
    }
    sigma
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
        let least = bend(smallest);
        let (mut odd, mut even) = (0.0, 0.0);
        for (node, weights) in nodes.iter().zip(&shape.weights) {
            odd += weights[k] * (node.slope - smallest.slope);
            even += weights[k] * (bend(node) - least);
        }
        if k == 0 {
            (odd, even) = (smallest.slope, least);
        }
        let unit = sigma * power_of_two(-largest.exponent);
        let [odd_noise, even_noise] = shape.deviations.map(|deviations| deviations[k] * unit);
        Level::new(odd, even, odd_noise, even_noise)
    }
}
