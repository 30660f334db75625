//! A network from step to step of its training, and after it.

use crate::error::require_finite;
use crate::{Error, Network};
use ndarray::ArrayRef2;
use numdiff_core::Real;
use std::sync::Arc;

impl<T: Real> Network<T> {
    /// Returns the network as it is used after training. Dropout passes everything, and batch normalization uses fixed
    /// statistics: the running ones if it collects them, otherwise those of `x`, (samples, inputs). Pass representative
    /// data, such as the training set. The cost is one forward pass.
    ///
    /// # Errors
    /// Those of [`predict`](Self::predict).
    pub fn inference(&self, x: &ArrayRef2<T>) -> Result<Self, Error> {
        self.check_data(x)?;
        let mut network = self.clone();
        let mut values = x.to_owned();
        for l in 0..self.layers.len() {
            if let Some(layer) = self.layers[l].inference(&values, &self.statistics[l]) {
                network.statistics[l] = vec![0.0; layer.statistics()];
                network.layers[l] = Arc::from(layer);
            }
            values = network.layer_forward(l, &network.parameters, &values)?;
        }
        Ok(network)
    }

    /// Passes the data of a training step to the layers that collect statistics of their inputs, such as
    /// [`BatchNorm::with_momentum`](crate::BatchNorm::with_momentum). [`Training`](crate::Training) calls it at every
    /// step. The cost is one forward pass up to the last of these layers.
    ///
    /// # Errors
    /// Those of [`predict`](Self::predict); a statistic is not finite. Nothing changes then.
    pub fn observe(&mut self, x: &ArrayRef2<T>) -> Result<(), Error> {
        self.statistics = self.observed(x)?;
        Ok(())
    }

    /// The statistics after a training step on `x`.
    pub(crate) fn observed(&self, x: &ArrayRef2<T>) -> Result<Vec<Vec<f64>>, Error> {
        let mut statistics = self.statistics.clone();
        let Some(last) = statistics.iter().rposition(|own| !own.is_empty()) else {
            return Ok(statistics);
        };
        self.check_data(x)?;
        let mut values = x.to_owned();
        for (l, own) in statistics[..=last].iter_mut().enumerate() {
            if !own.is_empty() {
                self.layers[l].observe(&values, own);
                require_finite(&self.layers[l].name(), own.iter().copied())?;
            }
            if l < last {
                values = self.layer_forward(l, &self.parameters, &values)?;
            }
        }
        Ok(statistics)
    }

    /// Returns the network for training step `step`: dropout uses the mask of that step.
    pub fn renewed(&self, step: u64) -> Self {
        let mut network = self.clone();
        for layer in &mut network.layers {
            if let Some(renewed) = layer.renew(step) {
                *layer = Arc::from(renewed);
            }
        }
        network
    }
}
