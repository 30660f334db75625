//! Softmax, shifted so that it can't overflow.

use ndarray::{Array1, ArrayRef1};
use numdiff_core::Real;

/// Returns the softmax of one row of scores: `exp(c_j - m) / sum_k exp(c_k - m)`, where m is the largest score.
/// Subtracting m avoids overflow: the result is finite for every finite row, and empty for an empty one.
///
/// # Example
/// ```
/// use ndarray::array;
/// let y = numdiff_nn::softmax(&array![1010.0f64, 1000.0, 990.0]);
/// assert!((y[0] - 0.999954600070331).abs() < 1e-15);
/// assert!((y.sum() - 1.0).abs() < 1e-15);
/// ```
pub fn softmax<T: Real>(scores: &ArrayRef1<T>) -> Array1<T> {
    let shift = scores.iter().copied().fold(T::neg_infinity(), T::max);
    let exponentials = scores.mapv(|c| (c - shift).exp());
    let sum = exponentials.sum();
    exponentials / sum
}

/// `exp(row - m)` into `y`, with `m` the largest element; returns `m` and the sum.
pub(crate) fn exponentials(row: &[f64], y: &mut [f64]) -> (f64, f64) {
    let shift = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for (y, c) in y.iter_mut().zip(row) {
        *y = (c - shift).exp();
        sum += *y;
    }
    (shift, sum)
}
