//! says: `Vec<f32>` can't be a point of numbers of type `f64`
//! says: for `f32` take the method's `.single()`

fn main() {
    let _ = numdiff_core::gradient(|x: &[f32]| x[0] * x[0], &vec![1.0_f32]);
}
