//! Is the derivative by the network's inputs right? No parameter of the first layer needs it.

use super::{backward_rounding, holds, scramble};
use crate::gradient::backpropagated;
use crate::{Batch, Error, Network};
use ndarray::Array2;
use numdiff_core::Real;

/// How far the data is moved where it lies on kinks, relative to each number and to 1: far beyond
/// the steps.
const NEARBY: f64 = 1e-2;

/// Whether the derivative along directions that move every input is `dx` along them. Pictures are
/// full of ties, where a max pool has a kink in every direction: what fails there is judged once
/// more close by, where there are none.
pub(super) fn agree<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
    dx: &Array2<f64>,
    noise: f64,
) -> Result<bool, Error> {
    if along(network, batch, dx, noise)? {
        return Ok(true);
    }
    let x = Array2::from_shape_fn(batch.x().dim(), |(n, k)| {
        // Between NEARBY/2 and NEARBY to either side.
        let bits = scramble((n * network.inputs() + k) as u64);
        let size = 0.5 + (bits >> 12) as f64 / (1u64 << 53) as f64;
        let sign = if bits & 1 == 0 { NEARBY } else { -NEARBY };
        let x = batch.x()[[n, k]].widen();
        T::round_from(x + sign * size * x.abs().max(1.0))
    });
    let nearby = Batch::new(x, batch.targets().clone())?;
    match backpropagated(network, &nearby) {
        Ok((_, dx)) => along(network, &nearby, &dx, noise),
        // A layer that is not defined there.
        Err(Error::NonFiniteOutput { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn along<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
    dx: &Array2<f64>,
    noise: f64,
) -> Result<bool, Error> {
    let (x, inputs) = (batch.x(), network.inputs());
    let unit = 1.0 / (x.len() as f64).sqrt();
    let backward = backward_rounding::<T>() * unit * dx.iter().map(|d| d.abs()).sum::<f64>();
    for pattern in 0..2u64 {
        let moved = |h: f64| {
            Array2::from_shape_fn(x.dim(), |(n, k)| {
                let bits = scramble((n * inputs + k) as u64 + (pattern << 40));
                let by = if bits & 1 == 0 { h * unit } else { -h * unit };
                T::round_from(x[[n, k]].widen() + by)
            })
        };
        let loss = |x: &Array2<T>| -> Result<f64, Error> {
            let outputs = network.forward(&network.parameters, x)?;
            Ok(network.loss.mean(&outputs, batch.targets()))
        };
        // The slope, and what `dx` says it is for the distances really moved.
        let slopes = |h: f64| -> Result<(f64, f64), Error> {
            let (plus, minus) = (moved(h), moved(-h));
            let said = plus
                .iter()
                .zip(&minus)
                .zip(dx)
                .map(|((a, b), d)| (a.widen() - b.widen()) * d);
            Ok((
                (loss(&plus)? - loss(&minus)?) / (2.0 * h),
                said.sum::<f64>() / (2.0 * h),
            ))
        };
        if !holds(slopes, backward, noise)? {
            return Ok(false);
        }
    }
    Ok(true)
}
