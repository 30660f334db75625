//! says: a scalar function must return a number of type `f64`, not `String`

fn main() {
    let _ = numdiff_core::gradient(|x: &[f64]| format!("{}", x[0]), &vec![1.0]);
}
