//! Finite-difference weights on arbitrary nodes.

use crate::Error;
use crate::error::expect;

/// The largest number of nodes of a stencil.
///
/// Weights of equispaced stencils alternate and grow like binomial coefficients; beyond some
/// twenty nodes their rounding costs more than the accuracy gains.
pub const MAX_NODES: usize = 24;

/// Weights `w` such that the sum of `w[k] f(x + nodes[k] h)` is h^d times the d-th derivative of f.
///
/// # Example
/// ```
/// use numdiff_core::Stencil;
/// let s = Stencil::new(1, &[-1.0, 0.0, 1.0])?;
/// assert_eq!(s.weights(), &[-0.5, 0.0, 0.5]);
/// assert_eq!(s.accuracy(), 2);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
///
/// # Source
/// B. Fornberg, *Generation of finite difference formulas on arbitrarily spaced grids*,
/// Math. Comp. 51 (1988), 699-706, recursion (3.8)-(3.10).
#[derive(Clone, Debug, PartialEq)]
pub struct Stencil {
    order: usize,
    nodes: Vec<f64>,
    weights: Vec<f64>,
    accuracy: usize,
}

impl Stencil {
    /// The stencil on these nodes (in units of the step) for the derivative of this order.
    ///
    /// It is exact on polynomials of degree below the number of nodes, at least.
    ///
    /// # Errors
    /// [`Error::TooFewNodes`] unless there are more than `order` nodes;
    /// [`Error::OutOfRange`] for more than [`MAX_NODES`];
    /// [`Error::NotFinite`] and [`Error::RepeatedNode`] for nodes that are NaN, infinite or equal.
    pub fn new(order: usize, nodes: &[f64]) -> Result<Self, Error> {
        if nodes.len() <= order {
            return Err(Error::TooFewNodes {
                nodes: nodes.len(),
                order,
            });
        }
        let count = nodes.len();
        let fits = count <= MAX_NODES;
        expect(fits, "number of nodes", count as f64, "at most 24")?;
        for (index, &value) in nodes.iter().enumerate() {
            if !value.is_finite() {
                return Err(Error::NotFinite {
                    argument: "nodes",
                    index,
                    value,
                });
            }
            if nodes[..index].contains(&value) {
                return Err(Error::RepeatedNode { value, index });
            }
        }
        let mut weights = vec![0.0; nodes.len()];
        weights_into(order, nodes, &mut weights);
        let mut accuracy = nodes.len() - order;
        if symmetrize(order, nodes, &mut weights) && accuracy % 2 == 1 {
            // By parity the first term of the error vanishes.
            accuracy += 1;
        }
        Ok(Stencil {
            order,
            nodes: nodes.to_vec(),
            weights,
            accuracy,
        })
    }

    /// Order of the derivative.
    pub fn order(&self) -> usize {
        self.order
    }

    /// The nodes, in units of the step.
    pub fn nodes(&self) -> &[f64] {
        &self.nodes
    }

    /// The weights, node by node; the sum with f's values is divided by the step to the power
    /// [`order`](Self::order).
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Order of the truncation error in the step: halving the step divides it by 2^accuracy.
    pub fn accuracy(&self) -> usize {
        self.accuracy
    }
}

/// Fornberg's recursion for one derivative at 0, without allocation.
///
/// `nodes` are distinct and finite, `order < nodes.len() <= MAX_NODES`.
pub(crate) fn weights_into(order: usize, nodes: &[f64], weights: &mut [f64]) {
    // As much of the table as the order needs: clearing all of it takes longer than the recursion.
    match order {
        0 | 1 => recursion::<2>(order, nodes, weights),
        2 => recursion::<3>(order, nodes, weights),
        _ => recursion::<MAX_NODES>(order, nodes, weights),
    }
}

fn recursion<const ROWS: usize>(order: usize, nodes: &[f64], weights: &mut [f64]) {
    // delta[k][v]: weight of node v for derivative k from the nodes seen so far.
    let mut delta = [[0.0f64; MAX_NODES]; ROWS];
    let m = order;
    delta[0][0] = 1.0;
    let mut c1 = 1.0;
    for n in 1..nodes.len() {
        let mut c2 = 1.0;
        for v in 0..n {
            let c3 = nodes[n] - nodes[v];
            c2 *= c3;
            for k in (0..=n.min(m)).rev() {
                let below = if k > 0 {
                    k as f64 * delta[k - 1][v]
                } else {
                    0.0
                };
                if v + 1 == n {
                    delta[k][n] = c1 * (below - nodes[n - 1] * delta[k][v]);
                }
                delta[k][v] = (nodes[n] * delta[k][v] - below) / c3;
            }
        }
        for row in delta.iter_mut().take(n.min(m) + 1) {
            row[n] /= c2;
        }
        c1 = c2;
    }
    weights.copy_from_slice(&delta[m][..nodes.len()]);
}

/// Makes the weights of mirrored nodes equal to the last bit (up to the sign that the parity of the
/// order asks for), so that even and odd parts of f cancel exactly. Returns whether the nodes are
/// mirrored.
pub(crate) fn symmetrize(order: usize, nodes: &[f64], weights: &mut [f64]) -> bool {
    let mirror = |k: usize| nodes.iter().position(|&other| other == -nodes[k]);
    if (0..nodes.len()).any(|k| mirror(k).is_none()) {
        return false;
    }
    let parity = if order.is_multiple_of(2) { 1.0 } else { -1.0 };
    for k in 0..nodes.len() {
        if let Some(other) = mirror(k).filter(|&other| other >= k) {
            let w = 0.5 * (weights[k] + parity * weights[other]);
            weights[k] = w;
            weights[other] = parity * w;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn textbook_weights() {
        let s = Stencil::new(2, &[-1.0, 0.0, 1.0]).unwrap();
        assert_eq!(s.weights(), &[1.0, -2.0, 1.0]);
        assert_eq!(s.accuracy(), 2);
        let s = Stencil::new(1, &[0.0, 1.0, 2.0]).unwrap();
        assert_eq!(s.weights(), &[-1.5, 2.0, -0.5]);
        assert_eq!(s.accuracy(), 2);
    }
}
