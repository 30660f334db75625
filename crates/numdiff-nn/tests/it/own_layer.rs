//! A user's own layer is right under every numerical gradient with no more than `forward`, and may
//! become faster or differentiable by saying more.

use ndarray::Array2;
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{
    Activation, Batch, BlockShape, Dense, Error, GradientAlgorithm, Init, Layer, Loss, Network,
    Start, Targets,
};
use rand_chacha::ChaCha8Rng;

/// y_k = g_k x_k^2 + the mean of x over the batch: parameters of its own, and samples that meet.
#[derive(Debug)]
struct Squares {
    width: usize,
}

impl Layer<f64> for Squares {
    fn name(&self) -> String {
        "Squares".into()
    }
    fn inputs(&self) -> Option<usize> {
        Some(self.width)
    }
    fn outputs(&self, inputs: usize) -> usize {
        inputs
    }
    fn blocks(&self) -> Vec<BlockShape> {
        vec![BlockShape {
            name: "g",
            shape: vec![self.width],
            start: Start::Constant(0.7),
        }]
    }
    fn forward(&self, g: &[f64], x: &Array2<f64>) -> Array2<f64> {
        let means = x.mean_axis(ndarray::Axis(0)).unwrap();
        Array2::from_shape_fn(x.dim(), |(n, k)| g[k] * x[[n, k]].powi(2) + means[k])
    }
}

fn network() -> (Network, Batch) {
    let network = Network::builder()
        .layer(Dense::new(3, 5))
        .layer(Activation::Tanh)
        .layer(Squares { width: 5 })
        .layer(Dense::new(5, 4))
        .layer(Activation::Sigmoid)
        .layer(Dense::new(4, 3))
        .loss(Loss::TUTORIAL)
        .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(8))
        .unwrap();
    let x = Array2::from_shape_fn((6, 3), |(n, i)| ((3 * n + i) as f64).sin());
    let batch = Batch::new(x, Targets::labels(&[0, 1, 2, 0, 1, 2])).unwrap();
    (network, batch)
}

#[test]
fn forward_is_enough_for_every_numerical_gradient() {
    let (network, batch) = network();
    assert_eq!(
        network
            .blocks()
            .iter()
            .map(|b| b.name.as_str())
            .collect::<Vec<_>>(),
        ["W1", "b1", "g1", "W2", "b2", "W3", "b3"]
    );
    let naive = network.gradient(&batch, GradientAlgorithm::Naive).unwrap();
    let largest = naive.flat().iter().fold(0.0f64, |m, g| m.max(g.abs()));
    let loss = network.loss(&batch).unwrap();
    for algorithm in [
        GradientAlgorithm::Incremental,
        GradientAlgorithm::IncrementAlgebra,
        GradientAlgorithm::NodePerturbation,
    ] {
        let gradient = network.gradient(&batch, algorithm).unwrap();
        assert_eq!(gradient.loss(), loss);
        // Where the layer is in the way differences are subtracted values by every algorithm: 16 last
        // places of the loss over 2h. Node perturbation truncates elsewhere: h^2 of the largest
        // entry, with third derivatives of order 1.
        let rounding = 16.0 * f64::EPSILON * loss / 2e-4;
        let other = if algorithm == GradientAlgorithm::NodePerturbation {
            1e-8 * largest
        } else {
            0.0
        };
        for (a, b) in gradient.flat().iter().zip(naive.flat()) {
            assert!((a - b).abs() <= rounding + other, "{algorithm:?} {a} {b}");
        }
    }
    assert!(matches!(
        network.gradient(&batch, GradientAlgorithm::Backpropagation),
        Err(Error::NoBackward { layer: 2, .. })
    ));
}

/// A layer whose `forward` panics or returns NaN leaves the network as it was.
#[test]
fn a_layer_that_fails_changes_nothing() {
    #[derive(Debug)]
    struct Fails {
        panics: bool,
    }
    impl Layer<f64> for Fails {
        fn name(&self) -> String {
            "Fails".into()
        }
        fn outputs(&self, inputs: usize) -> usize {
            inputs
        }
        fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
            // Only once something has moved.
            if x[[0, 0]] == 0.5 {
                return x.to_owned();
            }
            assert!(!self.panics, "as planned");
            x * f64::NAN
        }
    }
    let batch = Batch::new(ndarray::array![[1.0]], Targets::labels(&[0])).unwrap();
    for algorithm in [
        GradientAlgorithm::Naive,
        GradientAlgorithm::Incremental,
        GradientAlgorithm::IncrementAlgebra,
        GradientAlgorithm::NodePerturbation,
    ] {
        for threads in [1, 2] {
            let build = |panics| {
                let builder = Network::builder()
                    .layer(Dense::new(1, 2))
                    .layer(Fails { panics });
                builder.weights(&[0.5, 0.1, 0.0, 0.0]).unwrap()
            };
            let method = numdiff_nn::GradientMethod::new(algorithm).with_threads(threads);
            let network = build(false);
            assert!(matches!(
                network.gradient(&batch, method),
                Err(Error::NonFiniteDifference { .. })
            ));
            assert_eq!(network.parameters(), [0.5, 0.1, 0.0, 0.0]);
            let network = build(true);
            let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                network.gradient(&batch, method)
            }));
            assert!(caught.is_err());
            assert_eq!(network.parameters(), [0.5, 0.1, 0.0, 0.0]);
        }
    }
}
