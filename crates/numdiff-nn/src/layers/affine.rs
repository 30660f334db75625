//! What a dense layer and a convolution share: parameters are the weights, a matrix, and behind them the bias.

use crate::layers::{BlockShape, Start};
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayRef2, ArrayView2, ArrayViewMut2, Axis};
use numdiff_core::Real;

/// The blocks: weights of this shape, and a bias of so many elements if there is one.
pub(super) fn blocks(
    shape: Vec<usize>,
    fan_in: usize,
    fan_out: usize,
    bias: Option<usize>,
) -> Vec<BlockShape> {
    let weights = BlockShape {
        name: "W",
        shape,
        start: Start::Weights { fan_in, fan_out },
    };
    let bias = bias.map(|length| BlockShape {
        name: "b",
        shape: vec![length],
        start: Start::Constant(0.0),
    });
    std::iter::once(weights).chain(bias).collect()
}

/// The weights.
pub(super) fn weights<T>(parameters: &[T], shape: (usize, usize)) -> ArrayView2<'_, T> {
    ArrayView2::from_shape(shape, &parameters[..shape.0 * shape.1])
        .expect("a layer is handed as many parameters as its blocks hold")
}

/// Adds `left`^T `right` to the derivatives by the weights, and the sums of the columns of `dy` to those by the bias.
pub(super) fn add_gradient<T: Real>(
    dp: &mut [T],
    left: &ArrayRef2<T>,
    right: &ArrayRef2<T>,
    dy: &ArrayRef2<T>,
) {
    let shape = (left.ncols(), right.ncols());
    let (weights, bias) = dp.split_at_mut(shape.0 * shape.1);
    let mut dw = ArrayViewMut2::from_shape(shape, weights)
        .expect("a layer is handed as many parameters as its blocks hold");
    general_mat_mul(T::one(), &left.t(), right, T::one(), &mut dw);
    for (db, d) in bias.iter_mut().zip(dy.sum_axis(Axis(0))) {
        *db += d;
    }
}
