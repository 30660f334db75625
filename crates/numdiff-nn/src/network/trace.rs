//! One forward pass with everything it computed: the point around which things move.

use crate::layers::At;
use crate::{Batch, Error, Network};
use ndarray::Array2;
use numdiff_core::Real;

/// The values between the layers for one batch.
#[derive(Debug)]
pub(crate) struct Trace<'b, T: Real> {
    x: &'b Array2<T>,
    /// `values[l]` leaves layer l; the last are the outputs.
    values: Vec<Array2<T>>,
    memory: Vec<Vec<T>>,
}

impl<'b, T: Real> Trace<'b, T> {
    pub(crate) fn new(network: &Network<T>, batch: &'b Batch<T>) -> Result<Self, Error> {
        let mut trace = Self {
            x: batch.x(),
            values: Vec::with_capacity(network.layers.len()),
            memory: Vec::with_capacity(network.layers.len()),
        };
        for l in 0..network.layers.len() {
            let x = trace.input(l);
            let y = network.layer_forward(l, &network.parameters, x)?;
            let memory = network.layers[l].remember(layer_parameters(network, l), x, &y);
            trace.memory.push(memory);
            trace.values.push(y);
        }
        Ok(trace)
    }

    /// What enters layer `l`.
    fn input(&self, l: usize) -> &Array2<T> {
        match l {
            0 => self.x,
            _ => &self.values[l - 1],
        }
    }

    /// What layer `l` needs to know.
    pub(crate) fn at<'a>(&'a self, network: &'a Network<T>, l: usize) -> At<'a, T> {
        At {
            parameters: layer_parameters(network, l),
            x: self.input(l),
            y: &self.values[l],
            memory: &self.memory[l],
        }
    }

    /// The network's outputs.
    pub(crate) fn outputs(&self) -> &Array2<T> {
        &self.values[self.values.len() - 1]
    }

    /// The loss, or where it stopped being finite.
    pub(crate) fn finite_loss(&self, network: &Network<T>, batch: &Batch<T>) -> Result<f64, Error> {
        let loss = network.loss.mean(self.outputs(), batch.targets());
        if loss.is_finite() {
            return Ok(loss);
        }
        let first = |l: usize| self.values[l].iter().copied().find(|v| !v.is_finite());
        let (layer, what, value) = (0..network.layers.len())
            .find_map(|l| first(l).map(|v| (l, "output", v.widen())))
            .unwrap_or((network.layers.len() - 1, "loss", loss));
        Err(Error::NonFiniteOutput {
            what,
            value,
            layer,
            name: network.layers[layer].name(),
            // The layer itself may hold no parameters (an overflowing activation): the block that
            // fed it is the last one before.
            block: network.blocks.iter().rfind(|b| b.layer <= layer).map(|b| {
                let of_layer = network.blocks.iter().find(|c| c.layer == b.layer);
                of_layer.map_or_else(|| b.name.clone(), |c| c.name.clone())
            }),
        })
    }
}

fn layer_parameters<T: Real>(network: &Network<T>, l: usize) -> &[T] {
    &network.parameters[network.offsets[l]..network.offsets[l + 1]]
}
