//! Backpropagation through a chain.

use super::chain::{Affine, Chain};
use super::setting::Setting;
use crate::simd::{Curve, Slopes, affine};

/// Adds the gradient of the mean loss to `flat`.
pub(crate) fn gradient(chain: &Chain<'_>, setting: &Setting, flat: &mut [f64]) {
    let outputs = chain.head.outputs;
    let mut slopes = vec![0.0; chain.samples * outputs];
    for (n, row) in slopes.chunks_exact_mut(outputs).enumerate() {
        chain.head.slope(n, row);
    }
    let scale = 1.0 / chain.samples as f64;
    slopes.iter_mut().for_each(|slope| *slope *= scale);
    for (l, layer) in chain.layers.iter().enumerate().rev() {
        through_curve(layer, &mut slopes);
        let of_outputs = Slopes {
            values: &slopes,
            stride: layer.outputs,
            outputs: layer.outputs,
        };
        let out = &mut flat[layer.offset..layer.offset + layer.len()];
        of_outputs.accumulate(
            out,
            layer.x,
            layer.inputs,
            1.0,
            setting.threads,
            setting.level,
        );
        if l > 0 {
            let mut before = vec![0.0; chain.samples * layer.inputs];
            affine(
                &mut before,
                &slopes,
                &layer.transposed,
                &[],
                layer.inputs,
                setting.level,
            );
            slopes = before;
        }
    }
}

/// From the derivative by a layer's outputs to that by its pre-activations.
fn through_curve(layer: &Affine<'_>, slopes: &mut [f64]) {
    let each = |slopes: &mut [f64], of: &[f64], f: &dyn Fn(f64) -> f64| {
        slopes.iter_mut().zip(of).for_each(|(s, v)| *s *= f(*v));
    };
    match layer.curve {
        Curve::Identity => {}
        Curve::Sigmoid => each(slopes, &layer.q, &|q| q),
        // 1 - tanh^2 a = 4 s(2a) s(-2a).
        Curve::Tanh => each(slopes, &layer.q, &|q| 2.0 * q),
        Curve::Softplus => each(slopes, &layer.p, &|p| p),
        Curve::Relu(slope) => each(slopes, layer.a, &|a| if a > 0.0 { 1.0 } else { slope }),
    }
}
