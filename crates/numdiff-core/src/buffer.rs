//! Where a caller wants a result written.

use crate::Real;
use ndarray::{ArrayBase, ArrayRef, DataMut, Dimension};

/// Numbers of the caller's that are overwritten with a result: an ndarray array or
/// view of any dimension, a slice, a `Vec` or an array.
///
/// The numbers of a buffer count from 0: those of a matrix in row-major order.
#[diagnostic::on_unimplemented(
    message = "a result of type `{T}` can't be written to `{Self}`",
    label = "no buffer of `{T}`",
    note = "pass `&mut` of an ndarray array or view, a slice, a `Vec`, or an array `[{T}; N]`"
)]
pub trait Buffer<T> {
    /// How many numbers it has room for.
    fn room(&self) -> usize;
    /// All numbers at once, where they lie side by side in order.
    fn slice_mut(&mut self) -> Option<&mut [T]>;
    /// Replaces number `i`.
    fn put(&mut self, i: usize, value: T) {
        match self.slice_mut() {
            Some(numbers) => numbers[i] = value,
            None => unreachable!("a buffer without a slice puts numbers itself"),
        }
    }
    /// How many rows a matrix has; `None` where the numbers have no rows.
    fn rows(&self) -> Option<usize> {
        None
    }
}

impl<T: Real, D: Dimension> Buffer<T> for ArrayRef<T, D> {
    #[inline]
    fn room(&self) -> usize {
        self.len()
    }
    fn put(&mut self, i: usize, value: T) {
        let (mut at, mut rest) = (self.raw_dim(), i);
        for axis in (0..self.ndim()).rev() {
            let length = self.raw_dim()[axis].max(1);
            (at[axis], rest) = (rest % length, rest / length);
        }
        self[at] = value;
    }
    #[inline]
    fn slice_mut(&mut self) -> Option<&mut [T]> {
        self.as_slice_mut()
    }
    fn rows(&self) -> Option<usize> {
        match self.shape() {
            [rows, _, ..] => Some(*rows),
            _ => None,
        }
    }
}

impl<T: Real, S: DataMut<Elem = T>, D: Dimension> Buffer<T> for ArrayBase<S, D> {
    #[inline]
    fn room(&self) -> usize {
        self.len()
    }
    fn put(&mut self, i: usize, value: T) {
        Buffer::put(&mut **self, i, value);
    }
    #[inline]
    fn slice_mut(&mut self) -> Option<&mut [T]> {
        self.as_slice_mut()
    }
    fn rows(&self) -> Option<usize> {
        Buffer::rows(&**self)
    }
}

/// A number, for results that are one.
impl<T: Real> Buffer<T> for T {
    #[inline]
    fn room(&self) -> usize {
        1
    }
    #[inline]
    fn slice_mut(&mut self) -> Option<&mut [T]> {
        Some(std::slice::from_mut(self))
    }
}

impl<T: Real> Buffer<T> for [T] {
    #[inline]
    fn room(&self) -> usize {
        self.len()
    }
    #[inline]
    fn slice_mut(&mut self) -> Option<&mut [T]> {
        Some(self)
    }
}

impl<T: Real> Buffer<T> for Vec<T> {
    #[inline]
    fn room(&self) -> usize {
        self.len()
    }
    #[inline]
    fn slice_mut(&mut self) -> Option<&mut [T]> {
        Some(self)
    }
}

impl<T: Real, const N: usize> Buffer<T> for [T; N] {
    #[inline]
    fn room(&self) -> usize {
        N
    }
    #[inline]
    fn slice_mut(&mut self) -> Option<&mut [T]> {
        Some(self)
    }
}
