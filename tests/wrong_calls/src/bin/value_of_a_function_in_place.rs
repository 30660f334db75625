//! says: a function that writes its outputs in place must return `()` or `Result<(), E>`, not `f64`

use numdiff_core::{FiniteDifference, Workspace};

fn main() {
    let square = |x: &[f64], y: &mut [f64]| {
        y[0] = x[0] * x[0];
        y[0]
    };
    let (mut out, mut workspace) = ([0.0], Workspace::new());
    let _ = FiniteDifference::central()
        .plan()
        .jacobian(&vec![1.0])
        .write_to(&mut out, &mut workspace)
        .serial_in_place(square);
}
