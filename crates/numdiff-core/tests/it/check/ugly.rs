//! Points of any size, directions that move nothing, functions that fail or change, noise in the Taylor test.

use crate::bugs::{Random, noise};
use ndarray::{Array1, Array2, array};
use numdiff_core::check;
use numdiff_core::{Error, Outputs};
use std::cell::Cell;

const SIZES: [f64; 8] = [0.0, 5e-324, -1e-310, 1e-300, -1e-30, 1.0, 1e30, -1e150];

/// A check ends whatever the sizes of x and of its direction, and accuses no derivative that is right.
#[test]
fn points_of_any_size() {
    let f = |x: &Array1<f64>| 2.0 * x[0] - 3.0 * x[1] + x[0] * x[1];
    let g = |x: &Array1<f64>| array![2.0 + x[1], x[0] - 3.0];
    let outputs = |x: &Array1<f64>| [f(x), x[1]];
    for (a, b) in SIZES.iter().zip(SIZES.iter().cycle().skip(3)) {
        let x = array![*a, *b];
        let right = check::gradient(f, g, &x).unwrap();
        assert_eq!(right.counts().wrong, 0, "{x}: {right}");
        let wrong = check::gradient(f, |x: &Array1<f64>| 2.0 * g(x), &x).unwrap();
        assert!(wrong.counts().wrong > 0, "{x}: {wrong}");
        let h = |_: &Array1<f64>| array![[0.0, 1.0], [1.0, 0.0]];
        let right = check::hessian(f, h, &x).unwrap();
        assert_eq!(right.counts().wrong, 0, "{x}: {right}");
        for v in [array![0.0, 0.0], array![1e200, -1.0], array![1e-320, 0.0]] {
            let product = |x: &Array1<f64>, v: &Array1<f64>| [g(x).dot(v), v[1]];
            if !g(&x).dot(&v).is_finite() {
                continue;
            }
            let right = check::jacobian_vector(outputs, product, &x, &v).unwrap();
            assert_eq!(right.counts().wrong, 0, "{x} along {v}: {right}");
        }
        // Nothing moves: the product is 0.
        let one = |_: &Array1<f64>, _: &Array1<f64>| [1.0, 0.0];
        let wrong = check::jacobian_vector(outputs, one, &x, &array![0.0, 0.0]).unwrap();
        assert_eq!(wrong.counts().wrong, 1, "{x}: {wrong}");
    }
}

/// Values among the smallest numbers have few digits: those do not make a derivative wrong.
#[test]
fn values_among_the_smallest_numbers() {
    for scale in [1e-318, 1e-322] {
        let f = |x: &Array1<f64>| scale * x.dot(x);
        let g = |x: &Array1<f64>| 2.0 * scale * x;
        let report = check::gradient(f, g, &array![1.0, 2.0, 3.0]).unwrap();
        assert_eq!(report.counts().wrong, 0, "{report}");
    }
}

/// An f with another number of outputs than before is told, by every check and at every call.
#[test]
fn outputs_that_change() {
    let x = array![1.0, 2.0, 3.0];
    for from in 2..5 {
        for other in [1, 3] {
            let calls = Cell::new(0);
            let f = |x: &Array1<f64>| {
                calls.set(calls.get() + 1);
                vec![x[0]; if calls.get() < from { 2 } else { other }]
            };
            let j = |_: &Array1<f64>| array![[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]];
            let changed = |error: Option<Error>| {
                calls.set(0);
                assert!(
                    matches!(error, Some(Error::OutputsChanged { found, expected: 2 }) if found == other),
                    "{error:?}"
                );
            };
            changed(check::jacobian(f, j, &x).err());
            changed(check::directions_of(f, j, &x, 1).err());
            changed(check::taylor_of(f, j, &x, 1).err());
            let product = |_: &Array1<f64>, v: &Array1<f64>| [v[0], v[0]];
            changed(check::jacobian_vector(f, product, &x, &x).err());
        }
    }
}

/// The error says that it is the derivative which failed, or has no entries, not f.
#[test]
fn derivatives_that_fail_are_named() {
    let x = array![1.0, 2.0];
    let f = |x: &Array1<f64>| x.sum();
    fn fails<S: Outputs<f64>>(
        g: impl Fn(&Array1<f64>) -> S,
        f: fn(&Array1<f64>) -> f64,
    ) -> Vec<Error> {
        let x = array![1.0, 2.0];
        vec![
            check::gradient(f, &g, &x).unwrap_err(),
            check::directions(f, &g, &x, 1).unwrap_err(),
            check::taylor(f, &g, &x, 1).unwrap_err(),
        ]
    }
    for error in fails(|_| Err::<Vec<f64>, _>("no slope here"), f) {
        assert!(matches!(error, Error::Derivative { .. }), "{error}");
        assert!(error.to_string().contains("failed: no slope here; check"));
    }
    for error in fails(|_| Vec::new(), f) {
        assert!(
            matches!(
                error,
                Error::Length {
                    found: 0,
                    expected: 2,
                    ..
                }
            ),
            "{error}"
        );
    }
    let infinite = |_: &Array1<f64>| f64::INFINITY;
    let error = check::taylor(infinite, |x: &Array1<f64>| x.clone(), &x, 1);
    assert!(matches!(error, Err(Error::NonFiniteValue { .. })));
}

/// The Taylor test of a right derivative passes and that of a wrong one fails, whatever the size of f and the noise
/// in it below a thousandth of its change.
#[test]
fn taylor_test_of_noisy_functions() {
    let mut random = Random(29);
    for trial in 0..200 {
        let x = Array1::from(vec![random.within(0.3, 1.5), random.within(-1.0, 1.0)]);
        let level = [0.0, 1e-12, 1e-9, 1e-7][trial % 4];
        let scale = 10_f64.powf(random.within(-250.0, 250.0));
        let single = trial % 5 == 0;
        let value = |x: &Array1<f64>| {
            // Bent along every direction.
            let exact = x[0].exp() + 1.5 * x[1] * x[1];
            let exact = if single {
                f64::from(exact as f32)
            } else {
                exact
            };
            scale * (exact + level * noise(x.as_slice().unwrap()))
        };
        let f = |x: &Array1<f64>| [value(x), 0.5 * value(x)];
        let j = |x: &Array1<f64>, error: f64| {
            let row = array![x[0].exp(), 3.0 * x[1]] * scale * (1.0 + error);
            Array2::from_shape_fn((2, 2), |(i, k)| row[k] / (1.0 + i as f64))
        };
        let right = check::taylor_of(f, |x: &Array1<f64>| j(x, 0.0), &x, trial as u64).unwrap();
        assert!(right.is_ok(), "{trial}: {right}");
        let wrong = check::taylor_of(f, |x: &Array1<f64>| j(x, 0.2), &x, trial as u64).unwrap();
        assert!(!wrong.is_ok(), "{trial}: {wrong}");
    }
    // Nothing is seen beside x: that is no pass.
    for beside in [f64::INFINITY, f64::NAN] {
        let f = |x: &Array1<f64>| if x[0] == 1.0 { 1.0 } else { beside };
        let test = check::taylor(f, |_: &Array1<f64>| array![0.0], &array![1.0], 1).unwrap();
        assert!(!test.is_ok(), "{test}");
    }
}
