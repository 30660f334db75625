//! The order of the truncation error: halving h divides it by 2^p.

use crate::polynomials::method;
use numdiff_core::{Stencil, Step};
use proptest::prelude::*;

proptest! {
    /// t^(d + p) at 0 is the first power that a stencil does not see right: the whole answer is
    /// truncation, C h^p.
    #[test]
    fn of_the_first_power_exactly(side in 0..3_usize, p in 1..8_usize, order in 1..5_usize, octave in -20..4_i32) {
        let (method, nodes) = method(side, p, order);
        let accuracy = if side == 0 { p.next_multiple_of(2) } else { p };
        let degree = (order + accuracy) as i32;
        let error = |h: f64| {
            method.clone().with_step(Step::Absolute(h)).nth_derivative(|t: f64| t.powi(degree), 0.0, order).unwrap()
        };
        let h = 2.0_f64.powi(octave);
        let (coarse, fine) = (error(h), error(0.5 * h));
        // Powers of two: the same mantissas at both steps, but for the powers' own rounding.
        let stencil = Stencil::new(order, &nodes).unwrap();
        let terms: f64 = stencil.weights().iter().zip(&nodes).map(|(w, t)| (w * t.powi(degree)).abs()).sum();
        let rounding = 8.0 * f64::from(degree) * f64::EPSILON * terms * h.powi(degree - order as i32);
        prop_assert!(coarse.abs() > rounding);
        prop_assert!((coarse - fine * 2.0_f64.powi(accuracy as i32)).abs() <= rounding, "{:e} {:e}", coarse, fine);
    }

    /// The exponential: E = C h^p (1 + c h + ...), where |c| is at most the width of the stencil.
    #[test]
    fn of_a_smooth_function(side in 0..3_usize, p in 1..5_usize, order in 1..3_usize, x in -2.0..2.0_f64) {
        let (method, nodes) = method(side, p, order);
        let accuracy = if side == 0 { p.next_multiple_of(2) } else { p };
        let h = 2.0_f64.powi(-5);
        let error = |h: f64| {
            method.clone().with_step(Step::Absolute(h)).nth_derivative(f64::exp, x, order).unwrap() / x.exp() - 1.0
        };
        let (coarse, fine) = (error(h), error(0.5 * h));
        let stencil = Stencil::new(order, &nodes).unwrap();
        let weights: f64 = stencil.weights().iter().map(|w| w.abs()).sum();
        let width = nodes[nodes.len() - 1] - nodes[0];
        // Four units of rounding in each value, over (h/2)^order, against the finer error.
        let noise = 4.0 * f64::EPSILON * weights * (width * h).exp() / (0.5 * h).powi(order as i32);
        let slack = 2.0 * width * h + 2.0 * noise / fine.abs();
        prop_assert!(((coarse / fine).log2() - accuracy as f64).abs() <= slack, "{:e} {:e} {}", coarse, fine, slack);
    }
}
