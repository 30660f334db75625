//! A portfolio: shares of at least 0 and at most 0.4. Where bounds hold x, the gradient pushes against
//! them, and that is counted as converged.
//!
//! `cargo run -p numdiff-optim --example bounds`

use ndarray::{Array1, array};
use numdiff_optim::{Error, minimize};

fn main() -> Result<(), Error> {
    let gains = array![0.08, 0.06, 0.03, 0.10];
    let risk = array![
        [0.10, 0.02, 0.00, 0.05],
        [0.02, 0.06, 0.00, 0.01],
        [0.00, 0.00, 0.01, 0.00],
        [0.05, 0.01, 0.00, 0.20],
    ];
    // Risk less gain, and a stiff spring that holds the sum of the shares at 1.
    let f = |w: &Array1<f64>| w.dot(&risk.dot(w)) - gains.dot(w) + 1e3 * (w.sum() - 1.0).powi(2);
    let best = minimize(f, &array![0.25, 0.25, 0.25, 0.25])
        .bounds(0.0, 0.4)
        .run()?;
    println!("{} ({} evaluations)", best.status, best.evaluations);

    // What the conditions of Karush, Kuhn and Tucker leave: the slope where x is free.
    let exact = 2.0 * risk.dot(&best.x) - &gains + 2e3 * (best.x.sum() - 1.0);
    for ((w, slope), error) in best.x.iter().zip(&exact).zip(&best.gradient_error) {
        let at = if *w == 0.0 || *w == 0.4 {
            "at a bound"
        } else {
            "free"
        };
        println!("share {w:.6}, slope {slope:>9.1e} ± {error:.0e}, {at}");
    }
    Ok(())
}
