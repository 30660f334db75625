//! Against `tests/golden/ranges.json`, which `ranges.py` beside it makes with mpmath: near-certain
//! predictions, saturated units, inputs from 1e-300 to 1e300.

use ndarray::{Array2, array};
use numdiff_nn::{Activation, Batch, Dense, Error, GradientAlgorithm, Loss, Network, Targets};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values
        .map(|v| v.as_f64().unwrap_or(f64::INFINITY))
        .collect()
}

fn activation(name: &str) -> Activation {
    match name {
        "Sigmoid" => Activation::Sigmoid,
        "Tanh" => Activation::Tanh,
        "Softplus" => Activation::Softplus,
        "Relu" => Activation::Relu,
        _ => Activation::LeakyRelu { slope: 0.125 },
    }
}

fn case(case: &Value) -> (Network, Batch) {
    let widths: Vec<usize> = numbers(&case["widths"])
        .iter()
        .map(|w| *w as usize)
        .collect();
    let mut builder = Network::builder();
    let mut width = widths[0];
    if let Some(name) = case["activation"].as_str() {
        builder = builder
            .layer(Dense::new(width, widths[1]).without_bias())
            .layer(activation(name));
        width = widths[1];
    }
    let loss = match case["loss"].as_str().unwrap() {
        "Tutorial" => Loss::TUTORIAL,
        "LogSoftmax" => Loss::LogSoftmax,
        "SigmoidCrossEntropy" => Loss::SigmoidCrossEntropy,
        "MeanSquaredError" => Loss::MeanSquaredError,
        _ => Loss::SumSquaredError,
    };
    let network = builder
        .layer(Dense::new(width, widths[2]).without_bias())
        .loss(loss)
        .weights(&numbers(&case["weights"]))
        .unwrap();
    let rows = case["x"].as_array().unwrap();
    let x: Vec<f64> = rows.iter().flat_map(numbers).collect();
    let x = Array2::from_shape_vec((rows.len(), widths[0]), x).unwrap();
    let labels: Vec<usize> = numbers(&case["labels"])
        .iter()
        .map(|l| *l as usize)
        .collect();
    (network, Batch::new(x, Targets::labels(&labels)).unwrap())
}

