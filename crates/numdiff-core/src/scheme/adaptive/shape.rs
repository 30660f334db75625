//! Interpolation in powers of the step, for steps that are powers of two.
//!
//! A central pair gives the odd part of f as a series in h^2, a single point f(x + h) - f(x) one in
//! h. With steps H, H/2, H/4, … the variable u = (h/H)^2 or h/H takes the values 1, 1/4, 1/16, … or
//! 1, 1/2, 1/4, …: the inverse Vandermonde matrices are constants, computed once.

use super::constants::FACTORIAL;
use super::power::{power_of_two, rough_log2};
use super::sampling::Node;
use std::sync::LazyLock;

/// Most nodes a window may have.
pub(super) const MOST: usize = 8;

/// A number for each level.
type Levels = [f64; MOST];

/// What the coefficients of the interpolating polynomial make of the values at the nodes of a window, and of their
/// noise, by the ratios of the steps.
pub(super) struct Shape {
    /// `weights[i][k]`: how the coefficient of u^k depends on the value at node i; node 0 is the
    /// smallest step.
    pub weights: [Levels; MOST],
    /// `variances[even][i][k]`: the variance of level k of the odd or the even part, in units of 1 / H^2, per
    /// variance of f at node i: two independent values of weight 1/2 for a pair.
    pub variances: [[Levels; MOST]; 2],
    /// The deviation of the level, in units of 1 / H, per deviation of f(x), which all nodes have in common.
    pub centers: [Levels; 2],
    /// The same for a noise that is one everywhere.
    pub deviations: [Levels; 2],
    /// `products[k]`: elementary symmetric function of degree m - k of the nodes: the size of the
    /// error that a term u^m causes in the coefficient of u^k.
    pub products: Levels,
    /// log2 of the deviations and of the products.
    pub log_deviations: [Levels; 2],
    pub log_products: Levels,
    /// The top level of the other part that h^(n-1) makes, by the order n: odd orders have it in the even part.
    pub wrong: [f64; FACTORIAL.len()],
}

/// The shapes of m consecutive powers of two, from one side and central.
static DYADIC: LazyLock<[[Shape; MOST + 1]; 2]> = LazyLock::new(|| {
    let steps: [f64; MOST] = std::array::from_fn(|i| power_of_two(i as i32 + 1 - MOST as i32));
    [1, 2].map(|power| std::array::from_fn(|m| Shape::of(power, &steps[MOST - m..])))
});

/// The shape of m consecutive powers of two, in h^2 (`power` 2) or h (`power` 1).
pub(super) fn dyadic(power: usize, m: usize) -> &'static Shape {
    &DYADIC[power - 1][m]
}

/// The shape of these nodes, smallest step first; `own` holds it where they are not consecutive.
#[inline]
pub(super) fn shape_of<'a>(power: usize, nodes: &[Node], own: &'a mut Option<Shape>) -> &'a Shape {
    let m = nodes.len();
    let top = nodes[m - 1].exponent;
    if top - nodes[0].exponent + 1 == m as i32 {
        return dyadic(power, m);
    }
    let mut steps = [0.0; MOST];
    for (step, node) in steps.iter_mut().zip(nodes) {
        *step = power_of_two(node.exponent - top);
    }
    own.insert(Shape::of(power, &steps[..m]))
}

impl Shape {
    /// Of distinct steps in units of the largest, smallest first.
    #[cold]
    fn of(power: usize, steps: &[f64]) -> Shape {
        let m = steps.len();
        let mut u = [0.0; MOST];
        for (u, step) in u.iter_mut().zip(steps) {
            *u = step.powi(power as i32);
        }
        let (weights, products) = interpolation(&u[..m]);
        let (mut variances, mut centers) = ([[[0.0; MOST]; MOST]; 2], [[0.0; MOST]; 2]);
        let mut wrong = [0.0; FACTORIAL.len()];
        for (i, step) in steps.iter().enumerate() {
            for k in 0..m {
                let odd = weights[i][k] / step;
                let even = odd / step;
                if power == 2 {
                    variances[0][i][k] = 0.5 * odd * odd;
                    variances[1][i][k] = 0.5 * even * even;
                    centers[1][k] += even;
                } else {
                    variances[0][i][k] = odd * odd;
                    centers[0][k] += odd;
                }
            }
            for (order, wrong) in wrong.iter_mut().enumerate().skip(1) {
                // Even quotients have the powers 1, 3, 5…: over h/H they are series in u, too.
                let power = order as i32 - 1 - (order % 2) as i32;
                *wrong += weights[i][m - 1] * step.powi(power);
            }
        }
        let variance = |even: usize, k: usize| {
            let own: f64 = variances[even].iter().map(|node: &Levels| node[k]).sum();
            own + centers[even][k] * centers[even][k]
        };
        let variance = [0, 1].map(|even| std::array::from_fn(|k| variance(even, k)));
        Shape {
            deviations: variance.map(|levels: Levels| levels.map(f64::sqrt)),
            log_deviations: variance.map(|levels| levels.map(|level| 0.5 * rough_log2(level))),
            log_products: products.map(rough_log2),
            weights,
            variances,
            centers,
            products,
            wrong,
        }
    }
}

/// The coefficients of the interpolating polynomial through distinct u as a matrix on the values, and the elementary
/// symmetric functions of u.
fn interpolation(u: &[f64]) -> ([Levels; MOST], Levels) {
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
    (columns, products)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reproduces_monomials() {
        for power in [1, 2] {
            for m in 1..=MOST {
                let weights = &dyadic(power, m).weights;
                for k in 0..m {
                    for degree in 0..m {
                        let mut sum = 0.0;
                        let mut size = 0.0;
                        for i in 0..m {
                            let u = 0.5_f64.powi((power * (m - 1 - i)) as i32);
                            let term = weights[i][k] * u.powi(degree as i32);
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
