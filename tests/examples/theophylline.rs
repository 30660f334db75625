//! A drug taken by mouth: rates of absorption and elimination and the clearance from blood samples,
//! with their uncertainties, once from the Jacobian of the residuals and once from the Hessian of the
//! likelihood.
//!
//! The data are subject 1 of the theophylline study of R. A. Upton, in Boeckmann, Sheiner and Beal,
//! NONMEM Users Guide, part V (1994); `Theoph` in R.
//!
//! `cargo run -p numdiff-tests --example theophylline`

use ndarray::{Array1, array};
use numdiff_core::Adaptive;
use numdiff_optim::least_squares;
use std::error::Error;

/// mg per kg of body weight.
const DOSE: f64 = 4.02;

/// One compartment with absorption of first order: mg/l at time t (h), for the logarithms of the rates
/// of elimination and absorption (1/h) and of the clearance (l/h/kg).
fn concentration(p: &Array1<f64>, t: f64) -> f64 {
    let [ke, ka, cl] = [0, 1, 2].map(|k| p[k].exp());
    DOSE * ke * ka / (cl * (ka - ke)) * ((-ke * t).exp() - (-ka * t).exp())
}

fn main() -> Result<(), Box<dyn Error>> {
    let t = array![
        0.0, 0.25, 0.57, 1.12, 2.02, 3.82, 5.1, 7.03, 9.05, 12.12, 24.37
    ];
    let y = array![
        0.74, 2.84, 6.57, 10.5, 9.66, 8.58, 8.36, 7.47, 6.89, 5.94, 3.28
    ];
    let residuals = |p: &Array1<f64>| t.mapv(|t| concentration(p, t)) - &y;

    let fit = least_squares(|p| residuals(p), &array![-2.5, 0.5, -3.0]).run()?;
    println!("{}; {} evaluations", fit.status, fit.evaluations);
    let freedom = (y.len() - 3) as f64;
    let variance = fit.value / freedom;
    println!("residual standard error {:.3} mg/l\n", variance.sqrt());

    // -log likelihood of normal errors of this variance; its Hessian is the observed information.
    let loss = |p: &Array1<f64>| residuals(p).mapv(|r| r * r).sum() / (2.0 * variance);
    let information = Adaptive::new().hessian(loss, &fit.x)?;
    let bars = information.error.iter().fold(0.0f64, |m, e| m.max(*e));
    let from_hessian = inverse(&information.value).ok_or("the Hessian is singular")?;
    let linear = fit.standard_errors();

    println!("                      estimate   std. error: linear theory   Hessian   R's nls");
    let r = [(-2.9196, 0.1709), (0.5752, 0.1728), (-3.9159, 0.1273)];
    for (k, name) in [
        "log elimination rate",
        "log absorption rate",
        "log clearance",
    ]
    .iter()
    .enumerate()
    {
        println!(
            "{name:<21} {:>9.4} {:>27.4} {:>9.4} {:>9.4}",
            fit.x[k],
            linear[k],
            from_hessian[k].sqrt(),
            r[k].1
        );
    }
    let off = fit
        .x
        .iter()
        .zip(&r)
        .map(|(x, r)| (x - r.0).abs())
        .fold(0.0, f64::max);
    println!("\nlargest difference from R's estimates {off:.0e} (printed to 1e-4)");
    println!("largest error bar of the Hessian's entries {bars:.0e}");
    println!("half-life {:.1} h", 2f64.ln() / fit.x[0].exp());
    Ok(())
}

/// The diagonal of the inverse of a symmetric 3 x 3 matrix.
fn inverse(h: &ndarray::Array2<f64>) -> Option<Array1<f64>> {
    let minor = |i: usize, j: usize| {
        let (a, b) = ((i + 1) % 3, (i + 2) % 3);
        let (c, d) = ((j + 1) % 3, (j + 2) % 3);
        h[(a, c)] * h[(b, d)] - h[(a, d)] * h[(b, c)]
    };
    let determinant: f64 = (0..3).map(|j| h[(0, j)] * minor(0, j)).sum();
    (determinant != 0.0).then(|| (0..3).map(|i| minor(i, i) / determinant).collect())
}