/// Entry by entry: a few hundred roundings of what its samples add up. A logit of 700 is known to half
/// a last place, 6e-14, and so are the logarithms of probabilities.
#[test]
fn differences_without_cancellation_over_the_range_of_numbers() {
    let cases: Value = serde_json::from_str(include_str!("../golden/ranges.json")).unwrap();
    let mut compared = 0;
    for (number, value) in cases.as_array().unwrap().iter().enumerate() {
        let (network, batch) = case(value);
        let size = numbers(&value["size"]);
        for (algorithm, exact) in [
            (GradientAlgorithm::IncrementAlgebra, &value["parameters"]),
            (GradientAlgorithm::NodePerturbation, &value["nodes"]),
        ] {
            let exact = numbers(exact);
            let gradient = match network.gradient(&batch, algorithm) {
                Ok(gradient) => gradient,
                // Only where a value leaves the range of numbers.
                Err(Error::NonFiniteDifference { .. } | Error::NonFiniteOutput { .. }) => {
                    let overflows = exact.iter().chain(&size).any(|v| v.abs() > 1e290);
                    assert!(overflows, "{number} {value}");
                    continue;
                }
                Err(error) => panic!("{number} {error} {value}"),
            };
            for (i, ((found, exact), size)) in
                gradient.flat().iter().zip(&exact).zip(&size).enumerate()
            {
                if !exact.is_finite() || !size.is_finite() {
                    continue;
                }
                let allowed = 1e-12 * size + 1e-300;
                assert!(
                    (found - exact).abs() <= allowed,
                    "{number} {algorithm:?} entry {i}: {found:e}, exact {exact:e}, size {size:e}: {value}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 500, "{compared}");
}

/// The derivative of a logit of a prediction that is nearly certain is known to its last places, by
/// every algorithm that cancels nothing.
#[test]
fn a_nearly_certain_prediction_has_a_gradient() {
    for loss in [Loss::LogSoftmax, Loss::TUTORIAL] {
        for gap in [1.0, 20.0, 35.0, 40.0, 100.0, 350.0, 700.0] {
            let network = Network::builder()
                .layer(Dense::new(1, 2).without_bias())
                .loss(loss)
                .weights(&[gap, 0.0])
                .unwrap();
            let batch = Batch::new(array![[1.0]], Targets::labels(&[0])).unwrap();
            // y_1 = 1/(1 + e^gap); the difference quotient adds h^2/6 and epsilon takes 1e-7.
            let other = 1.0 / (1.0 + f64::exp(gap));
            for algorithm in [
                GradientAlgorithm::IncrementAlgebra,
                GradientAlgorithm::NodePerturbation,
                GradientAlgorithm::Backpropagation,
            ] {
                let gradient = network.gradient(&batch, algorithm).unwrap();
                for (g, exact) in gradient.flat().iter().zip([-other, other]) {
                    let off = (g / exact - 1.0).abs();
                    assert!(off < 4e-7, "{loss:?} {gap} {algorithm:?}: {g:e} {exact:e}");
                    assert!(
                        loss == Loss::TUTORIAL || off < 4e-9,
                        "{gap} {algorithm:?}: {off:e}"
                    );
                }
            }
        }
    }
}

/// All numerical algorithms where a step moves outputs by hundreds and more.
#[test]
fn steps_that_move_the_outputs_far() {
    let gradient = |loss, weights: &[f64], x: f64, algorithm| {
        let network = Network::builder()
            .layer(Dense::new(1, 2).without_bias())
            .loss(loss)
            .weights(weights)
            .unwrap();
        let batch = Batch::new(array![[x]], Targets::labels(&[0])).unwrap();
        network.gradient(&batch, algorithm).unwrap().into_flat()
    };
    for (loss, weights, x) in [
        (Loss::TUTORIAL, [6e-4, 0.0], 1e6),
        (Loss::LogSoftmax, [1e-5, -1e-5], 5e6),
        (Loss::LogSoftmax, [1e-5, -1e-5], 4e5),
        (Loss::TUTORIAL, [-3e-4, 1e-4], 3e6),
        (Loss::SigmoidCrossEntropy, [1e-5, -1e-5], 5e6),
        (Loss::MeanSquaredError, [1e-5, -1e-5], 5e6),
    ] {
        let naive = gradient(loss, &weights, x, GradientAlgorithm::Naive);
        let largest = naive.iter().fold(0.0f64, |m, g| g.abs().max(m));
        for algorithm in [
            GradientAlgorithm::Incremental,
            GradientAlgorithm::IncrementAlgebra,
        ] {
            let found = gradient(loss, &weights, x, algorithm);
            for (a, b) in naive.iter().zip(&found) {
                assert!(
                    (a - b).abs() <= 1e-7 * largest + 1e-9,
                    "{loss:?} {algorithm:?} {naive:?} {found:?}"
                );
            }
        }
    }
}

/// An overflow is an error that names the entry, never a number.
#[test]
fn an_overflow_names_the_entry() {
    let network = Network::builder()
        .layer(Dense::new(1, 1).without_bias())
        .loss(Loss::SumSquaredError)
        .weights(&[0.0])
        .unwrap();
    let target = Targets::values(&array![[1.0]]).unwrap();
    let batch = Batch::new(array![[1e300]], target).unwrap();
    for algorithm in [GradientAlgorithm::Naive, GradientAlgorithm::Incremental] {
        let error = network.gradient(&batch, algorithm).unwrap_err();
        let Error::NonFiniteDifference { block, index, .. } = error else {
            panic!("{error}");
        };
        assert_eq!((block.as_str(), index), ("W1", 0));
    }
    // (c + d - t)^2 - (c - d - t)^2 = 4 d (c - t) does not overflow.
    let gradient = network
        .gradient(&batch, GradientAlgorithm::IncrementAlgebra)
        .unwrap();
    assert!((gradient.flat()[0] / -1e300 - 1.0).abs() < 1e-14);
}
