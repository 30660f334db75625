//! Against `tests/golden/network.json`, which `network.py` beside it makes with NumPy and mpmath.
//!
//! Where nothing is optimized, the book's largest network and the end of the run on iris are left to the fastest
//! algorithms; the tests of `xtask/commands`, where numdiff-nn is optimized, run this file with all of them.

use crate::TO_THE_END;
use ndarray::{Array1, Array2, Axis};
use numdiff_nn::{
    Activation, Batch, Dense, GradientAlgorithm, GradientMethod, Loss, Network, Targets, Training,
    check_network,
};
use numdiff_optim::{Method, Optimizer};
use serde_json::Value;
use std::io::Read;
use std::ops::ControlFlow;

/// h^2/6 |f'''| with h = 1e-4: the third derivative of a softmax cross-entropy by an output is
/// y(1 - y)(1 - 2y), at most 0.0963, and every factor before it is below 1 in these networks.
const TRUNCATION: f64 = 0.0963 * 1e-8 / 6.0;

fn golden() -> Value {
    serde_json::from_str(include_str!("../golden/network.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

fn indices(value: &Value) -> Vec<usize> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_u64().unwrap() as usize)
        .collect()
}

fn two_layers(sizes: &[usize], loss: Loss, weights: &[f64]) -> Network {
    let builder = Network::builder()
        .layer(Dense::new(sizes[0], sizes[1]))
        .layer(Activation::Sigmoid);
    builder
        .layer(Dense::new(sizes[1], sizes[2]))
        .loss(loss)
        .weights(weights)
        .unwrap()
}

/// Weights from sines, biases 0.
fn sines(sizes: &[usize], scale: f64) -> Vec<f64> {
    let (i, h, o) = (sizes[0], sizes[1], sizes[2]);
    let first = (0..i * h).map(|k| scale * (1.0 + k as f64).sin());
    let second = (0..h * o).map(|k| scale * (1.0 + k as f64).cos());
    first
        .chain(vec![0.0; h])
        .chain(second)
        .chain(vec![0.0; o])
        .collect()
}

#[test]
fn the_books_network() {
    for case in golden()["two_layer_net"].as_array().unwrap() {
        let sizes = indices(&case["sizes"]);
        let rows = case["batch"].as_u64().unwrap() as usize;
        let network = two_layers(&sizes, Loss::TUTORIAL, &sines(&sizes, 0.01));
        let x = Array2::from_shape_fn((rows, sizes[0]), |(n, i)| {
            ((n * sizes[0] + i) * 7919 % 1000) as f64 / 1000.0
        });
        let labels: Vec<usize> = (0..rows).map(|n| 7 * n % sizes[2]).collect();
        let batch = Batch::new(x, Targets::labels(&labels)).unwrap();
        let loss = case["loss"].as_f64().unwrap();
        // NumPy's pairwise sum of 100 terms and ours: a few last places of the loss.
        assert!((network.loss(&batch).unwrap() - loss).abs() <= 2e-15);
        assert_eq!(
            network.accuracy(&batch).unwrap(),
            case["accuracy"].as_f64().unwrap()
        );

        let mut algorithms = vec![
            GradientAlgorithm::NodePerturbation,
            GradientAlgorithm::Backpropagation,
        ];
        let parameters = network.parameters().len();
        if TO_THE_END || parameters < 3000 {
            algorithms.push(GradientAlgorithm::Incremental);
            algorithms.push(GradientAlgorithm::IncrementAlgebra);
        }
        if parameters < if TO_THE_END { 3000 } else { 300 } {
            algorithms.push(GradientAlgorithm::Naive);
        }
        for algorithm in algorithms {
            let gradient = network.gradient(&batch, algorithm).unwrap();
            for sample in case["samples"].as_array().unwrap() {
                let block = gradient.block(sample["block"].as_str().unwrap()).unwrap();
                let value = block[&indices(&sample["index"])[..]];
                let (numeric, analytic) = (
                    sample["numeric"].as_f64().unwrap(),
                    sample["analytic"].as_f64().unwrap(),
                );
                // NumPy's rounding over 2h, a dozen last places of the loss; node perturbation truncates
                // elsewhere.
                let other = match algorithm {
                    GradientAlgorithm::NodePerturbation => 2.0 * TRUNCATION,
                    GradientAlgorithm::Backpropagation => TRUNCATION,
                    _ => 0.0,
                };
                assert!(
                    (value - numeric).abs() <= 3e-11 + other,
                    "{algorithm:?} {sample}: {value}"
                );
                match algorithm {
                    GradientAlgorithm::Backpropagation => {
                        assert!((value - analytic).abs() <= 1e-16, "{sample}: {value}")
                    }
                    GradientAlgorithm::IncrementAlgebra | GradientAlgorithm::NodePerturbation => {
                        assert!(
                            (value - analytic).abs() <= TRUNCATION,
                            "{algorithm:?} {sample}: {value}"
                        );
                    }
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn increment_algebra_is_the_exact_central_difference() {
    for case in golden()["exact"].as_array().unwrap() {
        let epsilon = case["epsilon"].as_f64().unwrap();
        let loss = if epsilon > 0.0 {
            Loss::SoftmaxCrossEntropy { epsilon }
        } else {
            Loss::LogSoftmax
        };
        let network = two_layers(&indices(&case["sizes"]), loss, &numbers(&case["weights"]));
        let rows: Vec<f64> = case["x"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(numbers)
            .collect();
        let x = Array2::from_shape_vec((rows.len() / 4, 4), rows).unwrap();
        let batch = Batch::new(x, Targets::labels(&indices(&case["labels"]))).unwrap();
        assert!((network.loss(&batch).unwrap() - case["loss"].as_f64().unwrap()).abs() <= 4e-16);
        let h = case["h"].as_f64().unwrap();
        let method = |algorithm| GradientMethod::new(algorithm).with_step(h);
        let central = numbers(&case["central"]);
        let algebra = network
            .gradient(&batch, method(GradientAlgorithm::IncrementAlgebra))
            .unwrap();
        let naive = network
            .gradient(&batch, method(GradientAlgorithm::Naive))
            .unwrap();
        let noise = network.noise(&batch).unwrap();
        for block in network.blocks() {
            let exact = &central[block.range.clone()];
            let largest = exact.iter().fold(0.0f64, |m, g| g.abs().max(m));
            for (i, exact) in block.range.clone().zip(exact) {
                let (algebra, naive) = (algebra.flat()[i], naive.flat()[i]);
                assert!(
                    (algebra - exact).abs() <= 1e-14 * largest,
                    "{}: {algebra} {exact}",
                    block.name
                );
                assert!(
                    (naive - exact).abs() <= 8.0 * noise / (2.0 * h),
                    "{}: {naive} {exact}",
                    block.name
                );
            }
        }
    }
}

pub fn iris() -> Batch {
    let file = std::fs::File::open(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/data/iris.csv.gz"
    ))
    .unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let rows: Vec<f64> = text
        .lines()
        .skip(1)
        .flat_map(|l| l.split(',').map(|v| v.parse::<f64>().unwrap()))
        .collect();
    let all = Array2::from_shape_vec((150, 5), rows).unwrap();
    // The rows in which scikit-learn's copy differs.
    for row in [34, 37] {
        assert_eq!(all.row(row), Array1::from(vec![4.9, 3.1, 1.5, 0.1, 0.0]));
    }
    let labels: Vec<usize> = all.column(4).iter().map(|&l| l as usize).collect();
    let mut x = all.slice(ndarray::s![.., ..4]).to_owned();
    let (mean, deviation) = (x.mean_axis(Axis(0)).unwrap(), x.std_axis(Axis(0), 0.0));
    x -= &mean;
    x /= &deviation;
    Batch::new(x, Targets::labels(&labels)).unwrap()
}

#[test]
fn iris_by_every_gradient() {
    let (golden, batch) = (golden(), iris());
    let methods: [(GradientMethod, &str, f64); 5] = [
        (
            GradientMethod::new(GradientAlgorithm::Naive).with_nominal_divisor(),
            "numerical",
            1e-9,
        ),
        (GradientAlgorithm::Incremental.into(), "numerical", 1e-9),
        (
            GradientAlgorithm::IncrementAlgebra.into(),
            "numerical",
            1e-9,
        ),
        // Differentiates by other variables, so that its truncation is another: h^2 a step.
        (
            GradientAlgorithm::NodePerturbation.into(),
            "numerical",
            1e-8,
        ),
        (GradientAlgorithm::Backpropagation.into(), "analytic", 1e-12),
    ];
    for (method, run, tolerance) in methods {
        let to_the_end = TO_THE_END || method.algorithm() == GradientAlgorithm::Backpropagation;
        let epochs = if to_the_end { 200 } else { 10 };
        let network = two_layers(&[4, 16, 3], Loss::TUTORIAL, &sines(&[4, 16, 3], 0.5));
        let mut losses = Vec::new();
        let method_of_steps = Method::GradientDescent { learning_rate: 0.5 };
        let descent = Optimizer::new(method_of_steps, network.parameters().len()).unwrap();
        let mut training = Training::new(network, batch.clone(), descent)
            .with_epochs(epochs)
            .with_gradient(method);
        training
            .run(|progress| {
                losses.push(progress.loss);
                ControlFlow::Continue(())
            })
            .unwrap();
        losses.push(training.network().loss(&batch).unwrap());
        let steps = golden["iris"][run].as_object().unwrap();
        for (step, expected) in steps {
            let step: usize = step.parse().unwrap();
            if step > epochs {
                continue;
            }
            let (loss, expected) = (losses[step], expected[0].as_f64().unwrap());
            assert!(
                (loss - expected).abs() <= tolerance,
                "{method:?} step {step}: {loss} {expected}"
            );
        }
        let accuracy = training.network().accuracy(&batch).unwrap();
        assert_eq!(accuracy, steps[&epochs.to_string()][1].as_f64().unwrap());
        if to_the_end {
            assert!(check_network(training.network(), &batch).unwrap().passed());
        }
    }
}

#[test]
fn single_precision_has_a_gradient_where_the_naive_one_has_none() {
    // The book's 64-32-10 network in f32, with the book's step.
    let sizes = [64, 32, 10];
    let weights: Vec<f32> = sines(&sizes, 0.01).iter().map(|&w| w as f32).collect();
    let network = Network::<f32>::builder()
        .layer(Dense::new(64, 32))
        .layer(Activation::Sigmoid)
        .layer(Dense::new(32, 10))
        .loss(Loss::TUTORIAL)
        .weights(&weights)
        .unwrap();
    let x = Array2::from_shape_fn((30, 64), |(n, i)| {
        ((n * 64 + i) * 7919 % 1000) as f32 / 1000.0
    });
    let labels: Vec<usize> = (0..30).map(|n| 7 * n % 10).collect();
    let batch = Batch::new(x, Targets::labels(&labels)).unwrap();
    let exact = network
        .gradient(&batch, GradientAlgorithm::Backpropagation)
        .unwrap();
    let largest = exact
        .block("W1")
        .unwrap()
        .fold(0.0f64, |m, g| g.abs().max(m));
    let naive = network.gradient(&batch, GradientAlgorithm::Naive).unwrap();
    for algorithm in [
        GradientAlgorithm::Incremental,
        GradientAlgorithm::IncrementAlgebra,
        GradientAlgorithm::NodePerturbation,
    ] {
        let gradient = network.gradient(&batch, algorithm).unwrap();
        for (a, b) in gradient
            .block("W1")
            .unwrap()
            .iter()
            .zip(exact.block("W1").unwrap())
        {
            assert!((a - b).abs() <= 1e-4 * largest, "{algorithm:?} {a} {b}");
        }
    }
    // Two forward passes in f32 move the hidden layer by a few of its last places or not at all: half
    // of the entries or more have not one digit in ten thousand right.
    let off = naive
        .block("W1")
        .unwrap()
        .iter()
        .zip(exact.block("W1").unwrap())
        .filter(|(a, b)| (*a - *b).abs() > 1e-4 * largest)
        .count();
    assert!(off > 64 * 32 / 2, "{off}");
}
