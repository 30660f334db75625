//! The values between the layers perturbed instead of the parameters.

use super::increments::{Losses, fill, push};
use super::{Raw, workers};
use crate::trace::Trace;
use crate::{Batch, Change, Error, Form, GradientMethod, Network};
use ndarray::{Array2, Axis};
use numdiff_core::Real;

/// For each layer that is linear in its parameters: the derivative of the loss by each of its
/// outputs, from two evaluations of what lies behind it; the derivatives by its parameters follow.
/// The parameters of other layers are perturbed themselves.
pub(super) fn gradient<T: Real>(
    network: &Network<T>,
    batch: &Batch<T>,
    method: &GradientMethod,
) -> Result<Raw, Error> {
    let trace = network.trace(batch)?;
    let loss = trace.finite_loss(network, batch)?;
    let mut raw = Raw {
        flat: vec![0.0; network.parameters.len()],
        loss,
        evaluations: 1,
        kinks: Vec::new(),
    };
    for (l, layer) in network.layers.iter().enumerate() {
        let parameters = network.offsets[l]..network.offsets[l + 1];
        if parameters.is_empty() {
            continue;
        }
        let by_nodes =
            layer.linear_in_parameters() && chain(network, &trace, batch, method, l, &mut raw)?;
        if !by_nodes {
            raw.evaluations += 2 * parameters.len();
            raw.kinks.extend(fill(
                network,
                &trace,
                batch,
                method,
                l..l + 1,
                &mut raw.flat,
            )?);
        }
    }
    Ok(raw)
}

/// Perturbs the outputs of layer `l`; false when the layer has no derivative by its parameters.
fn chain<T: Real>(
    network: &Network<T>,
    trace: &Trace<T>,
    batch: &Batch<T>,
    method: &GradientMethod,
    l: usize,
    raw: &mut Raw,
) -> Result<bool, Error> {
    let (rows, width) = (batch.len(), network.widths[l + 1]);
    let mixes = network.layers[l + 1..]
        .iter()
        .any(|layer| layer.mixes_samples());
    // One unit of all samples at once where samples do not meet, else of one sample at a time.
    let jobs = if mixes { rows * width } else { width };
    let mut columns = vec![0.0; width * rows];
    let h = T::round_from(method.step);
    let scale = 1.0 / (rows as f64 * 2.0 * h.widen());
    let side = |k: usize, n: Option<usize>, by: T| {
        let mut d = Array2::zeros((rows, 1));
        match n {
            Some(n) => d[[n, 0]] = by,
            None => d.fill(by),
        }
        Change { first: k, d }
    };
    // Row k: the derivatives by unit k, one per sample.
    let kinked = if mixes {
        workers::fill(
            &mut columns,
            0,
            method.threads,
            || Losses::new(network.outputs()),
            |losses, job| {
                let (k, n) = (job / rows, job % rows);
                let mut sides = [side(k, Some(n), h), side(k, Some(n), -h)];
                let kink = push(network, trace, l + 1, &mut sides, Form::Algebra)?;
                Ok((
                    losses.difference(network, trace, batch.targets(), &sides, Form::Algebra)
                        * scale,
                    kink,
                ))
            },
        )?
    } else {
        let mut units: Vec<&mut [f64]> = columns.chunks_mut(rows).collect();
        workers::each(
            &mut units,
            method.threads,
            || Losses::new(network.outputs()),
            |losses, k, unit| {
                let mut sides = [side(k, None, h), side(k, None, -h)];
                let kink = push(network, trace, l + 1, &mut sides, Form::Algebra)?;
                for (n, value) in unit.iter_mut().enumerate() {
                    *value = losses.row(network, trace, batch.targets(), &sides, Form::Algebra, n)
                        * scale;
                }
                Ok(kink)
            },
        )?
    };
    let dy = Array2::from_shape_fn((rows, width), |(n, k)| T::round_from(columns[k * rows + n]));
    let parameters = network.offsets[l]..network.offsets[l + 1];
    let mut dp = vec![T::zero(); parameters.len()];
    let at = trace.at(network, l);
    if network.layers[l].backward(&at, &dy, &mut dp).is_none() {
        return Ok(false);
    }
    raw.evaluations += 2 * jobs;
    for (g, d) in raw.flat[parameters.clone()].iter_mut().zip(&dp) {
        *g = d.widen();
    }
    if !kinked.is_empty() {
        // The parameters that feed a kinked value: where its indicator has a derivative.
        let mut indicator = Array2::zeros((rows, width));
        for job in kinked {
            if mixes {
                indicator[[job % rows, job / rows]] = T::one();
            } else {
                indicator.index_axis_mut(Axis(1), job).fill(T::one());
            }
        }
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
