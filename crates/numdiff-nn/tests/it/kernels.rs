//! The kernels for chains of affine layers.

use ndarray::Array2;
use numdiff_nn::{
    Activation, Batch, Dense, Gradient, GradientAlgorithm, GradientMethod, Loss, Network,
    SimdLevel, Targets,
};

const NUMERICAL: [GradientAlgorithm; 3] = [
    GradientAlgorithm::Incremental,
    GradientAlgorithm::IncrementAlgebra,
    GradientAlgorithm::NodePerturbation,
];

fn wave(i: usize) -> f64 {
    (1.0 + i as f64 * 0.7).sin()
}

fn network(sizes: &[usize], activation: Activation, loss: Loss, scale: f64) -> Network {
    let mut builder = Network::builder();
    let mut parameters = 0;
    for (l, pair) in sizes.windows(2).enumerate() {
        if l > 0 {
            builder = builder.layer(activation);
        }
        builder = builder.layer(Dense::new(pair[0], pair[1]));
        parameters += (pair[0] + 1) * pair[1];
    }
    let weights: Vec<f64> = (0..parameters).map(|i| scale * wave(i * i)).collect();
    builder.loss(loss).weights(&weights).unwrap()
}

fn batch(samples: usize, inputs: usize, classes: usize, reach: f64) -> Batch<f64> {
    let x = Array2::from_shape_fn((samples, inputs), |(n, i)| reach * wave(n * inputs + 3 * i));
    let labels: Vec<usize> = (0..samples).map(|n| (7 * n) % classes).collect();
    Batch::new(x, Targets::labels(&labels)).unwrap()
}

fn bits(gradient: &Gradient) -> Vec<u64> {
    gradient.flat().iter().map(|g| g.to_bits()).collect()
}

fn size(flat: &[f64]) -> f64 {
    flat.iter().fold(0.0, |top, g| top.max(g.abs()))
}

const ACTIVATIONS: [Activation; 5] = [
    Activation::Sigmoid,
    Activation::Tanh,
    Activation::Softplus,
    Activation::Relu,
    Activation::LeakyRelu { slope: 0.1 },
];

#[test]
fn the_width_of_the_registers_does_not_show() {
    for activation in ACTIVATIONS {
        for loss in [Loss::TUTORIAL, Loss::LogSoftmax] {
            let network = network(&[19, 17, 5, 3], activation, loss, 0.4);
            let batch = batch(21, 19, 3, 1.0);
            for algorithm in NUMERICAL {
                let of = |level| {
                    let method = GradientMethod::new(algorithm).with_level(level);
                    network.gradient(&batch, method).unwrap()
                };
                let all: Vec<(SimdLevel, Gradient)> = SimdLevel::available()
                    .into_iter()
                    .map(|level| (level, of(level)))
                    .collect();
                let (_, portable) = all.last().unwrap();
                let rounding = match algorithm {
                    GradientAlgorithm::Incremental => 16.0 * network.noise(&batch).unwrap() / 2e-4,
                    _ => 1e-13 * size(portable.flat()),
                };
                let (_, first) = &all[0];
                for (level, gradient) in &all {
                    if level.name() != "portable" {
                        assert_eq!(bits(first), bits(gradient), "{algorithm:?} {activation:?}");
                    }
                    for (a, b) in gradient.flat().iter().zip(portable.flat()) {
                        assert!(
                            (a - b).abs() <= rounding,
                            "{algorithm:?} {activation:?} {a} {b}"
                        );
                    }
                }
            }
        }
    }
}

/// Large enough that threads are used, which takes less where nothing is optimized.
#[test]
fn the_number_of_threads_does_not_show() {
    let (sizes, samples) = if cfg!(debug_assertions) {
        ([70, 37, 4, 3], 33)
    } else {
        ([100, 40, 30, 10], 60)
    };
    for activation in [Activation::Sigmoid, Activation::Relu] {
        let network = network(&sizes, activation, Loss::TUTORIAL, 0.3);
        let batch = batch(samples, sizes[0], sizes[3], 1.0);
        for algorithm in NUMERICAL {
            let of = |threads| {
                let method = GradientMethod::new(algorithm).with_threads(threads);
                network.gradient(&batch, method).unwrap()
            };
            let one = of(1);
            for threads in [2, 3, 7] {
                let many = of(threads);
                assert_eq!(
                    bits(&one),
                    bits(&many),
                    "{algorithm:?} on {threads} threads"
                );
                assert_eq!(one.kinks(), many.kinks());
            }
        }
    }
}

/// The series and the evaluation at both points are two ways to the same difference: steps on
/// either side of where one takes over from the other agree after extrapolation. And the
/// series is what the general program computes entry by entry.
#[test]
fn large_steps_and_small_ones_agree() {
    for activation in ACTIVATIONS.into_iter().take(3) {
        let network = network(&[6, 8, 4], activation, Loss::LogSoftmax, 0.5);
        let batch = batch(9, 6, 4, 1.0);
        let exact = network
            .gradient(&batch, GradientAlgorithm::Backpropagation)
            .unwrap();
        let top = size(exact.flat());
        let of = |h: f64| {
            let method = GradientMethod::new(GradientAlgorithm::IncrementAlgebra).with_step(h);
            network.gradient(&batch, method).unwrap().into_flat()
        };
        for h in [1e-6, 1e-4, 1e-3, 4e-3, 1.6e-2, 6.4e-2] {
            let (fine, coarse) = (of(h / 2.0), of(h));
            for ((fine, coarse), exact) in fine.iter().zip(&coarse).zip(exact.flat()) {
                // D(h) = g + a h^2 + b h^4: the extrapolated value misses by b h^4 / 4, and the
                // next order is as much smaller as h^2 for weights and inputs of order 1.
                let extrapolated = (4.0 * fine - coarse) / 3.0;
                let bound = top * (1e-13 + h.powi(4));
                assert!(
                    (extrapolated - exact).abs() <= bound,
                    "{activation:?} h {h}: {extrapolated} {exact}"
                );
            }
        }
    }
}

