//! What the values of f hide: rounding of numbers inside, single precision, structure far finer than x.

use crate::bugs::Random;
use ndarray::{Array1, array};
use numdiff_core::check::{self, Report, Verdict};

/// Value and derivative in doubles, and the value in single precision.
type Curve = (fn(f64) -> f64, fn(f64) -> f64, fn(f32) -> f32);

const CURVES: [Curve; 10] = [
    (|x| 1.0 - x.cos(), f64::sin, |x| 1.0 - x.cos()),
    (
        |x| 1.0 / (1.0 + x * x),
        |x| -2.0 * x / (1.0 + x * x).powi(2),
        |x| 1.0 / (1.0 + x * x),
    ),
    (|x| x.hypot(1.0), |x| x / x.hypot(1.0), |x| x.hypot(1.0)),
    (
        |x| x.hypot(1.0) - x,
        |x| x / x.hypot(1.0) - 1.0,
        |x| x.hypot(1.0) - x,
    ),
    (
        |x| x.max(0.0).hypot(1.0),
        |x| x.max(0.0) / x.max(0.0).hypot(1.0),
        |x| x.max(0.0).hypot(1.0),
    ),
    (
        |x| (-x * x).exp(),
        |x| -2.0 * x * (-x * x).exp(),
        |x| (-x * x).exp(),
    ),
    (f64::tanh, |x| x.cosh().powi(-2), f32::tanh),
    (f64::atan, |x| 1.0 / (1.0 + x * x), f32::atan),
    (f64::sin, f64::cos, f32::sin),
    (
        |x| (x * x).sin(),
        |x| 2.0 * x * (x * x).cos(),
        |x| (x * x).sin(),
    ),
];

/// f(x) = curve(x0) + x1, and a gradient that is off by a factor in its first entry.
fn report((f, slope, single): Curve, x: f64, factor: f64, in_single: bool) -> Report {
    let value = |x: &Array1<f64>| match in_single {
        false => f(x[0]) + x[1],
        true => f64::from(single(x[0] as f32) + x[1] as f32),
    };
    let gradient = |x: &Array1<f64>| array![factor * slope(x[0]), 1.0];
    check::gradient(value, gradient, &array![x, f64::from(0.3_f32)]).unwrap()
}

/// x of any size from 1e-9 to 1e7 and of either sign.
fn drawn(random: &mut Random) -> f64 {
    let size = 10f64.powf(random.within(-9.0, 7.0));
    let sign = if random.below(2) == 0 { 1.0 } else { -1.0 };
    f64::from((sign * size) as f32)
}

/// A right gradient is never wrong, and one that is off passes only where the error is below what f's values show.
#[test]
fn what_is_hidden_is_neither_wrong_nor_right() {
    let mut random = Random(11);
    for round in 0..40 {
        for (number, curve) in CURVES.into_iter().enumerate() {
            let (x, in_single) = (drawn(&mut random), round % 2 == 0);
            let what = |report: &Report| format!("{number} at {x:e}, single {in_single}\n{report}");
            let right = report(curve, x, 1.0, in_single);
            assert_eq!(right.counts().wrong, 0, "{}", what(&right));
            for factor in [2.0, -1.0] {
                let wrong = report(curve, x, factor, in_single);
                let off = (wrong.entries[0].analytic * (1.0 - 1.0 / factor)).abs();
                let epsilon = if in_single {
                    f64::from(f32::EPSILON)
                } else {
                    f64::EPSILON
                };
                if wrong.entries[0].verdict == Verdict::Right {
                    let hidden = 1e4 * epsilon * (1.0 + x.abs()) / x.abs().max(1.0);
                    assert!(off <= hidden, "{off:e} {}", what(&wrong));
                }
            }
        }
    }
}

/// Values that a program prints with a few digits are a staircase: a right gradient that they hide is not wrong, and one
/// that is off by more than a thousand of the last digit does not pass.
#[test]
fn printed_digits_are_no_flat_function() {
    let printed =
        |value: f64, digits: usize| -> f64 { format!("{value:.digits$e}").parse().unwrap() };
    let mut random = Random(31);
    for round in 0..60 {
        for (number, (f, slope, _)) in CURVES.into_iter().enumerate() {
            // Where f moves by more than its last digit within the reach of a check.
            let size = 10f64.powf(random.within(-2.0, 0.5));
            let x = if random.below(2) == 0 { size } else { -size };
            let digits = 4 + round % 6;
            let value = |x: &Array1<f64>| printed(f(x[0]) + 0.3 * x[1], digits);
            let report = |factor: f64| {
                let gradient = |x: &Array1<f64>| array![factor * slope(x[0]), 0.3];
                check::gradient(value, gradient, &array![x, 0.7]).unwrap()
            };
            let right = report(1.0);
            assert_eq!(
                right.counts().wrong,
                0,
                "{number} at {x}, {digits}\n{right}"
            );
            let wrong = report(2.0);
            if wrong.entries[0].verdict == Verdict::Right {
                let last = 10f64.powi(-(digits as i32)) * (f(x).abs() + 0.3);
                let off = slope(x).abs() * x.abs();
                assert!(off <= 1e3 * last, "{number} at {x}, {digits}\n{wrong}");
            }
        }
    }
    // x is a last digit from 0, where f hardly changes.
    let f = |x: &Array1<f64>| printed(1.0 / (1.0 + x.dot(x)), 6);
    let g = |x: &Array1<f64>| -2.0 / (1.0 + x.dot(x)).powi(2) * x;
    let report = check::gradient(f, g, &array![1e-7, 0.4, -0.8]).unwrap();
    assert_eq!(report.counts().wrong, 0, "{report}");
}

/// Each was called wrong once.
#[test]
fn right_derivatives_that_were_called_wrong() {
    for (number, x, in_single) in [
        (0, -2.0983106320183477e-9, false),
        (2, 3.0e-9, true),
        (1, -9.461644457867117e-6, true),
        (3, 55873905.819404565, false),
        (8, 750000.0, true),
        (8, 100000000.0, false),
        (9, 8873.0, false),
        (7, -17743.0, true),
    ] {
        let found = report(CURVES[number], x, 1.0, in_single);
        assert_eq!(found.counts().wrong, 0, "{number} {x}\n{found}");
    }
    // Faster than any step at x can follow.
    let f = |x: &Array1<f64>| (x[0].exp() * 1.55).sin();
    let g = |x: &Array1<f64>| array![(x[0].exp() * 1.55).cos() * x[0].exp() * 1.55];
    let found = check::gradient(f, g, &array![50.0]).unwrap();
    assert_eq!(found.counts().wrong, 0, "{found}");
    assert!(!found.is_ok(), "{found}");
}
