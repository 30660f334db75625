//! The values between the layers perturbed instead of the parameters.

use super::increments::{self, Losses, push};
use super::task::{Raw, Task};
use super::workers;
use crate::{Change, Error, Form};
use ndarray::{Array2, Axis};
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
    raw: &mut Raw,
) -> Result<(), Error> {
    let network = task.network;
    for l in layers {
        if network.offsets[l] == network.offsets[l + 1] {
            continue;
        }
        let meet = network.layers[l + 1..]
            .iter()
            .any(|layer| layer.mixes_samples());
        let by_nodes = !meet && network.layers[l].linear_in_parameters() && chain(task, l, raw)?;
        if !by_nodes {
            increments::all(task, l..l + 1, raw)?;
        }
    }
    Ok(())
}

/// Perturbs the outputs of layer `l`; false when the layer has no derivative by its parameters.
fn chain<T: Real>(task: &Task<'_, T>, l: usize, raw: &mut Raw) -> Result<bool, Error> {
    let (network, trace) = (task.network, &task.trace);
    let values = adjoint(task, l + 1)?;
    let parameters = network.offsets[l]..network.offsets[l + 1];
    let mut dp = vec![T::zero(); parameters.len()];
    let at = trace.at(network, l);
    if network.layers[l]
        .backward(&at, &values.dy.mapv(T::round_from), &mut dp)
        .is_none()
    {
        return Ok(false);
    }
    raw.evaluations += values.evaluations;
    for (g, d) in raw.flat[parameters.clone()].iter_mut().zip(&dp) {
        *g = d.widen();
    }
    if values.kinked.iter().any(|&kink| kink) {
        // The parameters that feed a kinked value: where its indicator has a derivative.
        let indicator = values
            .kinked
            .mapv(|kink| if kink { T::one() } else { T::zero() });
        dp.fill(T::zero());
        network.layers[l].backward(&at, &indicator, &mut dp);
        raw.kinks.extend(
            parameters
                .zip(&dp)
                .filter(|(_, d)| **d != T::zero())
                .map(|(i, _)| i),
        );
    }
    Ok(true)
}

/// The derivative of the mean loss by the values between two layers.
struct Adjoint {
    /// (samples, width).
    dy: Array2<f64>,
    /// Where the two sides have a kink between them.
    kinked: Array2<bool>,
    evaluations: usize,
}

/// The derivative by the values that enter layer `first`, by central differences of what lies behind.
fn adjoint<T: Real>(task: &Task<'_, T>, first: usize) -> Result<Adjoint, Error> {
    let Task {
        network,
        batch,
        trace,
        method,
    } = task;
    let (rows, width) = (batch.len(), network.widths[first]);
    let mixes = network.layers[first..]
        .iter()
        .any(|layer| layer.mixes_samples());
    let h = T::round_from(method.step);
    let scale = 1.0 / (rows as f64 * 2.0 * h.widen());
    let sides = |k: usize, n: Option<usize>| {
        [h, -h].map(|by| {
            let mut d = Array2::zeros((rows, 1));
            match n {
                Some(n) => d[[n, 0]] = by,
                None => d.fill(by),
            }
            Change { first: k, d }
        })
    };
    let losses = || Losses::new(network, trace, batch);
    // Unit after unit, sample after sample. Where samples do not meet, one unit moves in all of them
    // at once, else in one at a time.
    let mut values = vec![0.0; width * rows];
    let mut kinked = Array2::from_elem((rows, width), false);
    if mixes {
        let jobs = workers::fill(&mut values, 0, method.threads, losses, |losses, job| {
            let mut sides = sides(job / rows, Some(job % rows));
            let kink = push(network, trace, first, &mut sides, Form::Algebra)?;
            Ok((losses.difference(&sides, Form::Algebra) * scale, kink))
        })?;
        jobs.into_iter()
            .for_each(|job| kinked[[job % rows, job / rows]] = true);
    } else {
        let mut units: Vec<&mut [f64]> = values.chunks_mut(rows).collect();
        let units = workers::each(&mut units, method.threads, losses, |losses, k, unit| {
            let mut sides = sides(k, None);
            let kink = push(network, trace, first, &mut sides, Form::Algebra)?;
            for (n, value) in unit.iter_mut().enumerate() {
                *value = losses.row(&sides, Form::Algebra, n) * scale;
            }
            Ok(kink)
        })?;
        units
            .into_iter()
            .for_each(|k| kinked.index_axis_mut(Axis(1), k).fill(true));
    }
    let dy = Array2::from_shape_fn((rows, width), |(n, k)| values[k * rows + n]);
    Ok(Adjoint {
        dy,
        kinked,
        evaluations: if mixes { 2 * rows * width } else { 2 * width },
    })
}
