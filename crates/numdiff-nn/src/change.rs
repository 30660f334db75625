//! How the values between two layers moved.

use ndarray::{Array1, Array2, ArrayRef2, Axis, s};
use numdiff_core::Real;

/// By how much the values between two layers moved: nothing, one unit, a range of units, all.
///
/// The columns `first .. first + d.ncols()` of the batch moved by `d` (one row per sample), the
/// others not at all. A weight of an affine layer moves one unit, a filter of a convolution the
/// plane of one channel; behind the next affine layer everything has moved.
///
/// ```
/// use ndarray::array;
/// use numdiff_nn::Change;
/// let change = Change::unit(1, array![0.5, -0.5]);     // unit 1 of two samples
/// assert_eq!(change.columns(), 1..2);
/// assert_eq!(change.applied(&array![[1.0, 1.0], [2.0, 2.0]]), array![[1.0, 1.5], [2.0, 1.5]]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Change<T> {
    /// First column that moved.
    pub first: usize,
    /// By how much; samples are rows.
    pub d: Array2<T>,
}

impl<T: Real> Change<T> {
    /// Nothing moved.
    pub fn none(rows: usize) -> Self {
        Self {
            first: 0,
            d: Array2::zeros((rows, 0)),
        }
    }

    /// Unit `k` moved, by `d[n]` for sample n.
    pub fn unit(k: usize, d: Array1<T>) -> Self {
        Self {
            first: k,
            d: d.insert_axis(Axis(1)),
        }
    }

    /// Every unit may have moved.
    pub fn dense(d: Array2<T>) -> Self {
        Self { first: 0, d }
    }

    /// Number of samples.
    pub fn rows(&self) -> usize {
        self.d.nrows()
    }

    /// The columns that moved.
    pub fn columns(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.d.ncols()
    }

    /// Whether nothing moved.
    pub fn is_none(&self) -> bool {
        self.d.ncols() == 0
    }

    /// By how much this value of sample `n` moved.
    pub(crate) fn at(&self, n: usize, column: usize) -> T {
        if self.columns().contains(&column) {
            self.d[[n, column - self.first]]
        } else {
            T::zero()
        }
    }

    /// `base` with the change added.
    pub fn applied(&self, base: &ArrayRef2<T>) -> Array2<T> {
        let mut moved = base.to_owned();
        let mut part = moved.slice_mut(s![.., self.columns()]);
        part += &self.d;
        moved
    }
}
