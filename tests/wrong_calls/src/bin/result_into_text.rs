//! says: a result of type `f64` can't be written to `String`

use numdiff_core::{FiniteDifference, Workspace};

fn main() {
    let (mut out, mut workspace) = (String::new(), Workspace::new());
    let square = |x: &[f64]| x[0] * x[0];
    let _ = FiniteDifference::central()
        .plan()
        .gradient(&vec![1.0])
        .write_to(&mut out, &mut workspace)
        .serial(square);
}
