//! Minimize functions of which nothing but values is known: where it ended, why, and at what price.
//!
//! `cargo run -p numdiff-optim --example default`

use ndarray::{Array1, array};
use numdiff_optim::{Error, minimize};

type Case = (
    &'static str,
    fn(&Array1<f64>) -> f64,
    Array1<f64>,
    Array1<f64>,
);

fn main() -> Result<(), Error> {
    let cases: [Case; 4] = [
        (
            "Rosenbrock's valley",
            |x| 100.0 * (x[1] - x[0].powi(2)).powi(2) + (1.0 - x[0]).powi(2),
            array![-1.2, 1.0],
            array![1.0, 1.0],
        ),
        (
            "units 1e6 apart",
            |x| (x[0] / 1e3 - 1.0).powi(2) + (x[1] * 1e3 - 2.0).powi(2),
            array![10.0, 0.0],
            array![1e3, 2e-3],
        ),
        (
            "a logarithmic barrier",
            |x| x[0] + x[1] - 1e-2 * (x[0].ln() + x[1].ln()),
            array![1.0, 1.0],
            array![1e-2, 1e-2],
        ),
        (
            "single precision inside",
            |x| f64::from(((x[0] - 1.0) as f32).powi(2) + ((x[1] + 2.0) as f32).powi(2)),
            array![4.0, 4.0],
            array![1.0, -2.0],
        ),
    ];
    println!(
        "{:<24} {:>10} {:>12}  why it ended",
        "f", "error", "evaluations"
    );
    for (name, f, x0, exact) in cases {
        let best = minimize(f, &x0).run()?;
        let error = best
            .x
            .iter()
            .zip(&exact)
            .map(|(x, e)| ((x - e) / e).abs())
            .fold(0.0, f64::max);
        println!(
            "{name:<24} {error:>10.1e} {:>12}  {}",
            best.evaluations, best.status
        );
    }
    Ok(())
}
