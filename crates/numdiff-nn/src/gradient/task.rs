//! What an algorithm is asked, and what it finds.

use crate::network::Trace;
use crate::{Batch, Error, GradientMethod, Network};
use numdiff_core::Real;

/// A network at its parameters, on a batch, and how its gradient is wanted.
pub(super) struct Task<'a, T: Real> {
    pub network: &'a Network<T>,
    pub batch: &'a Batch<T>,
    pub trace: Trace<'a, T>,
    pub method: GradientMethod,
}

/// What an algorithm found, before it is given its names.
pub(super) struct Raw {
    pub flat: Vec<f64>,
    pub loss: f64,
    pub evaluations: usize,
    pub kinks: Vec<usize>,
}

impl<'a, T: Real> Task<'a, T> {
    /// With the one evaluation at the parameters themselves, and a gradient of zeros.
    pub fn begin(
        network: &'a Network<T>,
        batch: &'a Batch<T>,
        method: GradientMethod,
    ) -> Result<(Self, Raw), Error> {
        let trace = network.trace(batch)?;
        let raw = Raw {
            flat: vec![0.0; network.parameters.len()],
            loss: trace.finite_loss(network, batch)?,
            evaluations: 1,
            kinks: Vec::new(),
        };
        let task = Self {
            network,
            batch,
            trace,
            method,
        };
        Ok((task, raw))
    }
}
