//! Two full forward passes per parameter.

use super::{Raw, workers};
use crate::block::locate;
use crate::{Batch, Error, GradientMethod, Network};
use numdiff_core::Real;

pub(super) fn gradient<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
    method: &GradientMethod,
) -> Result<Raw, Error> {
    let loss = network.trace(batch)?.finite_loss(network, batch)?;
    let mut flat = vec![0.0; network.parameters.len()];
    let h = T::round_from(method.step);
    workers::fill(
        &mut flat,
        0,
        method.threads,
        || network.parameters.clone(),
        |parameters, i| {
            let saved = parameters[i];
            let (plus, minus) = (saved + h, saved - h);
            let mut side = |value| -> Result<f64, Error> {
                parameters[i] = value;
                Ok(network
                    .loss
                    .mean(&network.forward(parameters, batch.x())?, batch.targets()))
            };
            let difference = side(plus)? - side(minus)?;
            parameters[i] = saved;
            let divisor = divisor(network, method, i, plus.widen() - minus.widen())?;
            Ok((difference / divisor, false))
        },
    )?;
    let evaluations = 1 + 2 * flat.len();
    Ok(Raw {
        flat,
        loss,
        evaluations,
        kinks: Vec::new(),
    })
}

/// 2h, or the distance really moved.
pub(super) fn divisor<T: Real>(
    network: &Network<T>,
    method: &GradientMethod,
    i: usize,
    moved: f64,
) -> Result<f64, Error> {
    if method.nominal {
        return Ok(2.0 * method.step);
    }
    if moved > 0.0 {
        return Ok(moved);
    }
    let (block, index) = locate(&network.blocks, i);
    Err(Error::StepVanishes {
        block: block.name.clone(),
        index,
        parameter: network.parameters[i].widen(),
        step: method.step,
    })
}
