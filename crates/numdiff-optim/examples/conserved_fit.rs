//! A fit with a conserved quantity: three peaks whose areas have to add up to the dose that was given.
//!
//! `cargo run -p numdiff-optim --example conserved_fit`

use ndarray::Array1;
use numdiff_optim::{Error, least_squares};

/// Peaks at 1, 2 and 3, as wide as the last parameter says.
fn signal(t: f64, p: &Array1<f64>) -> f64 {
    (0..3)
        .map(|k| {
            let u = (t - 1.0 - k as f64) / p[3];
            p[k] / p[3] * (-0.5 * u * u).exp() / (2.0 * std::f64::consts::PI).sqrt()
        })
        .sum()
}

fn main() -> Result<(), Error> {
    let truth = Array1::from(vec![0.5, 0.2, 0.3, 0.4]);
    let times: Vec<f64> = (0..40).map(|i| 0.1 * f64::from(i)).collect();
    // Readings in hundredths, as the instrument prints them.
    let readings: Vec<f64> = times
        .iter()
        .map(|t| (1e2 * signal(*t, &truth)).round() / 1e2)
        .collect();
    let residuals = |p: &Array1<f64>| -> Vec<f64> {
        let pairs = times.iter().zip(&readings);
        pairs.map(|(t, y)| signal(*t, p) - y).collect()
    };
    let start = Array1::from(vec![0.3, 0.3, 0.3, 0.6]);
    let names = ["first", "second", "third", "width"];
    let fit = || {
        least_squares(residuals, &start)
            .bounds(0.01, 2.0)
            .names(names)
    };
    let free = fit().run()?;
    let held = fit()
        .equality(|p: &Array1<f64>| p[0] + p[1] + p[2] - 1.0)
        .run()?;
    for (title, fit) in [("free", &free), ("with the dose kept", &held)] {
        let dose = fit.x[0] + fit.x[1] + fit.x[2];
        println!("{title}: dose - 1 = {:.1e}\n{fit}\n", dose - 1.0);
    }
    Ok(())
}
