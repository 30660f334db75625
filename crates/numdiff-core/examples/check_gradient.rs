//! Five gradients of one function, four of them wrong: what the check says about each.
//!
//! `cargo run -p numdiff-core --example check_gradient`

use ndarray::{Array2, array};
use numdiff_core::{Error, check};

fn main() -> Result<(), Error> {
    // The mean squared error of a linear layer, by its weights.
    let x = array![[0.5, -1.0, 2.0], [1.5, 0.3, -0.4], [0.1, 0.8, 0.9]];
    let y = array![[1.0, 0.0, 0.2], [0.0, 1.0, -0.3], [0.5, 0.5, 0.7]];
    let w = array![[0.2, -0.1, 0.4], [0.7, 0.3, 0.1], [-0.5, 0.6, -0.2]];
    let residual = |w: &Array2<f64>| x.dot(w) - &y;
    let loss = |w: &Array2<f64>| residual(w).mapv(|r| r * r).sum() / 3.0;
    let right = |w: &Array2<f64>| x.t().dot(&residual(w)) * (2.0 / 3.0);

    type Gradient<'g> = Box<dyn Fn(&Array2<f64>) -> Array2<f64> + 'g>;
    let gradients: [(&str, Gradient<'_>); 5] = [
        ("right", Box::new(right)),
        ("the sign", Box::new(|w| -right(w))),
        ("the factor 2", Box::new(|w| right(w) / 2.0)),
        ("transposed", Box::new(|w| right(w).t().to_owned())),
        (
            "one entry",
            Box::new(|w| {
                let mut g = right(w);
                g[(1, 2)] += 1e-3;
                g
            }),
        ),
    ];
    for (mistake, gradient) in gradients {
        println!("== {mistake}\n{}\n", check::gradient(loss, gradient, &w)?);
    }
    Ok(())
}
