//! The formula of a fixed scheme: how the values along a line become a derivative.

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
        let derivative = self.combine_in_range(&value);
        match self {
            Formula::Quotient(span) if !derivative.is_finite() => {
                not_finite(value(0), value(1), *span)
            }
            _ => derivative,
        }
    }

    /// The same, but not finite also where only the difference of two values overflows: without a
    /// branch, for several outputs at a time.
    #[inline(always)]
    pub fn combine_in_range(&self, value: impl Fn(usize) -> f64) -> f64 {
        match self {
            Formula::Quotient(span) => (value(1) - value(0)) / span,
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

/// (b - a) / span where that is not finite: the difference may overflow where its half does not.
#[cold]
fn not_finite(a: f64, b: f64, span: f64) -> f64 {
    let difference = b - a;
    if difference.is_finite() {
        difference / span
    } else {
        (0.5 * b - 0.5 * a) / (0.5 * span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;

    /// The weights themselves, also where a shorter formula serves.
    fn by_weights(order: usize, nodes: &[f64], h: f64) -> Formula {
        let mut weights = [0.0; MAX_NODES];
        weights_into(order, nodes, &mut weights[..nodes.len()]);
        Formula::Weighted {
            order,
            count: nodes.len(),
            weights,
            h,
        }
    }

    #[test]
    fn short_formulas_are_those_with_weights_to_the_last_bit() {
        let mut random = SplitMix64::new(5);
        for _ in 0..1000 {
            let h = (2.0 * random.uniform() - 1.0).exp2();
            let values = [0; 3].map(|_| 8.0 * random.uniform() - 4.0);
            let second = Formula::weighted(2, &[-1.0, 0.0, 1.0], h);
            assert!(matches!(second, Formula::Second(_)));
            let expected = by_weights(2, &[-1.0, 0.0, 1.0], h).combine(|k| values[k]);
            assert_eq!(second.combine(|k| values[k]).to_bits(), expected.to_bits());
            // Forward: the weights are -1 and 1.
            let quotient = Formula::Quotient(h).combine(|k| values[k]);
            let expected = by_weights(1, &[0.0, 1.0], h).combine(|k| values[k]);
            assert_eq!(quotient.to_bits(), expected.to_bits());
        }
    }

    #[test]
    fn a_difference_may_overflow_where_the_quotient_does_not() {
        let values = [-1.5e308, 1.5e308];
        assert_eq!(Formula::Quotient(4.0).combine(|k| values[k]), 7.5e307);
        assert_eq!(Formula::Quotient(1.0).combine(|k| values[k]), f64::INFINITY);
    }

    #[test]
    fn polynomials_up_to_the_number_of_nodes_are_exact() {
        let mut random = SplitMix64::new(7);
        for count in 2..8 {
            for order in 1..count {
                let h = 0.25;
                // Distinct, whatever is drawn.
                let nodes: Vec<f64> = (0..count)
                    .map(|k| k as f64 - 2.0 + 0.5 * random.uniform())
                    .collect();
                let c: Vec<f64> = (0..count).map(|_| 2.0 * random.uniform() - 1.0).collect();
                let f = |t: f64| c.iter().rev().fold(0.0, |sum, c| sum * t + c);
                let factorial: f64 = (1..=order).map(|k| k as f64).product();
                let found = Formula::weighted(order, &nodes, h).combine(|k| f(nodes[k] * h));
                let mut weights = vec![0.0; count];
                weights_into(order, &nodes, &mut weights);
                // Rounding of f, and of the nodes by which the weights are found.
                let size: f64 = weights.iter().map(|w| w.abs()).sum::<f64>() * count as f64;
                let bar = 64.0 * f64::EPSILON * size / h.powi(order as i32);
                assert!(
                    (found - c[order] * factorial).abs() <= bar,
                    "{count} {order}"
                );
            }
        }
    }
}
