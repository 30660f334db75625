//! How far a movement reaches: bounds on everything behind a moved unit.
//!
//! With the absolute values of the weights and a bound on the slope of each activation, a
//! pre-activation moved by u, real or complex, moves every later value by at most lambda
//! |u|. Within |lambda u| <= 1/2 all activations and losses are analytic:
//! - the sigmoid's poles lie pi away, those of tanh pi/2;
//! - the softmax loss is the logarithm of a mean of e^(d_j - d_t), |d_j - d_t| <= 1, whose
//!   real part is at least cos(1)/e.
//!
//! So the series of the loss in u converges for |u| < r = 1 / (2 lambda), and by Cauchy's
//! estimate what follows the power D is, relative to the bound on the first term, at most
//! about (|u| / r)^D. A ReLU is analytic as long as its argument keeps its sign.

use super::chain::Chain;

/// A movement of an output beyond which the identities would lose digits: with |d| <= 1 no 1 + F falls
/// below e^-2.
const LONGEST: f64 = 1.0;

/// Bounds for movements of the units of one layer.
pub(crate) struct Reach {
    /// The largest lambda: over all units and all values behind them.
    lambda: f64,
    /// For each ReLU layer from this one on: its index and lambda of each of its arguments
    /// (columns) for each moved unit (rows).
    kinked: Vec<(usize, Vec<f64>)>,
}

impl Reach {
    pub fn new(chain: &Chain<'_>, l: usize) -> Self {
        let units = chain.layers[l].outputs;
        let mut reach = Self {
            lambda: 1.0,
            kinked: Vec::new(),
        };
        // Row k: lambda of each value of the current layer for moved unit k.
        let mut rows: Vec<Vec<f64>> = (0..units)
            .map(|k| (0..units).map(|j| if j == k { 1.0 } else { 0.0 }).collect())
            .collect();
        for (m, layer) in chain.layers.iter().enumerate().skip(l) {
            if m > l {
                for row in &mut rows {
                    let mut next = vec![0.0; layer.outputs];
                    for (moved, weights) in
                        row.iter().zip(layer.weights.chunks_exact(layer.outputs))
                    {
                        if *moved > 0.0 {
                            for (next, w) in next.iter_mut().zip(weights) {
                                *next += moved * w.abs();
                            }
                        }
                    }
                    *row = next;
                }
            }
            reach.widen(&rows);
            if layer.curve.has_kink() {
                reach.kinked.push((m, rows.concat()));
            }
            let slope = layer.curve.slope_bound();
            rows.iter_mut().flatten().for_each(|moved| *moved *= slope);
            reach.widen(&rows);
        }
        reach
    }

    /// A bound on every movement behind the units when they move by `u`; `None` where it is too long for the
    /// identities.
    pub fn movement(&self, u: f64) -> Option<f64> {
        let movement = u * self.lambda;
        (movement <= LONGEST).then_some(movement)
    }

    fn widen(&mut self, rows: &[Vec<f64>]) {
        self.lambda = rows.iter().flatten().copied().fold(self.lambda, f64::max);
    }

    /// The samples and units for which a movement by up to `extent[n]` may carry an
    /// argument of a ReLU across 0: sorted by unit, then by sample.
    pub fn kinks(&self, chain: &Chain<'_>, l: usize, extent: &[f64]) -> Vec<Vec<usize>> {
        let units = chain.layers[l].outputs;
        let mut found = vec![Vec::new(); units];
        if self.kinked.is_empty() {
            return found;
        }
        for (k, found) in found.iter_mut().enumerate() {
            for (n, extent) in extent.iter().enumerate() {
                let crosses = |(m, lambda): &(usize, Vec<f64>)| {
                    let width = chain.layers[*m].outputs;
                    let a = &chain.layers[*m].a[n * width..(n + 1) * width];
                    let lambda = &lambda[k * width..(k + 1) * width];
                    // "Not more" instead of "less": a = 0 with lambda 0 does not move.
                    a.iter()
                        .zip(lambda)
                        .any(|(a, lambda)| *lambda > 0.0 && a.abs() <= lambda * extent)
                };
                if self.kinked.iter().any(crosses) {
                    found.push(n);
                }
            }
        }
        found
    }
}
