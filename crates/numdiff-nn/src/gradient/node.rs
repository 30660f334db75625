//! The values between the layers perturbed instead of the parameters.

use super::increments::{self, Losses, push};
use super::{Gradient, Task, workers};
use crate::{Change, Error, Form};
use ndarray::{Array1, Array2, Axis};
use numdiff_core::Real;
use std::ops::Range;

/// For each layer that is linear in its parameters: the derivative of the loss by each of its
/// outputs, from two evaluations of what lies behind it; the derivatives by its parameters follow.
/// The parameters of other layers are perturbed themselves, and so are those of layers before one in
/// which samples meet: a normalization answers one sample's movement by the batch's deviation, which
/// may be smaller than the step, and what is left of the samples' sum may be nothing but the error.
pub(super) fn fill<T: Real>(
    task: &Task<'_, T>,
    layers: Range<usize>,
    out: &mut Gradient,
) -> Result<(), Error> {
    let network = task.network;
    for l in layers {
        if network.offsets[l] == network.offsets[l + 1] {
            continue;
        }
        let meet = network.layers[l + 1..]
            .iter()
            .any(|layer| layer.mixes_samples());
        let by_nodes = !meet && network.layers[l].linear_in_parameters() && chain(task, l, out)?;
        if !by_nodes {
            increments::all(task, l..l + 1, out)?;
        }
    }
    Ok(())
}

/// Perturbs the outputs of layer `l`; false when the layer has no derivative by its parameters.
fn chain<T: Real>(task: &Task<'_, T>, l: usize, out: &mut Gradient) -> Result<bool, Error> {
    let network = task.network;
    let (dy, kinked) = adjoint(task, l + 1)?;
    let parameters = network.offsets[l]..network.offsets[l + 1];
    let by_parameters = |dy: Array2<T>| {
        let mut dp = vec![T::zero(); parameters.len()];
        let at = task.trace.at(network, l);
        network.layers[l].backward(&at, &dy, &mut dp).map(|_| dp)
    };
    let Some(dp) = by_parameters(dy.mapv(T::round_from)) else {
        return Ok(false);
    };
    for (g, d) in out.flat[parameters.clone()].iter_mut().zip(&dp) {
        *g = d.widen();
    }
    out.evaluations += 2 * dy.ncols();
    if kinked.iter().any(|&kink| kink) {
        // The parameters that feed a kinked value: where its indicator has a derivative.
        let indicator = kinked.map(|&kink| if kink { T::one() } else { T::zero() });
        let fed = by_parameters(indicator).unwrap_or_default();
        let fed = parameters.zip(fed).filter(|(_, d)| *d != T::zero());
        out.kinks.extend(fed.map(|(i, _)| i));
    }
    Ok(true)
}

/// The derivative of the mean loss by the values that enter layer `first`, (samples, width), by central differences of
/// what lies behind, where samples do not meet: one value moves in all of them at once. And where the two sides have a
/// kink between them.
fn adjoint<T: Real>(
    task: &Task<'_, T>,
    first: usize,
) -> Result<(Array2<f64>, Array2<bool>), Error> {
    let (network, trace, batch) = (task.network, &task.trace, task.batch);
    let (rows, width) = (batch.len(), network.widths[first]);
    let h = T::round_from(task.method.step);
    let scale = 1.0 / (rows as f64 * 2.0 * h.widen());
    let losses = || Losses::new(network, trace, batch);
    let mut by_unit = Array2::zeros((width, rows));
    let mut units: Vec<_> = by_unit.rows_mut().into_iter().collect();
    let kinks = workers::each(
        &mut units,
        task.method.threads,
        losses,
        |losses, k, unit| {
            let mut sides = [h, -h].map(|by| Change::unit(k, Array1::from_elem(rows, by)));
            let kink = push(network, trace, first, &mut sides, Form::Algebra)?;
            for (n, value) in unit.iter_mut().enumerate() {
                *value = losses.row(&sides, Form::Algebra, n) * scale;
            }
            Ok(kink)
        },
    )?;
    let mut kinked = Array2::from_elem((rows, width), false);
    for k in kinks {
        kinked.index_axis_mut(Axis(1), k).fill(true);
    }
    let dy = Array2::from_shape_fn((rows, width), |(n, k)| by_unit[[k, n]]);
    Ok((dy, kinked))
}
