//! Rows of results, shared out over threads, and rows of inputs.

use super::chain::Affine;
use super::lanes::LANES;
use crate::share::share;

/// Operations on the lanes below which threads cost more than they save: starting one takes
/// about 0.1 ms, and a core does about two such operations a nanosecond, so this is the work
/// of a millisecond.
const WORTH_A_THREAD: f64 = 2e6;

/// Calls `f` with each item and its index, on so many threads when the work (in operations
/// on the lanes, roughly) is worth it. An item is always computed by one thread in one order,
/// so the bits do not depend on the number of threads.
pub(crate) fn each<T: Send>(
    items: &mut [T],
    threads: usize,
    work: f64,
    f: impl Fn(usize, &mut T) + Sync,
) {
    let threads = if work < WORTH_A_THREAD { 1 } else { threads };
    share(items, threads, |first, part| {
        for (item, i) in part.iter_mut().zip(first..) {
            f(i, item);
        }
    });
}

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

/// Adds `units`, for each unit of the layer a row with its inputs, its bias and padding, to the
/// layer's parameters, each times `scale` of the parameter.
pub(crate) fn add_units(
    out: &mut [f64],
    units: &[f64],
    layer: &Affine<'_>,
    scale: impl Fn(f64) -> f64,
) {
    let width = layer.width();
    // In blocks of units and inputs that stay in the cache while they are turned over.
    const BLOCK: usize = 16;
    for start in (0..layer.rows()).step_by(BLOCK) {
        for k in 0..layer.outputs {
            for i in start..(start + BLOCK).min(layer.rows()) {
                let w = if i < layer.inputs {
                    layer.weights[i * layer.outputs + k]
                } else {
                    layer.bias[k]
                };
                out[i * layer.outputs + k] += units[k * width + i] * scale(w);
            }
        }
    }
}
