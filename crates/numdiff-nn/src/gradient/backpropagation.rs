//! The chain rule, backward through every layer.

use super::Raw;
use crate::trace::Trace;
use crate::{Batch, Error, Network};
use ndarray::Array2;
use numdiff_core::Real;

pub(super) fn gradient<T: Real>(network: &Network<T>, batch: &Batch<T>) -> Result<Raw, Error> {
    let trace = network.trace(batch)?;
    let loss = trace.finite_loss(network, batch)?;
    let mut dp = vec![T::zero(); network.parameters.len()];
    backward(network, &trace, batch, &mut dp, |_, _| ())?;
    Ok(Raw {
        flat: dp.iter().map(|g| g.widen()).collect(),
        loss,
        evaluations: 1,
        kinks: Vec::new(),
    })
}

/// Adds the gradient to `dp` and shows the derivative of the loss by the outputs of every layer;
/// returns that by the network's inputs.
fn backward<T: Real>(
    network: &Network<T>,
    trace: &Trace<'_, T>,
    batch: &Batch<T>,
    dp: &mut [T],
    mut show: impl FnMut(usize, &Array2<T>),
) -> Result<Array2<T>, Error> {
    let mut dy = network.loss.slope(trace.outputs(), batch.targets());
    for (l, layer) in network.layers.iter().enumerate().rev() {
        show(l, &dy);
        let part = &mut dp[network.offsets[l]..network.offsets[l + 1]];
        dy = layer
            .backward(&trace.at(network, l), &dy, part)
            .ok_or_else(|| Error::NoBackward {
                layer: l,
                name: layer.name(),
            })?;
        network.check_shape(l, "backward", dy.dim(), (batch.len(), network.widths[l]))?;
    }
    Ok(dy)
}

impl<T: Real> Network<T> {
    /// The rounding noise to expect in the loss of `batch`: the last place of the loss, and the
    /// rounding of every value between the layers, carried to the loss by backpropagation and added
    /// in quadrature.
    ///
    /// A difference quotient with step h has an error of a few times noise/(2h) from it, unless it is
    /// computed without cancellation. For most networks it is about one ulp of the loss; it is more
    /// when large outputs make a small loss. Cost: one backpropagation.
    ///
    /// # Errors
    /// As [`gradient`](Self::gradient) with backpropagation.
    pub fn noise(&self, batch: &Batch<T>) -> Result<f64, Error> {
        let trace = self.trace(batch)?;
        let loss = trace.finite_loss(self, batch)?;
        let mut squares = 0.0;
        let mut dp = vec![T::zero(); self.parameters.len()];
        backward(self, &trace, batch, &mut dp, |l, dy| {
            for (d, y) in dy.iter().zip(trace.at(self, l).y) {
                squares += (d.widen() * y.widen()).powi(2);
            }
        })?;
        Ok(f64::EPSILON * loss.abs() + T::EPSILON * squares.sqrt())
    }
}
