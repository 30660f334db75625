//! Every value that the tutorial and its book give for networks, each within the tolerance that
//! stands beside it in `tests/golden/article.json`.

use crate::TO_THE_END;
use ndarray::{Array2, array};
use numdiff_nn::{
    Activation, Batch, Dense, GradientAlgorithm, GradientMethod, Loss, Network, Targets, Training,
    softmax,
};
use numdiff_optim::{Method, Optimizer};
use serde_json::Value;
use std::ops::ControlFlow;

fn article() -> Value {
    serde_json::from_str(include_str!("../../../../tests/golden/article.json")).unwrap()
}

/// A number given as text, as {"dec", "bits"}, or plainly.
fn number(value: &Value) -> f64 {
    let text = value.get("dec").unwrap_or(value);
    text.as_f64()
        .unwrap_or_else(|| text.as_str().unwrap().parse().unwrap())
}

fn numbers(value: &Value) -> Vec<f64> {
    match value.as_array() {
        Some(all) => all.iter().flat_map(numbers).collect(),
        None => vec![number(value)],
    }
}

fn close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() <= tolerance, "{what}: {a} {b}");
    }
}

#[test]
fn simple_net() {
    let article = article();
    for name in ["article_printed_W", "reconstructed_W", "book_printed"] {
        let case = &article["simplenet"][name];
        let tolerance = |of: &str| case["tolerances"][of].as_f64().unwrap();
        let x = Array2::from_shape_vec((1, 2), numbers(&case["x"])).unwrap();
        let target = Array2::from_shape_vec((1, 3), numbers(&case["t"])).unwrap();
        let batch = Batch::new(x.clone(), Targets::one_hot(&target).unwrap()).unwrap();
        for (key, loss) in [("eps1e-7", Loss::TUTORIAL), ("no_eps", Loss::LogSoftmax)] {
            let network = Network::builder()
                .layer(Dense::new(2, 3).without_bias())
                .loss(loss);
            let network = network.weights(&numbers(&case["W"])).unwrap();
            let flat = |algorithm: GradientMethod| {
                network.gradient(&batch, algorithm).unwrap().into_flat()
            };
            close(
                "p",
                network.predict(&x).unwrap().as_slice().unwrap(),
                &numbers(&case["p"]),
                tolerance("p_abs"),
            );
            close(
                "y",
                network.probabilities(&x).unwrap().as_slice().unwrap(),
                &numbers(&case["softmax"]),
                1e-15,
            );
            assert_eq!(
                network.classify(&x).unwrap(),
                [case["argmax"].as_u64().unwrap() as usize]
            );
            let exact = &case[key];
            let value = network.loss(&batch).unwrap();
            close(
                "loss",
                &[value],
                &[number(&exact["loss_exact"])],
                tolerance("loss_abs"),
            );
            let naive = flat(GradientMethod::new(GradientAlgorithm::Naive).with_nominal_divisor());
            if loss == Loss::TUTORIAL {
                close(
                    "NumPy's loss",
                    &[value],
                    &[number(&case["loss_numpy"])],
                    tolerance("loss_abs"),
                );
                close(
                    "NumPy's dW",
                    &naive,
                    &numbers(&case["dW_numpy"]),
                    tolerance("dW_vs_numpy_abs"),
                );
            }
            let central = numbers(&exact["dW_central_h1e-4_exact"]);
            for algorithm in [
                GradientAlgorithm::Naive,
                GradientAlgorithm::Incremental,
                GradientAlgorithm::IncrementAlgebra,
            ] {
                close(
                    "central",
                    &flat(algorithm.into()),
                    &central,
                    tolerance("dW_vs_exact_central_abs"),
                );
            }
            close(
                "nominal",
                &naive,
                &central,
                tolerance("dW_vs_exact_central_abs"),
            );
            // Nothing cancels: rounding alone is left, a few last places of entries below 1.
            close(
                "algebra",
                &flat(GradientAlgorithm::IncrementAlgebra.into()),
                &central,
                1e-15,
            );
            let analytic = numbers(&exact["dW_analytic_exact"]);
            close(
                "analytic",
                &flat(GradientAlgorithm::Backpropagation.into()),
                &analytic,
                4e-16,
            );
        }
    }
}

#[test]
fn loss_facts() {
    let facts = &article()["loss_facts"];
    let tutorial = |c: Array2<f64>, label| {
        Loss::TUTORIAL
            .value(&c, &Targets::labels(&[label]))
            .unwrap()
    };
    let far = || array![[1000.0, 0.0]];
    // One last place of 1, in which y + 1e-7 is rounded.
    close(
        "perfect",
        &[tutorial(far(), 0)],
        &[number(&facts["ce_perfect_prediction"])],
        2e-16,
    );
    close(
        "none",
        &[tutorial(far(), 1)],
        &[number(&facts["ce_zero_probability"])],
        4e-15,
    );
    // Outputs whose softmax is (0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0).
    let y = [0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0];
    let c = Array2::from_shape_fn((1, 10), |(_, k)| f64::max(y[k], 1e-320).ln());
    close("ce", &[tutorial(c, 2)], &[number(&facts["ce_same"])], 4e-16);
    let y = Array2::from_shape_vec((1, 10), y.to_vec()).unwrap();
    let squared = Loss::SumSquaredError
        .value(&y, &Targets::labels(&[2]))
        .unwrap();
    let key = "mse_book(0.5*sum)_[.1,.05,.6,0,.05,.1,0,.1,0,0] t=2";
    close("squares", &[squared], &[number(&facts[key])], 2e-17);
    for c in [array![0.3, 2.9, 4.0], array![1010.0, 1000.0, 990.0]] {
        let name = format!("softmax_[{},{},{}]", c[0], c[1], c[2]);
        let printed = facts
            .get(&name)
            .or(facts.get("softmax_[0.3,2.9,4.0]"))
            .unwrap();
        close(
            &name,
            softmax(&c).as_slice().unwrap(),
            &numbers(printed),
            2e-16,
        );
    }
}

