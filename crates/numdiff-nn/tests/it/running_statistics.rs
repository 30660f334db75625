//! Running statistics of batch normalization, and of a user's layer: as a textbook keeps them, through training, files
//! and a resumed run.

use ndarray::{Array1, Array2, Axis, array};
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{
    Activation, Batch, BatchNorm, Checkpoint, Dense, Dropout, Error, GradientAlgorithm, Image,
    Init, Layer, Network, Targets, Training,
};
use numdiff_optim::{Method, Optimizer};
use rand_chacha::ChaCha8Rng;
use std::ops::ControlFlow;

fn data(rows: usize, step: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, 3), |(n, i)| {
        ((step * 31 + n * 3 + i) as f64 * 1.7).sin() * (i + 1) as f64 + i as f64
    })
}

/// The book's `BatchNormalization`: momentum 0.9, 10e-7 within the root, zeros at the start.
#[test]
fn after_many_steps_the_textbooks_numbers() {
    let norm = BatchNorm::new(3).with_momentum(0.9).with_epsilon(10e-7);
    let mut network: Network = Network::builder()
        .layer(norm)
        .weights(&[1.5, 1.0, 0.5, 0.0, 0.25, -1.0])
        .unwrap();
    let (gamma, beta) = (array![1.5, 1.0, 0.5], array![0.0, 0.25, -1.0]);
    let (mut mean, mut variance) = (Array1::<f64>::zeros(3), Array1::<f64>::zeros(3));
    let x = data(4, 1000);
    for step in 0..400 {
        let batch = data(5, step);
        network.observe(&batch).unwrap();
        let mu = batch.mean_axis(Axis(0)).unwrap();
        let centered = &batch - &mu;
        let var = (&centered * &centered).mean_axis(Axis(0)).unwrap();
        mean = 0.9 * &mean + 0.1 * &mu;
        variance = 0.9 * &variance + 0.1 * &var;
        // Divided by what the start at 0 leaves of the weights; 1 in the book.
        let weight = 1.0 - 0.9f64.powi(step as i32 + 1);
        let normalized = (&x - &(&mean / weight)) / (&variance / weight + 10e-7).sqrt();
        let expected = normalized * &gamma + &beta;
        // Whatever data `inference` is given.
        let used = network.inference(&data(2, 77)).unwrap();
        let found = used.predict(&x).unwrap();
        let off = (&found - &expected).fold(0.0f64, |m, d| m.max(d.abs()));
        assert!(off < 1e-12, "step {step}: {off:e}");
    }
    assert!(0.9f64.powi(400) < f64::EPSILON);
}

