//! Any nodes give weights or an error; on nodes of ordinary size the weights are exact on polynomials.

#![no_main]

use libfuzzer_sys::fuzz_target;
use numdiff_core::{MAX_NODES, Stencil};

fuzz_target!(|input: (u8, Vec<f64>, Vec<i8>)| {
    let (order, anything, small) = input;
    let order = usize::from(order);
    if let Ok(stencil) = Stencil::new(order, &anything) {
        assert_eq!(stencil.weights().len(), anything.len());
        assert!(anything.len() > order && anything.len() <= MAX_NODES);
    }

    let nodes: Vec<f64> = small.iter().map(|&k| f64::from(k) / 16.0).collect();
    let Ok(stencil) = Stencil::new(order, &nodes) else {
        return;
    };
    // Distinct multiples of 1/16 up to 8 away. Each step of the recursion divides by a difference of
    // nodes and rounds twice; the condition number is the sum of |w| |x|^k, and what rounding makes of
    // it grows with the largest sum that any intermediate stencil has. That is bounded by the weights
    // of all orders on all leading nodes; the fuzzer is kept to few nodes, where it is small.
    if nodes.len() > 6 {
        return;
    }
    for degree in 0..nodes.len() {
        let sum: f64 = stencil
            .weights()
            .iter()
            .zip(&nodes)
            .map(|(w, x)| w * x.powi(degree as i32))
            .sum();
        let exact = if degree == order {
            (1..=order).map(|k| k as f64).product()
        } else {
            0.0
        };
        let scale = condition(order, &nodes) * 8f64.powi(degree as i32);
        assert!(
            (sum - exact).abs() <= 1e3 * f64::EPSILON * (scale + exact),
            "{order} {nodes:?}: {sum} is not {exact}"
        );
    }
});

/// The largest sum of |weights| that a stencil on leading nodes, of this order or below, has.
fn condition(order: usize, nodes: &[f64]) -> f64 {
    let mut largest = 0.0f64;
    for n in 1..=nodes.len() {
        for d in 0..=order.min(n - 1) {
            let stencil = Stencil::new(d, &nodes[..n]).unwrap();
            largest = largest.max(stencil.weights().iter().map(|w| w.abs()).sum());
        }
    }
    largest
}
