//! Two full forward passes per parameter.

use super::task::{Raw, Task};
use super::workers;
use crate::Error;
use crate::block::locate;
use numdiff_core::Real;

pub(super) fn gradient<T: Real>(task: &Task<'_, T>, mut raw: Raw) -> Result<Raw, Error> {
    let (network, batch) = (task.network, task.batch);
    let h = T::round_from(task.method.step);
    workers::fill(
        &mut raw.flat,
        0,
        task.method.threads,
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
            let divisor = divisor(task, i, plus.widen() - minus.widen())?;
            Ok((difference / divisor, false))
        },
    )?;
    raw.evaluations += 2 * raw.flat.len();
    Ok(raw)
}

/// 2h, or the distance really moved.
pub(super) fn divisor<T: Real>(task: &Task<'_, T>, i: usize, moved: f64) -> Result<f64, Error> {
    let (network, method) = (task.network, &task.method);
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
