//! The rungs, on the part of a network that is a chain.

use super::chain::Chain;
use super::dispatch::Level;
use super::{algebra, backprop, incremental, node};
use crate::trace::Trace;
use crate::{Batch, GradientMethod, Network, Rung};

/// What the kernels did.
pub(crate) struct Done {
    /// The layers of the network from this one on.
    pub first: usize,
    /// Flat indices of parameters between whose two sides a kink lies.
    pub kinks: Vec<usize>,
    /// Evaluations of what lies behind a moved value: two for each of them.
    pub evaluations: usize,
}

/// Fills `flat`, the whole gradient, for the parameters of the last layers as far as the
/// kernels understand them. `None`, with `flat` untouched, when they do not: no affine layer
/// at the end, a loss or a step that the rung's kernel leaves to the general program.
pub(crate) fn fill(
    network: &Network<f64>,
    trace: &Trace<f64>,
    batch: &Batch<f64>,
    method: &GradientMethod,
    flat: &mut [f64],
) -> Option<Done> {
    let level = method.level.unwrap_or_else(Level::best);
    let chain = Chain::new(network, trace, batch, level)?;
    let mut done = Done {
        first: chain.first,
        kinks: Vec::new(),
        evaluations: 0,
    };
    if method.rung == Rung::Backpropagation {
        for (layer, units) in chain.layers.iter().zip(backprop::gradient(&chain, level)) {
            let scale = 1.0 / chain.samples as f64;
            layer.write(&units, flat, |_| scale);
        }
        return Some(done);
    }
    let setting = Setting {
        step: method.step,
        nominal: method.nominal,
        threads: method.threads,
        level,
    };
    let results: Option<Vec<Units>> = (0..chain.layers.len())
        .map(|l| match method.rung {
            Rung::Incremental => incremental::gradient(&chain, l, &setting),
            Rung::NodePerturbation => node::gradient(&chain, l, &setting),
            _ => algebra::gradient(&chain, l, &setting),
        })
        .collect();
    for (layer, units) in chain.layers.iter().zip(results?) {
        let samples = chain.samples as f64;
        layer.write(&units.differences, flat, |w| {
            let moves = match method.rung {
                Rung::Incremental => setting.moves(w),
                _ => [method.step; 2],
            };
            1.0 / (samples * setting.divisor(moves))
        });
        done.kinks
            .extend(units.kinks.iter().map(|&(i, k)| layer.parameter(i, k)));
        done.evaluations += 2 * match method.rung {
            Rung::NodePerturbation => layer.outputs,
            _ => layer.len(),
        };
    }
    done.kinks.sort_unstable();
    Some(done)
}

/// Differences of the summed loss for one layer.
pub(crate) struct Units {
    /// One row per unit: its inputs, its bias, padding.
    pub differences: Vec<f64>,
    /// (input, unit) of the parameters that span a kink; the bias counts as the last input.
    pub kinks: Vec<(usize, usize)>,
}

/// What a rung is asked for.
pub(crate) struct Setting {
    pub step: f64,
    pub nominal: bool,
    pub threads: usize,
    pub level: Level,
}

impl Setting {
    /// How far a parameter really moves, up and down.
    pub fn moves(&self, w: f64) -> [f64; 2] {
        [(w + self.step) - w, w - (w - self.step)]
    }

    /// What a difference is divided by.
    pub fn divisor(&self, [up, down]: [f64; 2]) -> f64 {
        if self.nominal {
            2.0 * self.step
        } else {
            up + down
        }
    }
}

impl super::chain::Affine<'_> {
    /// Flat index of the weight of unit `k` for input `i`, or of its bias.
    fn parameter(&self, i: usize, k: usize) -> usize {
        self.offset + i * self.outputs + k
    }

    /// From one row per unit to the network's order, each times `scale` of its parameter.
    fn write(&self, units: &[f64], flat: &mut [f64], scale: impl Fn(f64) -> f64) {
        let width = self.width();
        let rows = self.rows();
        let out = &mut flat[self.offset..self.offset + self.len()];
        // In blocks of units and inputs that stay in the cache while they are turned over.
        const BLOCK: usize = 16;
        for start in (0..rows).step_by(BLOCK) {
            for k in 0..self.outputs {
                for i in start..(start + BLOCK).min(rows) {
                    let w = if i < self.inputs {
                        self.weights[i * self.outputs + k]
                    } else {
                        self.bias[k]
                    };
                    out[i * self.outputs + k] = units[k * width + i] * scale(w);
                }
            }
        }
    }
}
