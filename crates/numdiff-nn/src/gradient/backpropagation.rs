//! The chain rule, backward through every layer.

use super::{Gradient, Task};
use crate::layers::At;
use crate::network::Trace;
use crate::{Batch, Error, Layer, Loss, Network, OwnLoss, Spec};
use ndarray::Array2;
use numdiff_core::Real;

pub(super) fn gradient<T: Real>(task: &Task<'_, T>, out: &mut Gradient) -> Result<(), Error> {
    let mut dp = vec![T::zero(); task.network.parameters.len()];
    backward(task.network, &task.trace, task.batch, &mut dp, |_, _| ())?;
    out.flat = dp.iter().map(|g| g.widen()).collect();
    Ok(())
}

/// Adds the gradient to `dp` and shows the derivative of the loss by the outputs of every layer.
fn backward<T: Real>(
    network: &Network<T>,
    trace: &Trace<'_, T>,
    batch: &Batch<T>,
    dp: &mut [T],
    mut show: impl FnMut(usize, &Array2<T>),
) -> Result<(), Error> {
    if let Loss::Own(own @ OwnLoss { slope: None, .. }) = network.loss {
        return Err(Error::NoSlope { loss: own.name });
    }
    let mut dy = network.loss.slope(trace.outputs(), batch.targets());
    for (l, layer) in network.layers.iter().enumerate().rev() {
        show(l, &dy);
        let part = &mut dp[network.offsets[l]..network.offsets[l + 1]];
        let dx = layer.backward(&trace.at(network, l), &dy, part);
        dy = dx.ok_or_else(|| Error::NoBackward {
            layer: l,
            name: layer.name(),
        })?;
        network.check_shape(l, "backward", dy.dim(), (batch.len(), network.widths[l]))?;
    }
    Ok(())
}

/// The sizes of what each output is the sum of: its terms may cancel. The outputs themselves of a layer
/// that is not known.
fn summed_sizes<T: Real>(layer: &dyn Layer<T>, at: &At<'_, T>) -> Array2<T> {
    match layer.spec() {
        Some(Spec::Dense(_) | Spec::Conv2d(_)) => {
            let parameters: Vec<T> = at.parameters.iter().map(|p| p.abs()).collect();
            layer.forward(&parameters, &at.x.mapv(|x| x.abs()))
        }
        _ => at.y.clone(),
    }
}

impl<T: Real> Network<T> {
    /// Estimates the rounding noise of the loss of `batch`, in the unit of the loss. It is made of the last place of
    /// the loss and of the rounding of every value between the layers (of the terms of a sum, which may cancel), which
    /// backpropagation carries to the loss. The contributions are added in quadrature. The cost is one backpropagation.
    ///
    /// An entry of a gradient by [`Naive`](crate::GradientAlgorithm::Naive) or
    /// [`Incremental`](crate::GradientAlgorithm::Incremental) differs by at most 8 noise / (2h) from the exact central
    /// difference. Where a step moves a value by more than its size, the larger of the noises at w + h and w - h
    /// counts. For most networks the noise is a few units in the last place of the loss; it is larger if large outputs
    /// make a small loss.
    ///
    /// # Errors
    /// Those of [`gradient`](Self::gradient) with backpropagation.
    pub fn noise(&self, batch: &Batch<T>) -> Result<f64, Error> {
        let trace = self.trace(batch)?;
        let loss = trace.finite_loss(self, batch)?;
        let mut squares = 0.0;
        let mut dp = vec![T::zero(); self.parameters.len()];
        backward(self, &trace, batch, &mut dp, |l, dy| {
            let sizes = summed_sizes(&*self.layers[l], &trace.at(self, l));
            for (d, y) in dy.iter().zip(&sizes) {
                squares += (d.widen() * y.widen()).powi(2);
            }
        })?;
        // ln(y + epsilon) rounds y, which is 1 where a prediction is certain.
        let own = match self.loss {
            Loss::SoftmaxCrossEntropy { .. } => loss.abs() + 1.0,
            _ => loss.abs(),
        };
        Ok(f64::EPSILON * own + T::EPSILON * squares.sqrt())
    }
}
