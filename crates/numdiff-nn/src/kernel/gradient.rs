//! The algorithms, on the part of a network that is a chain.

use super::chain::Chain;
use super::dispatch::SimdLevel;
use super::{algebra, backprop, incremental, node};
use crate::trace::Trace;
use crate::{Batch, GradientAlgorithm, GradientMethod, Network};

/// What the kernels did.
pub(crate) struct Done {
    /// The layers of the network from this one on are their part.
    pub first: usize,
    /// Those of them that they left to the general program.
    pub left: Vec<usize>,
    /// Flat indices of parameters between whose two sides a kink lies.
    pub kinks: Vec<usize>,
    /// Evaluations of what lies behind a moved value: two for each of them.
    pub evaluations: usize,
}

/// Fills `flat`, the whole gradient, which is all zeros, for the parameters of the last layers as far
/// as the kernels understand them; `None` without an affine layer at the end. A loss, or a step that
/// is too large for the kernel's arithmetic, leaves a layer to the general program.
pub(crate) fn fill(
    network: &Network<f64>,
    trace: &Trace<'_, f64>,
    batch: &Batch<f64>,
    method: &GradientMethod,
    flat: &mut [f64],
) -> Option<Done> {
    let setting = Setting {
        step: method.step,
        nominal: method.nominal,
        threads: method.threads,
        level: method.level.unwrap_or_else(SimdLevel::best),
    };
    let chain = Chain::new(network, trace, batch, setting.level)?;
    let mut done = Done {
        first: chain.first,
        left: Vec::new(),
        kinks: Vec::new(),
        evaluations: 0,
    };
    if method.algorithm == GradientAlgorithm::Backpropagation {
        backprop::gradient(&chain, &setting, flat);
        return Some(done);
    }
    for (l, layer) in chain.layers.iter().enumerate() {
        let out = &mut flat[layer.offset..layer.offset + layer.len()];
        let kinks = match method.algorithm {
            GradientAlgorithm::Incremental => incremental::gradient(&chain, l, &setting, out),
            GradientAlgorithm::NodePerturbation => node::gradient(&chain, l, &setting, out),
            _ => algebra::gradient(&chain, l, &setting, out),
        };
        let Some(kinks) = kinks else {
            done.left.push(layer.index);
            continue;
        };
        let kinks = kinks.into_iter().map(|(i, k)| layer.parameter(i, k));
        done.kinks.extend(kinks);
        done.evaluations += 2 * match method.algorithm {
            GradientAlgorithm::NodePerturbation => layer.outputs,
            _ => layer.len(),
        };
    }
    Some(done)
}

/// (input, unit) of the parameters of a layer between whose two sides a kink lies; the bias counts as
/// the last input.
pub(crate) type Kinks = Vec<(usize, usize)>;

/// What an algorithm is asked for.
pub(crate) struct Setting {
    pub step: f64,
    pub nominal: bool,
    pub threads: usize,
    pub level: SimdLevel,
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

    /// What a difference of the summed loss is multiplied by where everything moves by the step.
    pub fn scale(&self, samples: usize) -> f64 {
        1.0 / (samples as f64 * self.divisor([self.step; 2]))
    }
}

impl super::chain::Affine<'_> {
    /// Flat index of the weight of unit `k` for input `i`, or of its bias.
    fn parameter(&self, i: usize, k: usize) -> usize {
        self.offset + i * self.outputs + k
    }
}
