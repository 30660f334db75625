//! A spring with a damper, from noisy measurements of a known truth: how many of the standard errors
//! hold? Two thirds should.
//!
//! `cargo run -p numdiff-optim --example fit`

use ndarray::{Array1, array};
use numdiff_optim::{Error, least_squares};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Sum of twelve uniform numbers: near enough to a normal one.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..12)
        .map(|_| f64::from(rng.next_u32()) / f64::from(u32::MAX))
        .sum::<f64>()
        - 6.0
}

fn main() -> Result<(), Error> {
    let t = Array1::linspace(0.0, 3.0, 60);
    let model = |p: &Array1<f64>| t.mapv(|t| p[0] * (-p[1] * t).exp() * (p[2] * t + p[3]).cos());
    let truth = array![10.0, 0.8, 6.0, 0.3];
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let (experiments, mut held, mut evaluations) = (200, [0; 4], 0);
    let mut last = None;
    for _ in 0..experiments {
        let y = model(&truth).mapv(|y| y + 0.4 * normal(&mut rng));
        let fit =
            least_squares(|p: &Array1<f64>| model(p) - &y, &array![8.0, 0.5, 5.5, 0.0]).run()?;
        let errors = fit.standard_errors();
        for k in 0..4 {
            held[k] += usize::from((fit.x[k] - truth[k]).abs() <= errors[k]);
        }
        evaluations += fit.evaluations;
        last = Some((fit, errors));
    }
    let (fit, errors) = last.expect("some experiments");
    println!("the last of {experiments} experiments: {}", fit.status);
    for (k, name) in ["amplitude", "damping", "frequency", "phase"]
        .iter()
        .enumerate()
    {
        println!(
            "{name:<10} {:>8.4} ± {:.4}, error {:>7.4}; bar held in {:.0} % of the experiments",
            fit.x[k],
            errors[k],
            fit.x[k] - truth[k],
            100.0 * held[k] as f64 / f64::from(experiments)
        );
    }
    println!(
        "{:.0} evaluations each",
        evaluations as f64 / f64::from(experiments)
    );
    Ok(())
}
