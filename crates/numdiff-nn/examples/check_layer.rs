//! A layer written by hand, its backward off by a sign in one place: the check names it.
//!
//! `cargo run -p numdiff-nn --example check_layer`

use ndarray::{Array2, array};
use numdiff_nn::{At, Batch, Dense, Error, Layer, Network, Targets, check_network};

/// x e^(-x²), whose slope is (1 - 2 x²) e^(-x²).
#[derive(Debug)]
struct Ripple {
    sign: f64,
}

impl Layer<f64> for Ripple {
    fn name(&self) -> String {
        "Ripple".into()
    }
    fn outputs(&self, inputs: usize) -> usize {
        inputs
    }
    fn forward(&self, _: &[f64], x: &Array2<f64>) -> Array2<f64> {
        x.mapv(|x| x * (-x * x).exp())
    }
    fn backward(&self, at: &At<'_, f64>, dy: &Array2<f64>, _: &mut [f64]) -> Option<Array2<f64>> {
        Some(at.x.mapv(|x| (1.0 - self.sign * 2.0 * x * x) * (-x * x).exp()) * dy)
    }
}

fn main() -> Result<(), Error> {
    let batch = Batch::new(
        array![[0.3, -0.2], [0.5, 0.9], [-0.7, 0.1]],
        Targets::labels(&[0, 1, 1]),
    )?;
    for (name, sign) in [("as derived first", -1.0), ("mended", 1.0)] {
        let network = Network::builder()
            .layer(Dense::new(2, 3))
            .layer(Ripple { sign })
            .layer(Dense::new(3, 2))
            .weights(&(0..17).map(|i| (i as f64).cos()).collect::<Vec<_>>())?;
        println!("== {name}\n{}\n", check_network(&network, &batch)?);
    }
    Ok(())
}