/// At h = 1e-8 a plain difference has lost half its digits; this one has not.
#[test]
fn tiny_steps_lose_nothing() {
    for loss in [
        Loss::TUTORIAL,
        Loss::LogSoftmax,
        Loss::SigmoidCrossEntropy,
        Loss::MeanSquaredError,
        Loss::SumSquaredError,
    ] {
        for activation in ACTIVATIONS {
            let network = network(&[7, 18, 5, 4], activation, loss, 0.5);
            let x = batch(11, 7, 4, 1.0).x().to_owned();
            let targets = match loss {
                Loss::TUTORIAL | Loss::LogSoftmax => {
                    let raw = Array2::from_shape_fn((11, 4), |(n, k)| 1.0 + wave(n + 5 * k).abs());
                    let sums = raw.sum_axis(ndarray::Axis(1)).insert_axis(ndarray::Axis(1));
                    Targets::soft(&(raw / sums)).unwrap()
                }
                _ => Targets::values(&Array2::from_shape_fn((11, 4), |(n, k)| wave(n + k).abs()))
                    .unwrap(),
            };
            let batch = Batch::new(x, targets).unwrap();
            let exact = network
                .gradient(&batch, GradientAlgorithm::Backpropagation)
                .unwrap();
            for algorithm in [
                GradientAlgorithm::IncrementAlgebra,
                GradientAlgorithm::NodePerturbation,
            ] {
                let method = GradientMethod::new(algorithm).with_step(1e-8);
                let numeric = network.gradient(&batch, method).unwrap();
                assert!(numeric.kinks().is_empty());
                for (a, b) in numeric.flat().iter().zip(exact.flat()) {
                    // Rounding of sums over at most 18 units and 11 samples; h^2 is 1e-16.
                    let bound = 64.0 * f64::EPSILON * size(exact.flat());
                    assert!(
                        (a - b).abs() <= bound,
                        "{algorithm:?} {loss:?} {activation:?} {a} {b}"
                    );
                }
            }
        }
    }
}

/// Confident predictions: the gradient is tiny, and still right relative to itself.
#[test]
fn nearly_certain_predictions_keep_their_digits() {
    let network = network(&[5, 9, 3], Activation::Tanh, Loss::LogSoftmax, 4.0);
    let x = batch(12, 5, 3, 1.0).x().to_owned();
    let labels = network.classify(&x).unwrap();
    let batch = Batch::new(x, Targets::labels(&labels)).unwrap();
    let exact = network
        .gradient(&batch, GradientAlgorithm::Backpropagation)
        .unwrap();
    let method = GradientMethod::new(GradientAlgorithm::IncrementAlgebra).with_step(1e-8);
    let numeric = network.gradient(&batch, method).unwrap();
    for (a, b) in numeric.flat().iter().zip(exact.flat()) {
        assert!((a - b).abs() <= 1e-12 * size(exact.flat()), "{a} {b}");
    }
}

/// A ReLU whose argument changes its sign between the two sides: the difference is that of
/// two evaluations, and the parameters that span the kink are named.
#[test]
fn kinks_are_found_and_differenced() {
    // One hidden unit with a = 1e-5 x: h = 1e-4 carries it across 0.
    let network = Network::builder()
        .layer(Dense::new(2, 1))
        .layer(Activation::Relu)
        .layer(Dense::new(1, 2))
        .loss(Loss::LogSoftmax)
        .weights(&[1e-5, 0.0, 0.0, 0.7, -0.4, 0.1, 0.0])
        .unwrap();
    let batch = Batch::new(ndarray::array![[1.0, 0.0]], Targets::labels(&[1])).unwrap();
    let naive = network.gradient(&batch, GradientAlgorithm::Naive).unwrap();
    let rounding = 16.0 * network.noise(&batch).unwrap() / 2e-4;
    for algorithm in [
        GradientAlgorithm::Incremental,
        GradientAlgorithm::IncrementAlgebra,
    ] {
        let gradient = network.gradient(&batch, algorithm).unwrap();
        // W1[0, 0] and the bias; W1[1, 0] has the input 0 and moves nothing.
        assert_eq!(gradient.kinks(), [0, 2], "{algorithm:?}");
        for (a, b) in gradient.flat().iter().zip(naive.flat()) {
            assert!((a - b).abs() <= rounding, "{algorithm:?} {a} {b}");
        }
    }
}

/// Steps beyond the kernels' range are left to the general program.
#[test]
fn enormous_steps_still_have_an_answer() {
    let network = network(&[3, 4, 2], Activation::Softplus, Loss::LogSoftmax, 1.0);
    let batch = batch(5, 3, 2, 1.0);
    for algorithm in [
        GradientAlgorithm::Incremental,
        GradientAlgorithm::IncrementAlgebra,
    ] {
        let method = GradientMethod::new(algorithm).with_step(1e4);
        let naive = network
            .gradient(
                &batch,
                GradientMethod::new(GradientAlgorithm::Naive).with_step(1e4),
            )
            .unwrap();
        let far = network.gradient(&batch, method).unwrap();
        for (a, b) in far.flat().iter().zip(naive.flat()) {
            assert!(
                (a - b).abs() <= 1e-9 * size(naive.flat()),
                "{algorithm:?} {a} {b}"
            );
        }
    }
}
