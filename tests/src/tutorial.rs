//! What the tutorial's scenarios share: its function, its step, its difference.

use ndarray::{Array, ArrayRef2, Dimension};
use numdiff_core::{FiniteDifference, Step};

/// The tutorial's step.
pub const H: f64 = 1e-4;

/// x₀² + x₁² + …, as the tutorial writes it: products and sums in order.
pub fn sum_of_squares<D: Dimension>(x: &Array<f64, D>) -> f64 {
    x.iter().map(|x| x * x).sum()
}

/// The tutorial's numerical derivative, `(f(x + h) - f(x - h)) / (2h)`.
///
/// Its divisor is the nominal 2h, not the distance that x really moved: the printed digits depend
/// on it.
pub fn difference() -> FiniteDifference {
    FiniteDifference::central()
        .with_step(Step::Absolute(H))
        .with_nominal_divisor()
}

/// Where the tutorial's descents start.
pub const START: [f64; 2] = [-3.0, 4.0];

/// A descent's path, one row per point.
pub fn rows(path: &ArrayRef2<f64>) -> Vec<Vec<f64>> {
    path.rows().into_iter().map(|row| row.to_vec()).collect()
}

/// The distance of each row from the origin, the minimum of [`sum_of_squares`].
pub fn distances(path: &[Vec<f64>]) -> Vec<f64> {
    path.iter()
        .map(|row| row.iter().fold(0.0, |distance: f64, x| distance.hypot(*x)))
        .collect()
}
