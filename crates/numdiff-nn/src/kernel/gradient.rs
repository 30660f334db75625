//! The algorithms, on the part of a network that is a chain.

use super::chain::Chain;
use super::{algebra, backprop, incremental, node};
use crate::network::Trace;
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

/// Fills `flat`, the whole gradient, which is all zeros, for the parameters of the last layers as far as the kernels
/// understand them; `None` without an affine layer at the end, and for backpropagation with another layer anywhere. A
/// step that is too large for the kernel's arithmetic leaves a layer to the general program.
pub(crate) fn fill(
    network: &Network<f64>,
    trace: &Trace<'_, f64>,
    batch: &Batch<f64>,
    method: &GradientMethod,
    flat: &mut [f64],
) -> Option<Done> {
    let method = &method.with_level(method.simd_level());
    let chain = Chain::new(network, trace, batch, method.simd_level())?;
    let mut done = Done {
        first: chain.first,
        left: Vec::new(),
        kinks: Vec::new(),
        evaluations: 0,
    };
    if method.algorithm == GradientAlgorithm::Backpropagation {
        // From the loss to the first layer it is one pass.
        return (chain.first == 0).then(|| {
            backprop::gradient(&chain, method, flat);
            done
        });
    }
    for (l, layer) in chain.layers.iter().enumerate() {
        let out = &mut flat[layer.offset..layer.offset + layer.len()];
        let kinks = match method.algorithm {
            GradientAlgorithm::Incremental => incremental::gradient(&chain, l, method, out),
            GradientAlgorithm::NodePerturbation => node::gradient(&chain, l, method, out),
            _ => algebra::gradient(&chain, l, method, out),
        };
        let Some(kinks) = kinks else {
            done.left.push(layer.index);
            continue;
        };
        let flat = |(i, k)| layer.offset + i * layer.outputs + k;
        done.kinks.extend(kinks.into_iter().map(flat));
        done.evaluations += 2 * match method.algorithm {
            GradientAlgorithm::NodePerturbation => layer.outputs,
            _ => layer.len(),
        };
    }
    Some(done)
}
