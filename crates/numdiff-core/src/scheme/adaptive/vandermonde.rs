//! Interpolation in powers of the step, for steps that are powers of two.
//!
//! A central pair gives the odd part of f as a series in h^2, a single point f(x + h) - f(x) one in
//! h. With steps H, H/2, H/4, … the variable u = (h/H)^2 or h/H takes the values 1, 1/4, 1/16, … or
//! 1, 1/2, 1/4, …: the inverse Vandermonde matrices are constants, computed once.

use super::power::{power_of_two, rough_log2};
use super::sampling::Node;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Most nodes a window may have.
pub(super) const MOST: usize = 8;

/// The coefficients of the interpolating polynomial as a matrix on the values.
#[derive(Clone)]
pub(super) struct Inverse {
    /// `columns[i][k]`: how the coefficient of u^k depends on the value at node i; node 0 is the
    /// smallest step.
    pub columns: [[f64; MOST]; MOST],
    /// `products[k]`: elementary symmetric function of degree m - k of the nodes: the size of the
    /// error that a term u^m causes in the coefficient of u^k.
    pub products: [f64; MOST],
}

/// The matrix of m consecutive powers of two, and what it makes of noise and truncation in level k, as log2
/// at H = 1.
pub(super) struct Dyadic {
    pub inverse: Inverse,
    /// Noise of the odd and of the even level per unit of noise in f.
    pub noise: [[f64; MOST]; 2],
    /// Error of the level per unit of level m.
    pub truncation: [f64; MOST],
}

/// The matrices of one-sided and of central windows, by the number of nodes.
static DYADIC: LazyLock<[[Dyadic; MOST + 1]; 2]> =
    LazyLock::new(|| [1, 2].map(|power| std::array::from_fn(|m| Dyadic::new(power, m))));

impl Inverse {
    /// For any distinct u, smallest first.
    fn of(u: &[f64]) -> Inverse {
        let mut columns = [[0.0; MOST]; MOST];
        // Product of (1 + u_i v): the coefficient of v^d is the elementary symmetric function.
        let mut symmetric = [0.0; MOST + 1];
        symmetric[0] = 1.0;
        for (i, (node, polynomial)) in u.iter().zip(&mut columns).enumerate() {
            // The Lagrange polynomial of the node, expanded: product of (u - u_l) / (u_i - u_l).
            polynomial[0] = 1.0;
            for other in u.iter().filter(|other| *other != node) {
                let scale = 1.0 / (node - other);
                for k in (1..u.len()).rev() {
                    polynomial[k] = (polynomial[k - 1] - other * polynomial[k]) * scale;
                }
                polynomial[0] *= -other * scale;
            }
            for d in (1..=i + 1).rev() {
                symmetric[d] += node * symmetric[d - 1];
            }
        }
        let mut products = [0.0; MOST];
        for (k, product) in products[..u.len()].iter_mut().enumerate() {
            *product = symmetric[u.len() - k];
        }
        Inverse { columns, products }
    }
}

/// For these nodes, smallest first.
pub(super) fn inverse(power: usize, nodes: &[Node]) -> Cow<'static, Inverse> {
    let m = nodes.len();
    let top = nodes[m - 1].exponent;
    if top - nodes[0].exponent + 1 == m as i32 {
        return Cow::Borrowed(&dyadic(power, m).inverse);
    }
    let mut u = [0.0; MOST];
    for (u, node) in u.iter_mut().zip(nodes) {
        *u = power_of_two(power as i32 * (node.exponent - top));
    }
    Cow::Owned(Inverse::of(&u[..m]))
}

/// For m consecutive powers of two, in h^2 (`power` 2) or h (`power` 1).
pub(super) fn dyadic(power: usize, m: usize) -> &'static Dyadic {
    &DYADIC[power - 1][m]
}

impl Dyadic {
    fn new(power: usize, m: usize) -> Dyadic {
        let h = |i: usize| power_of_two(i as i32 + 1 - m as i32);
        let u: [f64; MOST] = std::array::from_fn(|i| h(i).powi(power as i32));
        let inverse = Inverse::of(&u[..m]);
        // Two independent values of weight 1/2 per node of a pair, and f(x) in one side and in even parts.
        let noise = |even: i32, level: usize| {
            let weights = (0..m).map(|i| inverse.columns[i][level] / h(i).powi(1 + even));
            let squares: f64 = weights.clone().map(|weight| weight * weight).sum();
            let (own, shared) = match (power, even) {
                (2, 0) => (0.5 * squares, 0.0),
                (2, _) => (0.5 * squares, weights.sum::<f64>()),
                _ => (squares, weights.sum()),
            };
            0.5 * rough_log2(own + shared * shared)
        };
        Dyadic {
            noise: [0, 1].map(|even| std::array::from_fn(|level| noise(even, level))),
            truncation: inverse.products.map(rough_log2),
            inverse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reproduces_monomials() {
        for power in [1, 2] {
            for m in 1..=MOST {
                let inverse = &dyadic(power, m).inverse;
                for k in 0..m {
                    for degree in 0..m {
                        let mut sum = 0.0;
                        let mut size = 0.0;
                        for i in 0..m {
                            let u = 0.5_f64.powi((power * (m - 1 - i)) as i32);
                            let term = inverse.columns[i][k] * u.powi(degree as i32);
                            sum += term;
                            size += term.abs();
                        }
                        let expected = if degree == k { 1.0 } else { 0.0 };
                        // m multiplications per weight and m additions.
                        assert!((sum - expected).abs() <= 4.0 * m as f64 * f64::EPSILON * size);
                    }
                }
            }
        }
    }
}
