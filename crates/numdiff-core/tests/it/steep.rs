//! Functions with large exponents: exp rounds its argument, of 20 to 600, and so makes noise far above the
//! rounding of its value.

use crate::rounded::points;
use numdiff_core::{Adaptive, Estimate};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

/// exp(-k / d) with the quotient in twice the precision.
fn value(k: f64, d: f64) -> f64 {
    let quotient = k / d;
    (-quotient).exp() * (1.0 - (-quotient).mul_add(d, k) / d)
}

/// The derivative of this order of f = e^u from those of u.
fn derivative(f: f64, [a, b, c, d]: [f64; 4], order: usize) -> f64 {
    f * match order {
        1 => a,
        2 => b + a * a,
        3 => c + 3.0 * a * b + a * a * a,
        _ => d + 4.0 * a * c + 3.0 * b * b + 6.0 * a * a * b + a.powi(4),
    }
}

fn inverse(k: f64, x: f64) -> [f64; 4] {
    [k, -2.0 * k / x, 6.0 * k / (x * x), -24.0 * k / x.powi(3)].map(|u| u / (x * x))
}

/// Error over the bar, where the status is to be trusted.
fn bars(found: &Estimate<f64>, truth: f64) -> f64 {
    if found.status.is_trusted() {
        (found.value - truth).abs() / found.error
    } else {
        0.0
    }
}

#[test]
fn the_example() {
    let (k, x) = (1e5, 902.0);
    let f = |t: f64| (-k / t).exp();
    for order in 1..=4 {
        let found = Adaptive::new().nth_derivative(f, x, order).unwrap();
        let truth = derivative(value(k, x), inverse(k, x), order);
        assert!(bars(&found, truth) <= 1.0, "order {order}: {found}");
    }
}

/// Cases outside the bar, and beyond two bars while converged, of 2,000 functions exp(-k/x) with exponents from `a` and
/// orders up to `highest`.
fn missed(a: std::ops::Range<f64>, highest: usize) -> (usize, usize) {
    let (mut outside, mut beyond) = (0, 0);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let drawn = (a, 0.01..100.0_f64, any::<[bool; 2]>(), 1..highest + 1);
    for _ in 0..2000 {
        let tree = drawn.new_tree(&mut runner).unwrap();
        let (a, size, [minus, below], order) = tree.current();
        // Of 24 bits each: what k / x rounds to is a draw of its own.
        let x = f64::from((if below { -size } else { size }) as f32);
        let k = f64::from((if minus { -a * x } else { a * x }) as f32);
        let found = Adaptive::new().nth_derivative(|t: f64| (-k / t).exp(), x, order);
        let found = found.unwrap();
        let bars = bars(&found, derivative(value(k, x), inverse(k, x), order));
        outside += usize::from(bars > 1.0);
        beyond += usize::from(bars > 2.0 && found.status == numdiff_core::Status::Converged);
    }
    (outside, beyond)
}

#[test]
fn large_exponents_keep_their_bars() {
    let (outside, beyond) = missed(20.0..600.0, 4);
    // 1 % outside, 0.3 % beyond two bars, and three deviations of their counts.
    assert!(outside <= 34 && beyond <= 14, "{outside} and {beyond}");
}

#[test]
fn moderate_exponents_keep_them_too() {
    let (outside, beyond) = missed(3.0..20.0, 2);
    // 2.5 % outside, 0.1 % beyond two bars, and three deviations of their counts.
    assert!(outside <= 70 && beyond <= 6, "{outside} and {beyond}");
}

#[test]
fn powers_keep_theirs() {
    // Multiplied out: a hundred roundings in a row.
    let (mut outside, mut beyond) = (0, 0);
    for (i, x) in points(1000, 0.5, 2.0).enumerate() {
        let n = 20 + (i as i32 * 37) % 180;
        let found = Adaptive::new().nth_derivative(|t: f64| t.powi(n), x, 2);
        let p = f64::from(n);
        let bars = bars(&found.unwrap(), p * (p - 1.0) * x.powf(p - 2.0));
        outside += usize::from(bars > 1.0);
        beyond += usize::from(bars > 2.0);
    }
    // 0.5 % and 0.1 %, and three deviations of their counts.
    assert!(outside <= 12 && beyond <= 4, "{outside} and {beyond}");
}
