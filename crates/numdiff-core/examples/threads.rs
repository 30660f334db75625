//! A slow function on all cores: the same bits in a fraction of the time.
//!
//! `cargo run --release -p numdiff-core --features rayon --example threads`

use ndarray::Array1;
use numdiff_core::{Error, FiniteDifference};
use std::time::Instant;

/// Some milliseconds of work: the logistic map, averaged.
fn slow(x: &Array1<f64>) -> f64 {
    x.iter()
        .map(|&x| {
            let (mut y, mut sum) = (0.5, 0.0);
            for _ in 0..5_000 {
                y = (2.5 + 0.3 * x) * y * (1.0 - y);
                sum += y;
            }
            sum / 5_000.0
        })
        .sum()
}

fn main() -> Result<(), Error> {
    let x = Array1::linspace(0.0, 1.0, 40);
    let central = FiniteDifference::central();
    let start = Instant::now();
    let serial = central.gradient(slow, &x)?;
    let alone = start.elapsed();
    let start = Instant::now();
    let shared = central.plan().gradient(&x).parallel(slow)?;
    let together = start.elapsed();
    println!(
        "largest difference {:e}",
        (&serial - &shared)
            .iter()
            .fold(0.0f64, |m, d| m.max(d.abs()))
    );
    println!("{alone:.1?} on one thread, {together:.1?} on all");
    assert_eq!(serial, shared);
    Ok(())
}
