//! Learning rates from too small to too large: the status says what a printed x hides.
//!
//! `cargo run -p numdiff-optim --example rates`

use ndarray::{Array1, array};
use numdiff_optim::{Error, Method, minimize};

fn main() -> Result<(), Error> {
    let f = |x: &Array1<f64>| x[0].powi(2) + x[1].powi(2);
    println!(
        "{:>8} {:>12}  status after at most 100 updates",
        "rate", "|x|"
    );
    for learning_rate in [1e-10, 1e-3, 0.1, 0.5, 0.9, 1.1, 10.0] {
        let run = minimize(f, &array![-3.0, 4.0])
            .method(Method::GradientDescent { learning_rate })
            .max_iterations(100)
            .run()?;
        println!(
            "{learning_rate:>8} {:>12.1e}  {}",
            run.x[0].hypot(run.x[1]),
            run.status
        );
    }
    Ok(())
}
