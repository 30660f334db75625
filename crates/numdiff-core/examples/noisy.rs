//! A function computed in single precision: the usual step measures its rounding, a step from the
//! noise does not, and the adaptive method finds the noise by itself.
//!
//! `cargo run -p numdiff-core --example noisy`

use ndarray::{Array1, array};
use numdiff_core::{Adaptive, Error, FiniteDifference, Step};

fn f(x: &Array1<f64>) -> f64 {
    f64::from((x[0] as f32).sin() * (x[1] as f32).exp())
}

fn main() -> Result<(), Error> {
    let x = array![1.0, 0.5];
    let exact = array![1f64.cos() * 0.5f64.exp(), 1f64.sin() * 0.5f64.exp()];
    let worst = |g: &Array1<f64>| (g - &exact).iter().fold(0.0f64, |m, e| m.max(e.abs()));

    let central = FiniteDifference::central();
    println!(
        "automatic step        error {:.1e}",
        worst(&central.gradient(f, &x)?)
    );
    let told = central.with_step(Step::Noise(6e-8));
    println!(
        "Step::Noise(6e-8)     error {:.1e}",
        worst(&told.gradient(f, &x)?)
    );
    let found = Adaptive::new().gradient(f, &x)?;
    let bar = found.error.iter().fold(0.0f64, |m, e| m.max(*e));
    println!(
        "adaptive              error {:.1e}, error bar {bar:.1e}, {} evaluations, {:?}",
        worst(&found.value),
        found.evaluations,
        found.status
    );
    Ok(())
}
