//! Backpropagation through a chain.

use super::chain::{Affine, Chain, Curve};
use super::dispatch::Level;
use super::product;
use super::rows::unit_rows;
use ndarray::{ArrayView2, linalg::general_mat_mul};

/// The gradient of the summed loss: for each layer one row per unit, with its inputs, its bias
/// and padding.
pub(crate) fn gradient(chain: &Chain<'_>, level: Level) -> Vec<Vec<f64>> {
    let outputs = chain.head.outputs;
    let mut slopes = vec![0.0; chain.samples * outputs];
    for (n, row) in slopes.chunks_exact_mut(outputs).enumerate() {
        chain.head.slope(n, row);
    }
    let mut gradients = Vec::with_capacity(chain.layers.len());
    for (l, layer) in chain.layers.iter().enumerate().rev() {
        through_curve(layer, &mut slopes);
        let mut units = vec![0.0; layer.outputs * layer.width()];
        product::add(
            &mut units,
            &slopes,
            layer.outputs,
            &unit_rows(layer, 1.0),
            layer.width(),
            level,
        );
        gradients.push(units);
        if l > 0 {
            slopes = through_weights(layer, &slopes, chain.samples);
        }
    }
    gradients.reverse();
    gradients
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

/// From the derivative by a layer's pre-activations to that by its inputs.
fn through_weights(layer: &Affine<'_>, slopes: &[f64], samples: usize) -> Vec<f64> {
    const FITS: &str = "a layer's arrays have its shape";
    let slopes = ArrayView2::from_shape((samples, layer.outputs), slopes).expect(FITS);
    let weights = ArrayView2::from_shape((layer.inputs, layer.outputs), layer.weights).expect(FITS);
    let mut before = ndarray::Array2::zeros((samples, layer.inputs));
    general_mat_mul(1.0, &slopes, &weights.t(), 0.0, &mut before);
    before.into_raw_vec_and_offset().0
}
