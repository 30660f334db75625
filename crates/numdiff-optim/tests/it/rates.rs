//! Methods with a learning rate against the recurrences of their papers: tests/golden/rates.json, made by
//! rates.py beside it in 40 digits.

use ndarray::{Array1, array};
use numdiff_optim::{Method, minimize};
use serde_json::Value;

#[test]
fn golden_trajectories() {
    let golden: Value = serde_json::from_str(include_str!("../golden/rates.json")).unwrap();
    let rate = 0.05;
    let methods = [
        (
            "momentum",
            Method::Momentum {
                learning_rate: rate,
                momentum: 0.9,
            },
        ),
        (
            "nesterov",
            Method::Nesterov {
                learning_rate: rate,
                momentum: 0.9,
            },
        ),
        (
            "adagrad",
            Method::AdaGrad {
                learning_rate: rate,
            },
        ),
        (
            "rmsprop",
            Method::RmsProp {
                learning_rate: rate,
                decay: 0.9,
            },
        ),
        ("adam", Method::adam(rate)),
        ("adam_w", Method::adam_w(rate, 0.1)),
    ];
    for (name, method) in methods {
        let run = minimize(
            |x: &Array1<f64>| 0.5 * x[0] * x[0] + 2.0 * x[1] * x[1] + x[0] * x[1],
            &array![1.0, -2.0],
        )
        .gradient(|x: &Array1<f64>| array![x[0] + x[1], 4.0 * x[1] + x[0]])
        .method(method)
        .max_iterations(12)
        .record()
        .run()
        .unwrap();
        let path = run.trajectory.path();
        for (k, row) in golden[name].as_array().unwrap().iter().enumerate() {
            for i in 0..2 {
                // Twelve steps of a dozen roundings each on numbers of size 2.
                let expected = row[i].as_f64().unwrap();
                assert!(
                    (path[(k + 1, i)] - expected).abs() < 144.0 * 2.0 * f64::EPSILON,
                    "{name} step {k}"
                );
            }
        }
    }
}
