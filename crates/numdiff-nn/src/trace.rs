//! One forward pass with everything it computed: the point around which things move.

use crate::layer::At;
use crate::{Batch, Error, Network};
use ndarray::Array2;
use numdiff_core::Real;

/// The values between the layers for one batch.
pub(crate) struct Trace<'n, T: Real> {
    network: &'n Network<T>,
    /// `values[l]` enters layer l; the last are the outputs.
    values: Vec<Array2<T>>,
    memory: Vec<Vec<T>>,
}

impl<'n, T: Real> Trace<'n, T> {
    pub(crate) fn new(network: &'n Network<T>, batch: &Batch<T>) -> Result<Self, Error> {
        let mut values = vec![batch.x().to_owned()];
        let mut memory = Vec::new();
        for l in 0..network.layers.len() {
            let y = network.layer_forward(l, &network.parameters, &values[l])?;
            memory.push(network.layers[l].remember(layer_parameters(network, l), &values[l], &y));
            values.push(y);
        }
        Ok(Self {
            network,
            values,
            memory,
        })
    }

    /// What layer `l` needs to know.
    pub(crate) fn at(&self, l: usize) -> At<'_, T> {
        At {
            parameters: layer_parameters(self.network, l),
            x: &self.values[l],
            y: &self.values[l + 1],
            memory: &self.memory[l],
        }
    }

    /// The network's outputs.
    pub(crate) fn outputs(&self) -> &Array2<T> {
        &self.values[self.network.layers.len()]
    }

    /// The loss, or where it stopped being finite.
    pub(crate) fn finite_loss(&self, batch: &Batch<T>) -> Result<f64, Error> {
        let loss = self.network.loss.mean(self.outputs(), batch.targets());
        if loss.is_finite() {
            return Ok(loss);
        }
        let first = |l: usize| self.values[l + 1].iter().copied().find(|v| !v.is_finite());
        let (layer, what, value) = (0..self.network.layers.len())
            .find_map(|l| first(l).map(|v| (l, "output", v.widen())))
            .unwrap_or((self.network.layers.len() - 1, "loss", loss));
        Err(Error::NonFiniteOutput {
            what,
            value,
            layer,
            name: self.network.layers[layer].name(),
            // The layer itself may hold no parameters (an overflowing activation): the block that
            // fed it is the last one before.
            block: self
                .network
                .blocks
                .iter()
                .rfind(|b| b.layer <= layer)
                .map(|b| {
                    let of_layer = self.network.blocks.iter().find(|c| c.layer == b.layer);
                    of_layer.map_or_else(|| b.name.clone(), |c| c.name.clone())
                }),
        })
    }
}

fn layer_parameters<T: Real>(network: &Network<T>, l: usize) -> &[T] {
    &network.parameters[network.offsets[l]..network.offsets[l + 1]]
}
