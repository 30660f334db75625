//! One gradient by every algorithm: its error against backpropagation, and its time.
//!
//! `cargo run --release -p numdiff-nn --example algorithms`

use ndarray::Array2;
use ndarray_rand::rand::SeedableRng;
use numdiff_nn::{
    Activation, Batch, Dense, Error, GradientAlgorithm, Init, Loss, Network, Targets,
};
use rand_chacha::ChaCha8Rng;
use std::time::Instant;

fn main() -> Result<(), Error> {
    let network = Network::builder()
        .layer(Dense::new(64, 16))
        .layer(Activation::Sigmoid)
        .layer(Dense::new(16, 10))
        .loss(Loss::TUTORIAL)
        .initialize(Init::Xavier, &mut ChaCha8Rng::seed_from_u64(7))?;
    let x = Array2::from_shape_fn((20, 64), |(n, i)| ((n * 64 + i) as f64 * 0.37).sin());
    let labels: Vec<usize> = (0..20).map(|n| n % 10).collect();
    let batch = Batch::new(x, Targets::labels(&labels))?;
    let exact = network.gradient(&batch, GradientAlgorithm::Backpropagation)?;
    println!("{} parameters, 20 samples\n", network.parameters().len());
    println!("{:<18} {:>14} {:>12}", "algorithm", "largest error", "time");
    for algorithm in [
        GradientAlgorithm::Naive,
        GradientAlgorithm::Incremental,
        GradientAlgorithm::IncrementAlgebra,
        GradientAlgorithm::NodePerturbation,
        GradientAlgorithm::Backpropagation,
    ] {
        let start = Instant::now();
        let gradient = network.gradient(&batch, algorithm)?;
        let time = start.elapsed();
        let error = gradient
            .flat()
            .iter()
            .zip(exact.flat())
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max);
        println!(
            "{:<18} {error:>14.1e} {time:>12.1?}",
            format!("{algorithm:?}")
        );
    }
    Ok(())
}
