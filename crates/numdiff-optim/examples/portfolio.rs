//! A portfolio that may not be turned over by more than a fifth: what is bought and sold of each asset are the unknowns,
//! the budget and the turnover are linear constraints, the risk is limited.
//!
//! `cargo run -p numdiff-optim --example portfolio`

use ndarray::{Array1, Array2, array, s};
use numdiff_optim::{Error, minimize};

fn main() -> Result<(), Error> {
    let held = array![0.4, 0.3, 0.2, 0.1];
    let gains = array![0.08, 0.06, 0.03, 0.10];
    let covariance = array![
        [0.10, 0.02, 0.00, 0.05],
        [0.02, 0.06, 0.00, 0.01],
        [0.00, 0.00, 0.01, 0.00],
        [0.05, 0.01, 0.00, 0.20],
    ];
    let shares = |trades: &Array1<f64>| &held + &trades.slice(s![..4]) - trades.slice(s![4..]);
    let risk = |trades: &Array1<f64>| {
        let w = shares(trades);
        w.dot(&covariance.dot(&w))
    };
    // Bought less sold is nothing; bought and sold are 0.2 together at most; no share below 0.
    let budget = array![[1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0]];
    let mut rows = Array2::zeros((5, 8));
    rows.row_mut(0).fill(-1.0);
    for i in 0..4 {
        (rows[[i + 1, i]], rows[[i + 1, i + 4]]) = (1.0, -1.0);
    }
    let right = array![-0.2, -held[0], -held[1], -held[2], -held[3]];
    let x0 = Array1::zeros(8);
    let best = minimize(|t: &Array1<f64>| -gains.dot(&shares(t)), &x0)
        .inequality(|t: &Array1<f64>| 0.035 - risk(t))
        .linear_equality(&budget, &array![0.0])
        .linear_inequality(&rows, &right)
        .bounds(0.0, 1.0)
        .run()?;
    println!("{} ({} evaluations)", best.status, best.evaluations);
    println!(
        "shares {:.4}, sum - 1 = {:.1e}",
        shares(&best.x),
        shares(&best.x).sum() - 1.0
    );
    println!("gain {:.5}, risk {:.5}", -best.value, risk(&best.x));
    println!(
        "a unit more of risk gains {:.3}",
        best.multipliers.inequality[0]
    );
    println!(
        "a unit more of turnover gains {:.3}",
        best.multipliers.linear[1]
    );
    Ok(())
}
