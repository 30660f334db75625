//! A drug taken by mouth: rates of absorption and elimination and the clearance from blood samples,
//! with their uncertainties, once from the Jacobian of the residuals and once from the Hessian of the
//! likelihood; an interval, the half-life, and a picture of the fit with its band and residuals.
//!
//! The data are subject 1 of the theophylline study of R. A. Upton, in Boeckmann, Sheiner and Beal,
//! NONMEM Users Guide, part V (1994); `Theoph` in R.
//!
//! `cargo run --manifest-path tests/examples/Cargo.toml --example theophylline`, with a path for the picture at the end
//! where it is not to be target/theophylline.svg: docs/figures/theophylline.svg is drawn by it.

use ndarray::{Array1, array};
use numdiff_core::Adaptive;
use numdiff_optim::{Band, least_squares};
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
    let half_life = fit.propagate(|p: &Array1<f64>| [2f64.ln() / p[0].exp()])?;
    let (value, error) = (half_life.values[0], half_life.standard_errors()[0]);
    println!("half-life {value:.1} ± {error:.1} h");
    let profile = fit.profile(|p: &Array1<f64>| residuals(p), 1, 0.95)?;
    println!(
        "95 % of the log absorption rate: {:.2?} to {:.2?}",
        profile.lower, profile.upper
    );

    let grid = Array1::linspace(0.0, 25.0, 101);
    let band = fit.band(|p: &Array1<f64>| grid.mapv(|t| concentration(p, t)), 0.95)?;
    let path = std::env::args().nth(1);
    let path = path.unwrap_or_else(|| "target/theophylline.svg".into());
    std::fs::create_dir_all("target")?;
    std::fs::write(&path, picture((&t, &y), &fit.residuals, &grid, &band))?;
    println!("picture: {path}");
    Ok(())
}

/// Data, fit and confidence band above, residuals below, as SVG for light and dark pages.
fn picture(
    (t, y): (&Array1<f64>, &Array1<f64>),
    residuals: &Array1<f64>,
    grid: &Array1<f64>,
    band: &Band,
) -> String {
    let px = |t: f64| 60.0 + 23.0 * t;
    let py = |c: f64| 310.0 - 23.0 * c;
    let point = |(t, c): (&f64, f64)| format!("{:.1},{:.1}", px(*t), py(c));
    let line =
        |values: Array1<f64>| -> Vec<String> { grid.iter().zip(values).map(point).collect() };
    let curve = line(band.value.clone()).join(" ");
    let mut around = line(&band.value + &band.confidence);
    around.extend(line(&band.value - &band.confidence).into_iter().rev());
    let around = around.join(" ");
    let dot = |x: f64, y: f64| format!("<circle cx='{x:.1}' cy='{y:.1}' r='4' class='data'/>");
    let data: String = t.iter().zip(y).map(|(t, c)| dot(px(*t), py(*c))).collect();
    let below = |r: &f64| 390.0 - 18.0 * r;
    let pairs = t.iter().zip(residuals);
    let rest: String = pairs.map(|(t, r)| dot(px(*t), below(r))).collect();
    let words = |x: f64, y: f64, anchor: &str, text: &str| {
        format!("<text x='{x:.0}' y='{y:.0}' text-anchor='{anchor}'>{text}</text>")
    };
    let times: String = [0.0, 5.0, 10.0, 15.0, 20.0, 25.0]
        .map(|t| words(px(t), 328.0, "middle", &t.to_string()))
        .concat();
    let levels: String = [0.0, 5.0, 10.0]
        .map(|c| words(52.0, py(c) + 5.0, "end", &c.to_string()))
        .concat();
    let captions = [
        words(
            60.0,
            24.0,
            "start",
            "theophylline in blood (mg/l), the fit, and its 95 % confidence band",
        ),
        words(635.0, 348.0, "end", "hours after the dose"),
        words(60.0, 348.0, "start", "residuals: model minus data (mg/l)"),
    ]
    .concat();
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='660' height='440' viewBox='0 0 660 440' \
         font-family='sans-serif' font-size='14'>\n\
         <style>.paper {{ fill: #FFFFFF }} text {{ fill: #1C2128 }} .axis {{ stroke: #A3ABB5; fill: none }} \
         .band {{ fill: #0072B2; fill-opacity: 0.2 }} .curve {{ stroke: #0072B2; stroke-width: 2; fill: none }} \
         .data {{ fill: #D55E00 }} @media (prefers-color-scheme: dark) {{ .paper {{ fill: #14171C }} \
         text {{ fill: #E4E7EC }} .axis {{ stroke: #5B6470 }} .band {{ fill: #56B4E9 }} \
         .curve {{ stroke: #56B4E9 }} .data {{ fill: #E69F00 }} }}</style>\n\
         <rect width='660' height='440' class='paper'/>\n\
         <polygon points='{around}' class='band'/>\n\
         <polyline points='{curve}' class='curve'/>\n{data}\n\
         <path d='M60 30V310H640M60 390H640' class='axis'/>\n{rest}\n{times}{levels}\n{captions}\n</svg>\n"
    )
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
