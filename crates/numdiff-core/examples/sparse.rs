//! The Jacobian of a thousand equations for six evaluations: the pattern found from f, colored, and
//! verified.
//!
//! `cargo run -p numdiff-core --example sparse`

use ndarray::Array1;
use numdiff_core::{Error, FiniteDifference, SparseJacobian, detect_pattern};

/// Heat that is conducted and radiated along a rod.
fn rod(u: &Array1<f64>) -> Array1<f64> {
    let n = u.len();
    Array1::from_shape_fn(n, |i| {
        let left = if i > 0 { u[i - 1] } else { 1.0 };
        let right = if i + 1 < n { u[i + 1] } else { 0.0 };
        left - 2.0 * u[i] + right - 1e-3 * u[i].powi(4)
    })
}

fn main() -> Result<(), Error> {
    let n = 1000;
    let u = Array1::linspace(1.0, 0.0, n);
    let structure = SparseJacobian::new(detect_pattern(rod, &u)?);
    let (pattern, colors) = (structure.pattern(), structure.coloring().colors());
    println!(
        "{n} x {n}, {} entries, {colors} colors: {} evaluations instead of {}",
        pattern.nnz(),
        2 * colors,
        2 * n
    );

    let central = FiniteDifference::central();
    let jacobian = central.sparse_jacobian(rod, &u, &structure)?;
    let exact = |i: usize, j: usize| {
        if i == j {
            -2.0 - 4e-3 * u[i].powi(3)
        } else {
            1.0
        }
    };
    let worst = jacobian
        .triplets()
        .map(|(i, j, v)| (v - exact(i, j)).abs())
        .fold(0.0, f64::max);
    println!("largest error {worst:.1e}");

    let check = central.verify_pattern(rod, &u, &jacobian, 1)?;
    println!(
        "rows that miss an entry: {:?} ({} evaluations)",
        check.missing_in_rows, check.evaluations
    );
    Ok(())
}
