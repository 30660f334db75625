//! Stencils and fixed methods are exact on polynomials up to their degree, and linear in f.

use numdiff_core::{FiniteDifference, Stencil, Step};
use proptest::prelude::*;

/// A method of this side and accuracy, with its nodes in units of the step.
pub fn method(side: usize, p: usize, order: usize) -> (FiniteDifference, Vec<f64>) {
    let (method, first, last) = match side {
        0 => {
            // A central scheme has an even accuracy.
            let half = (order.div_ceil(2) - 1 + p.div_ceil(2)) as i32;
            (FiniteDifference::central(), -half, half)
        }
        1 => (FiniteDifference::forward(), 0, (order + p - 1) as i32),
        _ => (FiniteDifference::backward(), -((order + p - 1) as i32), 0),
    };
    (
        method.with_accuracy(p),
        (first..=last).map(f64::from).collect(),
    )
}

fn horner(c: &[f64], x: f64) -> f64 {
    c.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// The derivative of this order, and the sum of the sizes of its terms.
fn exact(c: &[f64], x: f64, order: usize) -> (f64, f64) {
    let term = |k: usize| {
        let falling: f64 = (0..order).map(|j| k as f64 - j as f64).product();
        c[k] * falling * x.powi((k - order) as i32)
    };
    let terms = (order..c.len()).map(term);
    (terms.clone().sum(), terms.map(f64::abs).sum())
}

/// Rounding of a stencil's sum: each value of f is off by 2 n units (n operations of Horner's rule
/// on terms of this size), each weight by a few units for each node; all over h^order.
fn rounding(nodes: &[f64], order: usize, h: f64, degree: usize, size: f64) -> f64 {
    let stencil = Stencil::new(order, nodes).unwrap();
    let weights: f64 = stencil.weights().iter().map(|w| w.abs()).sum();
    let units = 2.0 * degree as f64 + 8.0 * nodes.len() as f64;
    units * f64::EPSILON * weights * size / h.powi(order as i32)
}

proptest! {
    /// Degree order + accuracy - 1 and less: what is left is rounding.
    #[test]
    fn fixed_methods_are_exact(
        side in 0..3_usize, p in 1..8_usize, order in 1..5_usize,
        c in prop::collection::vec(-3.0..3.0_f64, 12), x in -2.0..2.0_f64, octave in -3..1_i32,
    ) {
        let (method, nodes) = method(side, p, order);
        let h = 2.0_f64.powi(octave);
        let accuracy = if side == 0 { p.next_multiple_of(2) } else { p };
        let c = &c[..(order + accuracy).min(12)];
        let found = method.with_step(Step::Absolute(h)).nth_derivative(|x| horner(c, x), x, order).unwrap();
        let far = nodes.iter().fold(0.0_f64, |far, t| far.max((x + t * h).abs()));
        let sizes: Vec<f64> = c.iter().map(|c| c.abs()).collect();
        let (exact, size) = exact(c, x, order);
        let tolerance = rounding(&nodes, order, h, c.len(), horner(&sizes, far)) + 16.0 * f64::EPSILON * size;
        prop_assert!((found - exact).abs() <= tolerance, "{} {} {:e}", found, exact, tolerance);
    }

    /// The public stencil on any distinct nodes: degree below the number of nodes.
    #[test]
    fn stencils_on_any_nodes_are_exact(
        places in prop::collection::btree_set(-40..41_i32, 2..9), order in 0..5_usize,
        c in prop::collection::vec(-3.0..3.0_f64, 9),
    ) {
        prop_assume!(places.len() > order);
        let nodes: Vec<f64> = places.iter().map(|&k| f64::from(k) / 8.0).collect();
        let stencil = Stencil::new(order, &nodes).unwrap();
        let c = &c[..nodes.len()];
        let sum: f64 = stencil.weights().iter().zip(&nodes).map(|(w, &t)| w * horner(c, t)).sum();
        let sizes: Vec<f64> = c.iter().map(|c| c.abs()).collect();
        let far = nodes.iter().fold(0.0_f64, |far, t| far.max(t.abs()));
        let (exact, _) = exact(c, 0.0, order);
        let tolerance = rounding(&nodes, order, 1.0, c.len(), horner(&sizes, far));
        prop_assert!((sum - exact).abs() <= tolerance, "{} {} {:e}", sum, exact, tolerance);
        // Weights sum to zero (to one for order 0): a constant has no slope.
        let total: f64 = stencil.weights().iter().sum();
        let expected = if order == 0 { 1.0 } else { 0.0 };
        prop_assert!((total - expected).abs() <= rounding(&nodes, order, 1.0, 1, 1.0));
    }

    /// D(a f + b g) = a D f + b D g within the rounding of the three sums.
    #[test]
    fn linear_in_f(
        side in 0..3_usize, p in 1..6_usize, order in 1..4_usize, x in -2.0..2.0_f64,
        a in -4.0..4.0_f64, b in -4.0..4.0_f64, octave in -8..-2_i32,
    ) {
        let (method, nodes) = method(side, p, order);
        let h = 2.0_f64.powi(octave);
        let method = method.with_step(Step::Absolute(h));
        let (f, g) = (f64::sin, |x: f64| 1.0 / (1.0 + x * x));
        let both = method.nth_derivative(|x: f64| a * f(x) + b * g(x), x, order).unwrap();
        let apart = both - a * method.nth_derivative(f, x, order).unwrap() - b * method.nth_derivative(g, x, order).unwrap();
        // Both functions are at most 1, their rounding a unit or so; the sum has two operations.
        let tolerance = 3.0 * rounding(&nodes, order, h, 2, a.abs() + b.abs());
        prop_assert!(apart.abs() <= tolerance, "{:e} {:e}", apart, tolerance);
    }
}