/// Weights from sines and cosines, biases 0.
fn network(sizes: &[usize], scale: f64) -> Network {
    let (i, h, o) = (sizes[0], sizes[1], sizes[2]);
    let mut weights: Vec<f64> = (0..i * h).map(|k| scale * (1.0 + k as f64).sin()).collect();
    weights.resize(weights.len() + h, 0.0);
    weights.extend((0..h * o).map(|k| scale * (1.0 + k as f64).cos()));
    weights.resize(weights.len() + o, 0.0);
    let builder = Network::builder()
        .layer(Dense::new(i, h))
        .layer(Activation::Sigmoid);
    builder
        .layer(Dense::new(h, o))
        .loss(Loss::TUTORIAL)
        .weights(&weights)
        .unwrap()
}

fn indices(value: &Value) -> Vec<usize> {
    numbers(value).into_iter().map(|v| v as usize).collect()
}

#[test]
fn two_layer_net() {
    for case in article()["two_layer_net"]["cases"].as_array().unwrap() {
        let (sizes, rows) = (indices(&case["sizes"]), number(&case["batch"]) as usize);
        let network = network(&sizes, 0.01);
        let x = Array2::from_shape_fn((rows, sizes[0]), |(n, i)| {
            ((n * sizes[0] + i) * 7919 % 1000) as f64 / 1000.0
        });
        let labels: Vec<usize> = (0..rows).map(|n| 7 * n % sizes[2]).collect();
        let batch = Batch::new(x, Targets::labels(&labels)).unwrap();
        let loss = network.loss(&batch).unwrap();
        close(
            "loss",
            &[loss],
            &[number(&case["loss_numpy"])],
            number(&case["loss_tol"]),
        );
        assert_eq!(network.accuracy(&batch).unwrap(), number(&case["accuracy"]));
        let mut algorithms = vec![GradientAlgorithm::Backpropagation];
        if TO_THE_END || network.parameters().len() < 3000 {
            algorithms.push(GradientAlgorithm::Incremental);
            algorithms.push(GradientAlgorithm::IncrementAlgebra);
        }
        for algorithm in algorithms {
            let gradient = network.gradient(&batch, algorithm).unwrap();
            for sample in case["samples"].as_array().unwrap() {
                let block = gradient.block(sample["param"].as_str().unwrap()).unwrap();
                let value = block[&indices(&sample["index"])[..]];
                let (key, tolerance) = match algorithm {
                    GradientAlgorithm::Backpropagation => ("analytic_eps", 1e-16),
                    _ => ("numeric_numpy", number(&sample["tol_numeric_abs"])),
                };
                close(key, &[value], &[number(&sample[key])], tolerance);
            }
        }
    }
}

#[test]
fn iris_training() {
    let golden = &article()["iris_training"];
    let batch = crate::golden::iris();
    for (algorithm, run) in [
        (GradientAlgorithm::Incremental, "numerical"),
        (GradientAlgorithm::Backpropagation, "backprop_eps"),
    ] {
        let tolerance = number(&golden["loss_tol"][run]);
        // Where nothing is optimized, differences take their time.
        let to_the_end = TO_THE_END || algorithm == GradientAlgorithm::Backpropagation;
        let epochs = if to_the_end {
            number(&golden["steps"]) as usize
        } else {
            10
        };
        let mut seen = Vec::new();
        let network = network(&[4, 16, 3], 0.5);
        let method = Method::GradientDescent {
            learning_rate: number(&golden["lr"]),
        };
        let descent = Optimizer::new(method, network.parameters().len()).unwrap();
        let mut training = Training::new(network, batch.clone(), descent)
            .with_epochs(epochs)
            .with_gradient(GradientMethod::new(algorithm));
        // The network before each step, by its loss; its accuracy at the end.
        training
            .run(|progress| {
                seen.push(progress.loss);
                ControlFlow::Continue(())
            })
            .unwrap();
        seen.push(training.network().loss(&batch).unwrap());
        let steps = golden["runs"][run].as_object().unwrap();
        assert!(steps.len() >= 7);
        for (step, expected) in steps {
            let step: usize = step.parse().unwrap();
            if step <= epochs {
                close(run, &[seen[step]], &[number(&expected[0])], tolerance);
            }
        }
        assert_eq!(
            training.network().accuracy(&batch).unwrap(),
            number(&steps[&epochs.to_string()][1])
        );
    }
}
