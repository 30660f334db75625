//! Incremental differences: of two full evaluations only what moved is recomputed.

use super::chain::Chain;
use super::direct::Direct;
use super::reach::Reach;
use super::rows::Kinks;
use crate::{GradientMethod, Loss};

/// Adds the gradient of the mean loss for layer `l` to `out`. `None` when the step is too large for this arithmetic or
/// does not move a parameter.
pub(crate) fn gradient(
    chain: &Chain<'_>,
    l: usize,
    method: &GradientMethod,
    out: &mut [f64],
) -> Option<Kinks> {
    let layer = &chain.layers[l];
    let mut farthest = 0f64;
    for w in layer.weights.iter().chain(layer.bias) {
        let [up, down] = method.moves(*w);
        let divisor = method.divisor([up, down]);
        if !divisor.is_finite() || divisor <= 0.0 {
            return None;
        }
        farthest = farthest.max(up).max(down);
    }
    let largest = layer.x.iter().fold(1f64, |top, x| top.max(x.abs()));
    let movement = Reach::new(chain, l).movement(largest * farthest)?;
    let classes = match chain.head.loss {
        Loss::SoftmaxCrossEntropy { .. } => chain.head.classes().unwrap_or_default(),
        _ => Vec::new(),
    };
    let direct = Direct {
        chain,
        l,
        method,
        movement,
        classes,
    };
    let samples: Vec<usize> = (0..chain.samples).collect();
    Some(direct.add(|_| &samples, out))
}
