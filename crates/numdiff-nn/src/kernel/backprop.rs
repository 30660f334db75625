//! Backpropagation through a chain.

use super::chain::{Affine, Chain};
use crate::GradientMethod;
use crate::curves::Curve;
use crate::simd::affine;

/// Adds the gradient of the mean loss to `flat`.
pub(crate) fn gradient(chain: &Chain<'_>, method: &GradientMethod, flat: &mut [f64]) {
    let outputs = chain.head.outputs;
    let mut slopes = vec![0.0; chain.samples * outputs];
    for (n, row) in slopes.chunks_exact_mut(outputs).enumerate() {
        chain.head.slope(n, row);
    }
    let scale = 1.0 / chain.samples as f64;
    slopes.iter_mut().for_each(|slope| *slope *= scale);
    for (l, layer) in chain.layers.iter().enumerate().rev() {
        through_curve(layer, &mut slopes);
        let out = &mut flat[layer.offset..layer.offset + layer.len()];
        layer.add_products(out, &slopes, method);
        if l > 0 {
            let mut before = vec![0.0; chain.samples * layer.inputs];
            let (weights, level) = (&layer.transposed, method.simd_level());
            affine(&mut before, &slopes, weights, &[], layer.inputs, level);
            slopes = before;
        }
    }
}

/// From the derivative by a layer's outputs to that by its pre-activations.
fn through_curve(layer: &Affine<'_>, slopes: &mut [f64]) {
    if layer.curve == Curve::Identity {
        return;
    }
    let cached = layer.a.iter().zip(&layer.p).zip(&layer.q);
    for (slope, ((a, p), q)) in slopes.iter_mut().zip(cached) {
        *slope *= layer.curve.cached_slope(*a, *p, *q);
    }
}
