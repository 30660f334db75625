//! Rows of inputs, and rows of results by units.

use super::chain::Affine;
use crate::simd::{LANES, each};

/// (input, unit) of the parameters of a layer between whose two sides a kink lies; the bias counts as
/// the last input.
pub(crate) type Kinks = Vec<(usize, usize)>;

/// The inputs of a layer, followed by the input of the bias, 1, and by zeros up to whole lanes: for
/// each sixteen of them all samples, so that whoever goes through the samples reads one piece of
/// memory from its beginning to its end. See [`lanes_of`].
pub(crate) fn unit_rows(layer: &Affine<'_>) -> Vec<f64> {
    let samples = layer.x.len() / layer.inputs;
    let mut rows = vec![0.0; samples * layer.width()];
    for (n, x) in layer.x.chunks_exact(layer.inputs).enumerate() {
        for (block, x) in x.chunks(LANES).enumerate() {
            rows[lanes_of(block * LANES, n, samples)..][..x.len()].copy_from_slice(x);
        }
        let bias = layer.inputs % LANES;
        rows[lanes_of(layer.inputs - bias, n, samples) + bias] = 1.0;
    }
    rows
}

/// Where in [`unit_rows`] the sixteen inputs from `start` on, a multiple of sixteen, of sample `n` stand.
#[inline(always)]
pub(crate) fn lanes_of(start: usize, n: usize, samples: usize) -> usize {
    start * samples + n * LANES
}

/// Calls `f` for each unit of the layer, on so many threads when the work is worth it, with two rows for the unit's
/// inputs, its bias and padding: differences, which are added to the layer's parameters, each times `scale` of the
/// parameter, and kinks, whose places are returned.
pub(crate) fn each_unit(
    layer: &Affine<'_>,
    (threads, work): (usize, f64),
    out: &mut [f64],
    scale: impl Fn(f64) -> f64,
    f: impl Fn(usize, &mut [f64], &mut [f64]) + Sync,
) -> Kinks {
    let width = layer.width();
    let mut differences = vec![0.0; layer.outputs * width];
    let mut kinks = vec![0.0; differences.len()];
    let mut rows: Vec<_> = differences
        .chunks_exact_mut(width)
        .zip(kinks.chunks_exact_mut(width))
        .collect();
    each(&mut rows, threads, work, |k, (out, kinks)| f(k, out, kinks));
    add_units(out, &differences, layer, scale);
    marked(&kinks, layer)
}

/// Adds `units`, for each unit of the layer a row with its inputs, its bias and padding, to the
/// layer's parameters, each times `scale` of the parameter.
fn add_units(out: &mut [f64], units: &[f64], layer: &Affine<'_>, scale: impl Fn(f64) -> f64) {
    let width = layer.width();
    // In blocks of units and inputs that stay in the cache while they are turned over.
    const BLOCK: usize = 16;
    for start in (0..layer.rows()).step_by(BLOCK) {
        for k in 0..layer.outputs {
            for i in start..(start + BLOCK).min(layer.rows()) {
                let of_input = layer.weights.get(i * layer.outputs + k);
                let w = *of_input.unwrap_or_else(|| &layer.bias[k]);
                out[i * layer.outputs + k] += units[k * width + i] * scale(w);
            }
        }
    }
}

/// (input, unit) of the parameters whose number is not 0.
fn marked(kinks: &[f64], layer: &Affine<'_>) -> Kinks {
    let mut found = Vec::new();
    for (k, row) in kinks.chunks_exact(layer.width()).enumerate() {
        found.extend((0..layer.rows()).filter(|i| row[*i] != 0.0).map(|i| (i, k)));
    }
    found
}
