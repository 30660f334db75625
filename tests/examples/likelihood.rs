//! A gradient derived by hand, checked: the likelihood of a Weibull regression with censored data,
//! first with a mistake that everybody makes, then right. Then the fit with the checked gradient.
//!
//! `cargo run --manifest-path tests/examples/Cargo.toml --example likelihood`

use ndarray::{Array1, array};
use numdiff_core::{Adaptive, check};
use numdiff_optim::minimize;
use std::error::Error;

/// Remission of leukemia in weeks, treated (1) or not (0), and whether the relapse was seen (1) or the
/// patient left before (0). Freireich et al., Blood 21 (1963) 699-716.
const DATA: [(f64, f64, f64); 42] = [
    (6.0, 1.0, 1.0),
    (6.0, 1.0, 1.0),
    (6.0, 1.0, 1.0),
    (6.0, 1.0, 0.0),
    (7.0, 1.0, 1.0),
    (9.0, 1.0, 0.0),
    (10.0, 1.0, 1.0),
    (10.0, 1.0, 0.0),
    (11.0, 1.0, 0.0),
    (13.0, 1.0, 1.0),
    (16.0, 1.0, 1.0),
    (17.0, 1.0, 0.0),
    (19.0, 1.0, 0.0),
    (20.0, 1.0, 0.0),
    (22.0, 1.0, 1.0),
    (23.0, 1.0, 1.0),
    (25.0, 1.0, 0.0),
    (32.0, 1.0, 0.0),
    (32.0, 1.0, 0.0),
    (34.0, 1.0, 0.0),
    (35.0, 1.0, 0.0),
    (1.0, 0.0, 1.0),
    (1.0, 0.0, 1.0),
    (2.0, 0.0, 1.0),
    (2.0, 0.0, 1.0),
    (3.0, 0.0, 1.0),
    (4.0, 0.0, 1.0),
    (4.0, 0.0, 1.0),
    (5.0, 0.0, 1.0),
    (5.0, 0.0, 1.0),
    (8.0, 0.0, 1.0),
    (8.0, 0.0, 1.0),
    (8.0, 0.0, 1.0),
    (8.0, 0.0, 1.0),
    (11.0, 0.0, 1.0),
    (11.0, 0.0, 1.0),
    (12.0, 0.0, 1.0),
    (12.0, 0.0, 1.0),
    (15.0, 0.0, 1.0),
    (17.0, 0.0, 1.0),
    (22.0, 0.0, 1.0),
    (23.0, 0.0, 1.0),
];

/// -log L of log t = b0 + b1 treated + s e, e of the extreme-value distribution; p = (b0, b1, log s).
fn loss(p: &Array1<f64>) -> f64 {
    let scale = p[2].exp();
    DATA.iter()
        .map(|&(t, treated, seen)| {
            let z = (t.ln() - p[0] - p[1] * treated) / scale;
            z.exp() - seen * (z - p[2])
        })
        .sum()
}

/// By hand; without the chain rule for log s when `wrong`.
fn gradient(p: &Array1<f64>, wrong: bool) -> Array1<f64> {
    let scale = p[2].exp();
    let mut g = Array1::zeros(3);
    for (t, treated, seen) in DATA {
        let z = (t.ln() - p[0] - p[1] * treated) / scale;
        let by_z = z.exp() - seen;
        g[0] -= by_z / scale;
        g[1] -= by_z * treated / scale;
        g[2] += seen - by_z * if wrong { z / scale } else { z };
    }
    g
}

fn main() -> Result<(), Box<dyn Error>> {
    let x0 = array![2.0, 1.0, -0.5];
    println!(
        "first try\n{}\n",
        check::gradient(loss, |p: &Array1<f64>| gradient(p, true), &x0)?
    );
    println!(
        "mended\n{}\n",
        check::gradient(loss, |p: &Array1<f64>| gradient(p, false), &x0)?
    );

    let best = minimize(loss, &x0).gradient(|p| gradient(p, false)).run()?;
    let slopes = Adaptive::new().gradient(loss, &best.x)?;
    let largest = slopes.value.iter().fold(0.0f64, |m, g| m.max(g.abs()));
    println!("{}", best.status);
    println!(
        "treatment stretches remission {:.2}-fold; shape {:.3}",
        best.x[1].exp(),
        (-best.x[2]).exp()
    );
    println!(
        "largest slope at the minimum by differences {largest:.0e}, error bars {:.0e}",
        slopes.error.iter().fold(0.0f64, |m, e| m.max(*e))
    );
    Ok(())
}
