//! The weights of a local least-squares polynomial.

/// Weights of the samples at `nodes` in the derivative at 0, of this order, of the polynomial of this
/// degree that is fitted to them by least squares.
///
/// The polynomials p_k orthogonal on the nodes, by Stieltjes's recurrence
/// p_{k+1}(t) = (t - a_k) p_k(t) - b_k p_{k-1}(t), give the weights sum_k p_k^(order)(0) p_k(t_j) / |p_k|².
/// Each p_k is made orthogonal to those before once more, which keeps high degrees accurate.
pub(super) fn least_squares(order: usize, degree: usize, nodes: &[f64]) -> Vec<f64> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut weights = vec![0.0; nodes.len()];
    // Normalized values on the nodes, and derivatives 0 to `order` at 0.
    let mut basis: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    for k in 0..=degree {
        let (mut values, mut slopes) = match basis.last() {
            None => {
                let mut slopes = vec![0.0; order + 1];
                slopes[0] = 1.0;
                (vec![1.0; nodes.len()], slopes)
            }
            // t p_{k-1}: the derivative of order m at 0 is m times that of order m - 1.
            Some((values, slopes)) => (
                values.iter().zip(nodes).map(|(p, t)| t * p).collect(),
                (0..=order)
                    .map(|m| {
                        if m == 0 {
                            0.0
                        } else {
                            m as f64 * slopes[m - 1]
                        }
                    })
                    .collect::<Vec<f64>>(),
            ),
        };
        for _ in 0..2 {
            for (p, d) in &basis[..k] {
                let part = dot(p, &values);
                values.iter_mut().zip(p).for_each(|(v, p)| *v -= part * p);
                slopes.iter_mut().zip(d).for_each(|(s, d)| *s -= part * d);
            }
        }
        let norm = dot(&values, &values).sqrt();
        values.iter_mut().for_each(|v| *v /= norm);
        slopes.iter_mut().for_each(|s| *s /= norm);
        for (w, p) in weights.iter_mut().zip(&values) {
            *w += slopes[order] * p;
        }
        basis.push((values, slopes));
    }
    weights
}
