//! says: a vector function can't return `f64` as its outputs of type `f64`
//! says: of a function with one output take the `gradient`

fn main() {
    let _ = numdiff_core::jacobian(|x: &[f64]| x[0] * x[0], &vec![1.0]);
}
