//! What adaptive derivatives say of functions that are rounded on the way, of small jumps at x, of
//! structure far below the steps, and beside singularities: error bars hold there, too.

use numdiff_core::{Adaptive, Status};

/// A function and its derivative.
type Case = (fn(f64) -> f64, fn(f64) -> f64);

/// Points that lie on no grid of the functions below.
pub fn points(count: usize, from: f64, to: f64) -> impl Iterator<Item = f64> {
    (0..count).map(move |i| from + (to - from) * (i as f64 + 0.37) / count as f64)
}

#[test]
fn results_on_a_grid_keep_their_error_bars() {
    let cases: [Case; 4] = [
        (
            |x| f64::from((0.3 + 0.04 * x + 5.0 * x * x) as f32),
            |x| 0.04 + 10.0 * x,
        ),
        (
            |x| f64::from((3.0 * x).cos() as f32),
            |x| -3.0 * (3.0 * x).sin(),
        ),
        (
            |x| ((1.0 + 5.0 * x * x + 0.1 * x) * 1e5).round() / 1e5,
            |x| 10.0 * x + 0.1,
        ),
        (
            |x| ((x * x).cos() * 1e5).round() / 1e5,
            |x| -2.0 * x * (x * x).sin(),
        ),
    ];
    let (mut seen, mut outside) = (0, 0);
    for x in points(600, -3.0, 3.0) {
        for (f, first) in cases {
            let mut moved = false;
            let d = Adaptive::new()
                .derivative(
                    |z| {
                        moved |= f(z) != f(x);
                        f(z)
                    },
                    x,
                )
                .unwrap();
            // An f that returned one value has the derivative 0 of a constant.
            if moved {
                seen += 1;
                outside += usize::from((d.value - first(x)).abs() > d.error);
            }
        }
    }
    // A bar of three standard deviations leaves 0.3 % outside.
    assert!(seen > 2300);
    assert!(outside * 1000 <= 3 * seen, "{outside} of {seen}");
}

#[test]
fn a_rounded_part_of_a_formula_is_noise() {
    // The quotients are smooth between two roundings of their numerators, far steeper than f.
    let cases: [Case; 3] = [
        (
            |x| (1.0 - x.cos()) / (x * x),
            |x| -x / 12.0 + x.powi(3) / 180.0,
        ),
        (
            |x| (1.0 + x * x).ln() / x,
            |x| 1.0 - 1.5 * x * x + 5.0 / 3.0 * x.powi(4),
        ),
        (
            |x| (1.0 + x).ln() / x,
            |x| -0.5 + 2.0 / 3.0 * x - 0.75 * x * x + 0.8 * x.powi(3),
        ),
    ];
    let (mut seen, mut wrong) = (0, 0);
    for exponent in points(500, -5.0, -2.0) {
        for x in [10.0_f64.powf(exponent), -(10.0_f64.powf(exponent))] {
            for (f, first) in cases {
                let d = Adaptive::new().derivative(f, x).unwrap();
                let gross = (d.value - first(x)).abs() > 1e-3 * first(x).abs();
                seen += 1;
                wrong += usize::from(gross && d.error <= 1e-3 * d.value.abs());
            }
        }
    }
    // Where no two places that were looked at lie beside each other on a step, nothing tells.
    assert!(wrong * 100 <= seen, "{wrong} of {seen}");
}

#[test]
fn small_jumps_at_x_are_told_on_either_side() {
    // From a millionth of f on: seen by a check point, by noise that is none, by failed looks.
    for (i, x) in points(600, -2.0, 2.0).enumerate() {
        let jump = 10.0_f64.powf(-6.0 + 6.0 * (i % 20) as f64 / 20.0);
        for side in [-1.0, 1.0] {
            let f = |z: f64| {
                let beside = side * (z - x) > 0.0;
                z.exp() * (2.0 * z).sin() + if beside { jump } else { 0.0 }
            };
            let d = Adaptive::new().derivative(f, x).unwrap();
            assert_eq!(d.status, Status::NotSmooth, "{jump} at {x}, {d:?}");
        }
    }
}

#[test]
fn a_line_seen_from_far_above_the_scale_of_f_is_not_its_tangent() {
    for scale in [1e-25, 1e-30, 1e-60] {
        for u in [0.3, 1.0, -2.0] {
            let d = Adaptive::new()
                .derivative(|x: f64| x / scale + (x / scale).atan(), u * scale)
                .unwrap();
            let exact = (1.0 + 1.0 / (1.0 + u * u)) / scale;
            // 16 roundings of the closed form.
            let rounding = 16.0 * f64::EPSILON * exact;
            assert!((d.value - exact).abs() <= d.error + rounding, "{d:?}");
            assert!(d.error <= 1e-9 * exact, "{d:?}");
        }
    }
}

#[test]
fn error_bars_hold_beside_roots_and_logarithms() {
    // Derivatives of order 0 to 4 of (x - a)^(1/2) and ln(x - a).
    let root = |d: f64, order: i32| {
        let factor = [1.0, 0.5, -0.25, 0.375, -0.9375][order as usize];
        factor * d.sqrt() * d.powi(-order)
    };
    let log = |d: f64, order: i32| [0.0, 1.0, -1.0, 2.0, -6.0][order as usize] * d.powi(-order);
    let (mut seen, mut outside) = (0, 0);
    for exponent in points(500, -7.0, 0.0) {
        for x in [1.3, -0.7] {
            let a = x - 10.0_f64.powf(exponent);
            let d = x - a;
            for order in 2..=4 {
                let with_root = |z: f64| z.exp() + (z - a).sqrt();
                let with_log = |z: f64| z.exp() + (z - a).ln();
                let adaptive = Adaptive::new();
                let found = adaptive.nth_derivative(with_root, x, order).unwrap();
                let exact = x.exp() + root(d, order as i32);
                outside += usize::from((found.value - exact).abs() > found.error);
                let found = adaptive.nth_derivative(with_log, x, order).unwrap();
                let exact = x.exp() + log(d, order as i32);
                outside += usize::from((found.value - exact).abs() > found.error);
                seen += 2;
            }
        }
    }
    assert!(outside * 1000 <= 3 * seen, "{outside} of {seen}");
}

/// A result that is rounded to some decimals is noisy at x = 0 as it is elsewhere: told, with a bar that holds.
#[test]
fn results_rounded_to_decimals_are_noisy_at_0() {
    let (mut told, mut beyond, mut all) = (0, 0, 0);
    for decimals in [5, 6, 7, 8, 9, 10] {
        let unit = 10_f64.powi(decimals);
        for k in points(20, 0.2, 3.0) {
            let cases: [(&dyn Fn(f64) -> f64, f64); 3] = [
                (&|x| 1.3 + (k * x).sin(), k),
                (&|x| (k * x + 0.7).exp(), k * 0.7_f64.exp()),
                (&|x| (x + k).ln(), 1.0 / k),
            ];
            for (f, slope) in cases {
                let rounded = |x: f64| (f(x) * unit).round() / unit;
                let found = Adaptive::new().derivative(rounded, 0.0).unwrap();
                all += 1;
                told += usize::from(found.status != Status::Converged);
                beyond += usize::from((found.value - slope).abs() > 2.0 * found.error);
            }
        }
    }
    assert!(10 * told >= 8 * all, "{told} of {all} are told");
    assert!(50 * beyond <= all, "{beyond} of {all} beyond two bars");
}