/// Before any step there is nothing but the data.
#[test]
fn without_a_step_the_data_decides() {
    let x = data(6, 1);
    let of = |norm: BatchNorm| {
        let network: Network = Network::builder()
            .layer(norm)
            .weights(&[1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
            .unwrap();
        network.inference(&x).unwrap().predict(&x).unwrap()
    };
    assert_eq!(
        of(BatchNorm::new(3).with_momentum(0.5)),
        of(BatchNorm::new(3))
    );
}

fn training() -> Training<f64> {
    let image = Image::new(2, 2, 2);
    let network: Network = Network::builder()
        .layer(Dense::new(3, 8))
        .layer(BatchNorm::image(image).with_momentum(0.8))
        .layer(Activation::Relu)
        .layer(Dropout::new(0.2, 5))
        .layer(Mean(2))
        .layer(Dense::new(8, 2))
        .initialize(Init::He, &mut ChaCha8Rng::seed_from_u64(3))
        .unwrap();
    let labels: Vec<usize> = (0..20).map(|n| n % 2).collect();
    let batch = |step| Batch::new(data(20, step), Targets::labels(&labels)).unwrap();
    let adam = Optimizer::new(Method::adam(0.05), network.parameters().len()).unwrap();
    Training::new(network, batch(0), adam)
        .with_batch_size(6)
        .with_gradient(GradientAlgorithm::Backpropagation)
        .with_epochs(6)
        .with_patience(2)
        .with_validation(batch(9))
}

/// A layer of a user's that counts the steps and sums its first input, for use.
#[derive(Debug)]
struct Mean(usize);

impl Layer<f64> for Mean {
    fn name(&self) -> String {
        "mean".into()
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x * 0.5
    }
    fn backward(
        &self,
        _: &numdiff_nn::At<'_, f64>,
        dy: &Array2<f64>,
        _: &mut [f64],
    ) -> Option<Array2<f64>> {
        Some(dy * 0.5)
    }
    fn statistics(&self) -> usize {
        self.0
    }
    fn observe(&self, x: &Array2<f64>, statistics: &mut [f64]) {
        statistics[0] += 1.0;
        statistics[1] += x[[0, 0]];
    }
    fn inference(&self, _: &Array2<f64>, statistics: &[f64]) -> Option<Box<dyn Layer<f64>>> {
        let steps = statistics[0];
        Some(Box::new(Seen(steps)))
    }
}

#[derive(Debug)]
struct Seen(f64);

impl Layer<f64> for Seen {
    fn name(&self) -> String {
        format!("seen {}", self.0)
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x * 0.5
    }
}

#[test]
fn a_resumed_run_has_the_bits_of_one_that_never_stopped() {
    let go = |_: &numdiff_nn::Progress<'_>| ControlFlow::Continue(());
    let x = data(7, 3);
    let mut whole = training();
    whole.run(go).unwrap();
    let expected = whole.inference().unwrap();
    assert!(!whole.history().is_empty());
    for stop in [1, 5, 9, 12] {
        let mut first = training();
        first
            .run(|p| {
                if p.step == stop {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })
            .unwrap();
        let mut file = Vec::new();
        first.checkpoint().write(&mut file).unwrap();
        let mut second = training();
        second.resume(Checkpoint::read(&file[..]).unwrap()).unwrap();
        second.run(go).unwrap();
        assert_eq!(second.history(), whole.history());
        let found = second.inference().unwrap();
        assert_eq!(
            found.predict(&x).unwrap(),
            expected.predict(&x).unwrap(),
            "stopped at {stop}"
        );
    }
    // What the user's layer counted is that of the best epoch, to which patience went back.
    let steps = whole.network().layers().len();
    let name = expected.layers()[steps - 2].name();
    assert!(name.starts_with("seen ") && name != "seen 0", "{name}");
}

#[test]
fn statistics_are_saved_with_the_network() {
    let build = || {
        let builder = Network::<f64>::builder()
            .layer(Dense::new(3, 4))
            .layer(BatchNorm::new(4).with_momentum(0.9))
            .layer(Dense::new(4, 2));
        builder
            .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(1))
            .unwrap()
    };
    let mut network = build();
    (0..3).for_each(|step| network.observe(&data(4, step)).unwrap());
    let (mut file, x) = (Vec::new(), data(5, 8));
    network.save(&mut file).unwrap();
    let used = |network: &Network| network.inference(&x).unwrap().predict(&x).unwrap();
    assert_eq!(used(&Network::load(&file[..]).unwrap()), used(&network));
    let mut other = build();
    assert_ne!(used(&other), used(&network));
    other.load_parameters(&file[..]).unwrap();
    assert_eq!(used(&other), used(&network));
    // A network that collects nothing has no place for them.
    let mut without: Network = Network::builder()
        .layer(Dense::new(3, 4))
        .layer(BatchNorm::new(4))
        .layer(Dense::new(4, 2))
        .weights(network.parameters())
        .unwrap();
    let refused = without.load_parameters(&file[..]).unwrap_err();
    assert!(
        matches!(
            refused,
            Error::Saved {
                what: "statistics",
                ..
            }
        ),
        "{refused}"
    );
}

#[test]
fn momentum_has_a_range() {
    for momentum in [-0.1, 1.0, f64::NAN] {
        let layer = BatchNorm::new(1).with_momentum(momentum);
        let refused = Network::<f64>::builder()
            .layer(layer)
            .weights(&[1.0, 0.0])
            .unwrap_err();
        assert!(refused.to_string().contains("momentum"), "{refused}");
    }
}

#[test]
fn inference_turns_dropout_off_and_keeps_the_statistics() {
    let network = Network::builder()
        .layer(Dense::new(3, 5))
        .layer(BatchNorm::new(5))
        .layer(Activation::Tanh)
        .layer(Dropout::new(0.2, 9))
        .layer(Dense::new(5, 2))
        .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(3))
        .unwrap();
    let x = data(12, 0);
    let inference = network.inference(&x).unwrap();
    // One row has a variance of 0 in its own batch; with kept statistics it is what it is among all.
    let all = inference.predict(&x).unwrap();
    for (row, all) in x.rows().into_iter().zip(all.rows()) {
        let one = inference.predict(&row.to_owned().insert_axis(Axis(0)));
        for (a, b) in one.unwrap().iter().zip(all) {
            assert!((a - b).abs() <= 1e-15);
        }
    }
    assert_ne!(
        network.predict(&x).unwrap(),
        network.renewed(1).predict(&x).unwrap()
    );
}
