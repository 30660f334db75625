//! The chain rule, backward through every layer.

use super::Raw;
use crate::{Batch, Error, Network};
use numdiff_core::Real;

pub(super) fn gradient<T: Real>(network: &Network<T>, batch: &Batch<T>) -> Result<Raw, Error> {
    let trace = network.trace(batch)?;
    let loss = trace.finite_loss(batch)?;
    let mut dp = vec![T::zero(); network.parameters.len()];
    let mut dy = network.loss.slope(trace.outputs(), batch.targets());
    for (l, layer) in network.layers.iter().enumerate().rev() {
        let part = &mut dp[network.offsets[l]..network.offsets[l + 1]];
        dy = layer
            .backward(&trace.at(l), &dy, part)
            .ok_or_else(|| Error::NoBackward {
                layer: l,
                name: layer.name(),
            })?;
        network.check_shape(l, "backward", dy.dim(), (batch.len(), network.widths[l]))?;
    }
    Ok(Raw {
        flat: dp.iter().map(|g| g.widen()).collect(),
        loss,
        evaluations: 1,
        kinks: Vec::new(),
    })
}
