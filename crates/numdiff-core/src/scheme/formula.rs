//! The formula of a fixed scheme: the one place where differences of f's values are divided.

use crate::stencil::{MAX_NODES, symmetrize, weights_into};

/// What turns f's values at the nodes of a line into the derivative; all outputs share it.
#[derive(Clone, Copy, Debug)]
// On the stack, one at a time: a box would be an allocation.
#[allow(clippy::large_enum_variant)]
pub(crate) enum Formula {
    /// A first derivative from two values: their difference over the distance.
    Quotient(f64),
    /// A second derivative from three values at -h, 0 and h: the weights 1, -2, 1.
    Second(f64),
    /// Weights for this many nodes, of a derivative of this order with step h.
    Weighted {
        order: usize,
        count: usize,
        weights: [f64; MAX_NODES],
        h: f64,
    },
}

impl Formula {
    /// The formula on these nodes, in units of the step `h`.
    pub fn weighted(order: usize, nodes: &[f64], h: f64) -> Self {
        if order == 2 && nodes == [-1.0, 0.0, 1.0] {
            return Formula::Second(h);
        }
        let mut weights = [0.0; MAX_NODES];
        weights_into(order, nodes, &mut weights[..nodes.len()]);
        symmetrize(order, nodes, &mut weights[..nodes.len()]);
        Formula::Weighted {
            order,
            count: nodes.len(),
            weights,
            h,
        }
    }

    /// The derivative from f's values at the nodes.
    #[inline(always)]
    pub fn combine(&self, value: impl Fn(usize) -> f64) -> f64 {
        match self {
            Formula::Quotient(span) => {
                let (a, b) = (value(0), value(1));
                let difference = b - a;
                if difference.is_finite() {
                    difference / span
                } else {
                    // The difference overflows where its half may not.
                    (0.5 * b - 0.5 * a) / (0.5 * span)
                }
            }
            Formula::Second(h) => {
                let base = value(1);
                ((value(0) - base) + (value(2) - base)) / h / h
            }
            Formula::Weighted {
                order,
                count,
                weights,
                h,
            } => {
                // The weights sum to zero: take the differences first, which cancel exactly where f
                // varies little, so that the rounding of a weight multiplies a difference and not a
                // value.
                let reference = value(count / 2);
                let mut sum = 0.0;
                for (k, weight) in weights[..*count].iter().enumerate() {
                    sum += weight * (value(k) - reference);
                }
                // Divided one by one: h to the power of the order may underflow.
                (0..*order).fold(sum, |sum, _| sum / h)
            }
        }
    }
}
