//! Every layer and every loss against `tests/golden/layers.json`, which `layers.py` beside it makes
//! with mpmath: the exact central difference by every parameter.

use ndarray::Array2;
use numdiff_nn::{
    Activation, Batch, BatchNorm, Conv2d, Dense, Dropout, GradientAlgorithm, GradientMethod, Image,
    Layer, Loss, Network, Pool, SimdLevel, Targets,
};
use serde_json::Value;

fn cases() -> (f64, Vec<Value>) {
    let golden: Value = serde_json::from_str(include_str!("../golden/layers.json")).unwrap();
    (
        golden["h"].as_f64().unwrap(),
        golden["cases"].as_array().unwrap().clone(),
    )
}

fn numbers(value: &Value) -> Vec<f64> {
    let all = value.as_array().unwrap();
    all.iter().map(|v| v.as_f64().unwrap()).collect()
}

fn rows(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

/// The layer that the golden file describes.
fn layer(described: &Value) -> Box<dyn Layer<f64>> {
    let size = |name: &str| described[name].as_u64().unwrap() as usize;
    let image = || {
        let shape = numbers(&described["image"]);
        Image::new(shape[0] as usize, shape[1] as usize, shape[2] as usize)
    };
    match described["kind"].as_str().unwrap() {
        "dense" => Box::new(Dense::new(size("inputs"), size("outputs"))),
        "convolution" => Box::new(
            Conv2d::new(image(), size("filters"), size("kernel"))
                .with_stride(size("stride"))
                .with_padding(size("padding")),
        ),
        "pool" => {
            let pool = if described["largest"] == true {
                Pool::max(image(), size("window"))
            } else {
                Pool::average(image(), size("window"))
            };
            Box::new(pool.with_stride(size("stride")))
        }
        "normalization" if size("plane") == 1 => Box::new(BatchNorm::new(size("channels"))),
        "normalization" => Box::new(BatchNorm::image(Image::new(
            size("channels"),
            1,
            size("plane"),
        ))),
        "dropout" => {
            let dropout = Dropout::new(described["ratio"].as_f64().unwrap(), 3);
            let mask = numbers(&described["mask"]);
            let width = mask.len() / 4;
            let kept = Layer::<f64>::forward(&dropout, &[], &Array2::ones((4, width)));
            let drawn: Vec<f64> = kept.iter().map(|v| v.signum() * v.min(1.0)).collect();
            assert_eq!(drawn, mask, "the mask of seed 3 is another one");
            Box::new(dropout)
        }
        _ => Box::new(match described["curve"].as_str().unwrap() {
            "sigmoid" => Activation::Sigmoid,
            "tanh" => Activation::Tanh,
            "relu" => Activation::Relu,
            "leaky_relu" => Activation::LeakyRelu { slope: 0.1 },
            "softplus" => Activation::Softplus,
            other => panic!("no such curve: {other}"),
        }),
    }
}

fn build(case: &Value) -> (Network, Batch) {
    let loss = match case["loss"].as_str().unwrap() {
        "tutorial" => Loss::TUTORIAL,
        "log_softmax" => Loss::LogSoftmax,
        "sigmoid" => Loss::SigmoidCrossEntropy,
        "mean_squared" => Loss::MeanSquaredError,
        _ => Loss::SumSquaredError,
    };
    let targets = rows(&case["targets"]);
    let targets = match loss {
        Loss::LogSoftmax => Targets::soft(&targets),
        Loss::SoftmaxCrossEntropy { .. } => Targets::one_hot(&targets),
        _ => Targets::values(&targets),
    };
    let mut builder = Network::builder().loss(loss);
    for described in case["layers"].as_array().unwrap() {
        builder = builder.boxed(layer(described));
    }
    (
        builder.weights(&numbers(&case["weights"])).unwrap(),
        Batch::new(rows(&case["x"]), targets.unwrap()).unwrap(),
    )
}

/// Algorithms that round like a plain program miss the exact difference by the noise of the loss, which is
/// at least its last place, over 2h.
#[test]
fn values_subtracted_round_like_the_loss() {
    let (h, cases) = cases();
    for case in cases {
        let (network, batch) = build(&case);
        let value = case["value"].as_f64().unwrap();
        assert!(
            (network.loss(&batch).unwrap() - value).abs() <= 4.0 * network.noise(&batch).unwrap(),
            "{}",
            case["name"]
        );
        let bound = 16.0 * network.noise(&batch).unwrap() / (2.0 * h);
        for algorithm in [GradientAlgorithm::Naive, GradientAlgorithm::Incremental] {
            for level in SimdLevel::available() {
                let method = GradientMethod::new(algorithm)
                    .with_step(h)
                    .with_level(level);
                let gradient = network.gradient(&batch, method).unwrap();
                for (i, (g, exact)) in gradient
                    .flat()
                    .iter()
                    .zip(numbers(&case["central"]))
                    .enumerate()
                {
                    assert!(
                        (g - exact).abs() <= bound,
                        "{} {algorithm:?} {}: {g} {exact} at {i}",
                        case["name"],
                        level.name()
                    );
                }
            }
        }
    }
}

#[test]
fn increment_algebra_is_exact_in_every_layer() {
    let (h, cases) = cases();
    for case in cases {
        let (network, batch) = build(&case);
        let exact = numbers(&case["central"]);
        let size = |flat: &[f64]| flat.iter().fold(0.0f64, |m, g| m.max(g.abs()));
        for level in SimdLevel::available() {
            for threads in [1, 2, 3] {
                let method = GradientMethod::new(GradientAlgorithm::IncrementAlgebra)
                    .with_step(h)
                    .with_level(level)
                    .with_threads(threads);
                let gradient = network.gradient(&batch, method).unwrap();
                for block in network.blocks() {
                    let (found, exact) = (
                        &gradient.flat()[block.range.clone()],
                        &exact[block.range.clone()],
                    );
                    // The second term is for blocks that vanish, as a bias before a batch
                    // normalization: one last place of the gradient.
                    let bound = 1e-12 * size(exact) + f64::EPSILON * size(gradient.flat());
                    for (i, (g, exact)) in found.iter().zip(exact).enumerate() {
                        assert!(
                            (g - exact).abs() <= bound,
                            "{} {} {}[{i}]: {g} {exact}",
                            case["name"],
                            level.name(),
                            block.name
                        );
                    }
                }
            }
        }
    }
}
