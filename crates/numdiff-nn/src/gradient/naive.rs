//! Two full forward passes per parameter.

use super::{Gradient, Task, workers};
use crate::Error;
use crate::block::locate;
use numdiff_core::Real;

pub(super) fn gradient<T: Real>(task: &Task<'_, T>, out: &mut Gradient) -> Result<(), Error> {
    let (network, batch) = (task.network, task.batch);
    let h = T::round_from(task.method.step);
    let (threads, state) = (task.method.threads, || network.parameters.clone());
    workers::each(&mut out.flat, threads, state, |parameters, i, entry| {
        let saved = parameters[i];
        let (plus, minus) = (saved + h, saved - h);
        let mut side = |value| -> Result<f64, Error> {
            parameters[i] = value;
            let outputs = network.forward(parameters, batch.x())?;
            Ok(network.loss.mean(&outputs, batch.targets()))
        };
        let difference = side(plus)? - side(minus)?;
        parameters[i] = saved;
        *entry = difference / divisor(task, i, plus.widen() - minus.widen())?;
        Ok(false)
    })?;
    out.evaluations += 2 * out.flat.len();
    Ok(())
}

/// 2h, or the distance really moved.
pub(super) fn divisor<T: Real>(task: &Task<'_, T>, i: usize, moved: f64) -> Result<f64, Error> {
    let divisor = task.method.divisor([moved, 0.0]);
    if divisor > 0.0 {
        return Ok(divisor);
    }
    let network = task.network;
    let (block, index) = locate(&network.blocks, i);
    Err(Error::StepVanishes {
        block: block.name.clone(),
        index,
        parameter: network.parameters[i].widen(),
        step: task.method.step,
    })
}
