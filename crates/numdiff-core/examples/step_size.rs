//! Too large a step bends, too small a step rounds: the error of a difference against h, beside what
//! the automatic step and the adaptive method reach.
//!
//! `cargo run -p numdiff-core --example step_size`

use numdiff_core::{Error, FiniteDifference, Step, derivative};

fn main() -> Result<(), Error> {
    let exact = 1f64.cos();
    println!("sin at 1\n\n    h      forward   central   central, order 4");
    for k in 1..=14 {
        let step = Step::Absolute(10f64.powi(-k));
        let error = |method: FiniteDifference| -> Result<f64, Error> {
            Ok((method.with_step(step.clone()).derivative(f64::sin, 1.0)? - exact).abs())
        };
        println!(
            "1e-{k:<4}  {:>9.1e} {:>9.1e} {:>9.1e}",
            error(FiniteDifference::forward())?,
            error(FiniteDifference::central())?,
            error(FiniteDifference::central().with_accuracy(4))?
        );
    }
    let automatic = |method: FiniteDifference| -> Result<f64, Error> {
        Ok((method.derivative(f64::sin, 1.0)? - exact).abs())
    };
    println!(
        "\nautomatic {:>7.1e} {:>9.1e} {:>9.1e}",
        automatic(FiniteDifference::forward())?,
        automatic(FiniteDifference::central())?,
        automatic(FiniteDifference::central().with_accuracy(4))?
    );
    let d = derivative(f64::sin, 1.0)?;
    println!(
        "adaptive  {:>7.1e}, error bar {:.1e}",
        (d.value - exact).abs(),
        d.error
    );
    Ok(())
}
