//! Methods with a learning rate against the recurrences of their papers: tests/golden/rates.json, made by
//! rates.py beside it in 40 digits.

use ndarray::{Array1, array};
use numdiff_optim::{Method, Optimizer, minimize};
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
        ("adagrad", Method::ada_grad(rate)),
        ("rmsprop", Method::rms_prop(rate)),
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

/// The book's AdaGrad and RMSProp, and its Adam, which corrects the rate and not the averages: a gradient as
/// small as its epsilon of 1e-7 shows where that stands.
#[test]
fn epsilon_is_a_setting() {
    let (rate, epsilon, g) = (0.1, 1e-7, [3e-7, -2e-7, 1e-7]);
    let run = |method: Method| {
        let (mut optimizer, mut x) = (Optimizer::new(method, 1).unwrap(), [0.5]);
        g.map(|g| {
            optimizer.step(&mut x, &[g]).unwrap();
            x[0]
        })
    };
    let same = |a: [f64; 3], b: [f64; 3]| {
        let near = |(a, b): (f64, f64)| (a - b).abs() < 16.0 * f64::EPSILON;
        assert!(a.into_iter().zip(b).all(near), "{a:?} {b:?}");
    };
    let (mut x, mut h) = (0.5, 0.0);
    let ada_grad = Method::AdaGrad {
        learning_rate: rate,
        epsilon,
    };
    same(
        run(ada_grad),
        g.map(|g| {
            h += g * g;
            x -= rate * g / (f64::sqrt(h) + epsilon);
            x
        }),
    );
    let (mut x, mut h) = (0.5, 0.0);
    let rms_prop = Method::RmsProp {
        learning_rate: rate,
        decay: 0.99,
        epsilon,
    };
    same(
        run(rms_prop),
        g.map(|g| {
            h = 0.99 * h + (1.0 - 0.99) * g * g;
            x -= rate * g / (f64::sqrt(h) + epsilon);
            x
        }),
    );
    // In step t the book's epsilon is this one times sqrt(1 - beta2^t): the first step of both.
    let (m, v) = (0.1 * g[0], (1.0 - 0.999) * g[0] * g[0]);
    let corrected = rate * f64::sqrt(1.0 - 0.999) / (1.0 - 0.9);
    let book = 0.5 - corrected * m / (v.sqrt() + epsilon);
    let epsilon = epsilon / f64::sqrt(1.0 - 0.999);
    let adam = Method::Adam {
        learning_rate: rate,
        beta1: 0.9,
        beta2: 0.999,
        epsilon,
    };
    let found = run(adam)[0];
    assert!((found - book).abs() < 16.0 * f64::EPSILON, "{found} {book}");
}
