//! The tutorial's gradient descent against its printed numbers, and in general.

use ndarray::{Array1, Array2, array};
use numdiff_optim::{Error, gradient_descent};
use proptest::prelude::*;
use serde_json::Value;

fn bowl(x: &Array1<f64>) -> f64 {
    x[0].powi(2) + x[1].powi(2)
}

/// tests/golden/gradient_descent.json: plain f64 arithmetic of the tutorial's program, as bits.
#[test]
fn the_tutorials_runs_bit_for_bit() {
    let golden: Value =
        serde_json::from_str(include_str!("../golden/gradient_descent.json")).unwrap();
    let bits = |v: &Value| {
        let text = v["bits"]
            .as_str()
            .unwrap()
            .trim_start_matches("0x")
            .to_owned();
        f64::from_bits(u64::from_str_radix(&text, 16).unwrap())
    };
    for run in golden["runs"].as_array().unwrap() {
        let (rate, steps) = (
            run["lr"].as_f64().unwrap(),
            run["steps"].as_u64().unwrap() as usize,
        );
        let (x, path) = gradient_descent(bowl, &array![-3.0, 4.0], rate, steps).unwrap();
        assert_eq!(path.dim(), (steps + 1, 2));
        for (i, v) in run["final"].as_array().unwrap().iter().enumerate() {
            assert_eq!(
                x[i].to_bits(),
                bits(v).to_bits(),
                "rate {rate}, coordinate {i}"
            );
        }
        for (k, row) in run["history"].as_array().unwrap().iter().enumerate() {
            for (i, v) in row.as_array().unwrap().iter().enumerate() {
                assert_eq!(
                    path[(k, i)].to_bits(),
                    bits(v).to_bits(),
                    "rate {rate}, step {k}"
                );
            }
        }
    }
}

#[test]
fn a_matrix_is_a_point() {
    let f = |x: &Array2<f64>| x.iter().map(|v| v * v).sum::<f64>();
    let (x, path) = gradient_descent(f, &Array2::ones((2, 3)), 0.25, 3).unwrap();
    assert_eq!((x.dim(), path.dim()), ((2, 3), (4, 6)));
    // The contraction is 1 - 2 * 0.25 a step; a central difference of a quadratic is exact but for
    // rounding, 2^-52 * 6 / 2e-4 in g.
    assert!(x.iter().all(|v| (v - 0.125).abs() < 1e-11));
}

#[test]
fn no_steps_return_the_start() {
    let (x, path) = gradient_descent(bowl, &array![-3.0, 4.0], 0.1, 0).unwrap();
    assert_eq!((x, path), (array![-3.0, 4.0], array![[-3.0, 4.0]]));
}

#[test]
fn bad_input_is_named() {
    let start = array![1.0, 2.0];
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = gradient_descent(bowl, &start, rate, 1).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Setting {
                    setting: "learning rate",
                    ..
                }
            ),
            "{error}"
        );
    }
    let error = gradient_descent(bowl, &array![1.0, f64::NAN], 0.1, 1).unwrap_err();
    assert!(error.to_string().contains("x[1]"), "{error}");
    let empty = Array1::<f64>::zeros(0);
    assert!(gradient_descent(|_| 0.0, &empty, 0.1, 0).is_err());
    let fails = |_: &Array1<f64>| -> Result<f64, &str> { Err("no license") };
    let error = gradient_descent(fails, &start, 0.1, 1).unwrap_err();
    assert!(error.to_string().contains("no license"), "{error}");
}

proptest! {
    /// On a quadratic with curvature c the update multiplies x by 1 - rate c, but for the rounding
    /// of the difference, at most eps max f / h in g.
    #[test]
    fn contracts_a_quadratic(c in 0.1f64..4.0, x in -10.0f64..10.0, rate in 1e-3f64..0.2) {
        let f = |x: &Array1<f64>| 0.5 * c * x[0] * x[0];
        let (_, path) = gradient_descent(f, &array![x], rate, 10).unwrap();
        for k in 0..10 {
            let largest = 0.5 * c * (path[(k, 0)].abs() + 1e-4).powi(2);
            let bound = rate * (4.0 * f64::EPSILON * largest / 1e-4 + 8.0 * f64::EPSILON * x.abs() / 1e-4 * c * x.abs());
            let exact = (1.0 - rate * c) * path[(k, 0)];
            prop_assert!((path[(k + 1, 0)] - exact).abs() <= bound + 1e-15);
        }
    }
}
