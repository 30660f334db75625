//! How the values between two layers moved.

use ndarray::{Array1, Array2, ArrayRef2, Axis, s};
use numdiff_core::Real;

/// The change of the values between two layers: the columns `first .. first + d.ncols()` of the batch change by `d`,
/// (samples, columns), and the others not at all.
///
/// A weight of an affine layer changes one unit, and a filter of a convolution the plane of one channel. After the next
/// affine layer all units have changed.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_nn::Change;
/// let change = Change::unit(1, array![0.5, -0.5]);     // unit 1 of two samples
/// assert_eq!(change.columns(), 1..2);
/// assert_eq!(change.applied(&array![[1.0, 1.0], [2.0, 2.0]]), array![[1.0, 1.5], [2.0, 1.5]]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Change<T> {
    /// The first column that changes.
    pub first: usize,
    /// The changes, (samples, columns).
    pub d: Array2<T>,
}

impl<T: Real> Change<T> {
    /// Returns a change of nothing, for this number of samples.
    pub fn none(rows: usize) -> Self {
        Self {
            first: 0,
            d: Array2::zeros((rows, 0)),
        }
    }

    /// Returns a change of unit `k` by `d[n]` for sample n.
    pub fn unit(k: usize, d: Array1<T>) -> Self {
        Self {
            first: k,
            d: d.insert_axis(Axis(1)),
        }
    }

    /// Returns a change of all units by `d`, (samples, units).
    pub fn dense(d: Array2<T>) -> Self {
        Self { first: 0, d }
    }

    /// Returns the number of samples.
    pub fn rows(&self) -> usize {
        self.d.nrows()
    }

    /// Returns the columns that change.
    pub fn columns(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.d.ncols()
    }

    /// Returns whether no column changes.
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

    /// Returns `base`, (samples, units), with the change added.
    pub fn applied(&self, base: &ArrayRef2<T>) -> Array2<T> {
        let mut moved = base.to_owned();
        let mut part = moved.slice_mut(s![.., self.columns()]);
        part += &self.d;
        moved
    }
}
