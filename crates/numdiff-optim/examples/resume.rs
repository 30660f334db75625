//! A run that is cut short by its budget and taken up again ends with the bits of one that was not.
//! A step that was cut short goes on in its middle; each resume costs one evaluation, to see that f is the same.
//!
//! `cargo run -p numdiff-optim --example resume`

use ndarray::{Array1, array};
use numdiff_optim::{Error, Status, minimize};

fn main() -> Result<(), Error> {
    let f = |x: &Array1<f64>| {
        (x[0] + 10.0 * x[1]).powi(2)
            + 5.0 * (x[2] - x[3]).powi(2)
            + (x[1] - 2.0 * x[2]).powi(4)
            + 10.0 * (x[0] - x[3]).powi(4)
    };
    let x0 = array![3.0, -1.0, 0.0, 1.0];
    let whole = minimize(f, &x0).run()?;
    println!("in one go: {}", whole.status);

    let mut allowed = 50;
    let mut part = minimize(f, &x0).max_evaluations(allowed).run()?;
    let mut pieces = 1;
    while part.status == Status::OutOfEvaluations {
        allowed *= 2;
        pieces += 1;
        part = minimize(f, &x0)
            .resume(part.checkpoint)
            .max_evaluations(allowed)
            .run()?;
    }
    println!("in {pieces} pieces: {}", part.status);
    println!("evaluations {} and {}", whole.evaluations, part.evaluations);
    println!("difference {:e}", &whole.x - &part.x);
    assert_eq!(whole.x, part.x);
    Ok(())
}
