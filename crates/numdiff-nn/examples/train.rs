//! Two spirals, learned by numerical gradients and by backpropagation: the same run, as far as
//! differences can be told from derivatives.
//!
//! `cargo run --release -p numdiff-nn --example train`

use ndarray::Array2;
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{Activation, Batch, Dense, GradientAlgorithm, Init, Network, Targets, Training};
use numdiff_optim::{Method, Optimizer};
use rand_chacha::ChaCha8Rng;
use std::error::Error;
use std::ops::ControlFlow;

fn main() -> Result<(), Box<dyn Error>> {
    let n = 60;
    let x = Array2::from_shape_fn((2 * n, 2), |(k, i)| {
        let (arm, s) = ((k % 2) as f64, (k / 2) as f64 / n as f64);
        let angle = 4.0 * s + std::f64::consts::PI * arm;
        (0.2 + s) * [angle.cos(), angle.sin()][i]
    });
    let labels: Vec<usize> = (0..2 * n).map(|k| k % 2).collect();
    let data = Batch::new(x, Targets::labels(&labels))?;

    let mut ends = Vec::new();
    for algorithm in [
        GradientAlgorithm::IncrementAlgebra,
        GradientAlgorithm::Backpropagation,
    ] {
        let network: Network = Network::builder()
            .layer(Dense::new(2, 16))
            .layer(Activation::Tanh)
            .layer(Dense::new(16, 2))
            .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(1))?;
        let adam = Optimizer::new(Method::adam(0.05), network.parameters().len())?;
        let mut training = Training::new(network, data.clone(), adam)
            .with_batch_size(30)
            .with_epochs(60)
            .with_gradient(algorithm);
        training.run(|_| ControlFlow::Continue(()))?;
        let network = training.into_network();
        println!(
            "{:<17} loss {:.6}, accuracy {:.3}",
            format!("{algorithm:?}"),
            network.loss(&data)?,
            network.accuracy(&data)?
        );
        ends.push(network);
    }
    let apart = ends[0]
        .parameters()
        .iter()
        .zip(ends[1].parameters())
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max);
    println!("after 240 steps the weights differ by at most {apart:.1e}");
    Ok(())
}
