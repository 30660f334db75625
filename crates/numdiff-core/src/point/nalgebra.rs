//! Vectors and matrices of nalgebra. Their numbers count column by column, as they lie in memory.

use super::{DenseMatrix, Point};
use crate::printed::plain_row;
use crate::{Buffer, Outputs, Printed, Real};
use nalgebra::allocator::Allocator;
use nalgebra::{DMatrix, DefaultAllocator, Dim, Matrix, OMatrix, Storage, StorageMut};
use std::convert::Infallible;

impl<T: Real> DenseMatrix<T> for DMatrix<T> {
    fn from_rows(rows: usize, columns: usize, entries: Vec<T>) -> Self {
        DMatrix::from_row_slice(rows, columns, &entries)
    }
}

/// Vectors, matrices and views of any dimension: f sees the matrix that owns its numbers.
impl<T, R, C, S> Point<T> for Matrix<T, R, C, S>
where
    T: Real,
    R: Dim,
    C: Dim,
    S: Storage<T, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    type Seen = OMatrix<T, R, C>;
    type Scratch = OMatrix<T, R, C>;
    type Like = OMatrix<T, R, C>;
    type Matrix = DMatrix<T>;

    fn scratch(&self) -> OMatrix<T, R, C> {
        self.clone_owned()
    }
    fn seen(scratch: &OMatrix<T, R, C>) -> &OMatrix<T, R, C> {
        scratch
    }
    fn len(scratch: &OMatrix<T, R, C>) -> usize {
        scratch.len()
    }
    fn get(scratch: &OMatrix<T, R, C>, i: usize) -> T {
        scratch.as_slice()[i]
    }
    fn set(scratch: &mut OMatrix<T, R, C>, i: usize, value: T) {
        scratch.as_mut_slice()[i] = value;
    }
    fn like(&self, numbers: Vec<T>) -> OMatrix<T, R, C> {
        let (rows, columns) = self.shape_generic();
        OMatrix::from_iterator_generic(rows, columns, numbers)
    }
    fn slice(scratch: &mut OMatrix<T, R, C>) -> Option<&mut [T]> {
        Some(scratch.as_mut_slice())
    }
    fn numbers(&self) -> impl Iterator<Item = T> {
        self.iter().copied()
    }
    fn copy_to(&self, scratch: &mut OMatrix<T, R, C>) {
        if scratch.shape() == self.shape() {
            scratch.copy_from(self);
        } else {
            *scratch = self.scratch();
        }
    }
}

impl<T, R, C, S> Outputs<T> for Matrix<T, R, C, S>
where
    T: Real,
    R: Dim,
    C: Dim,
    S: Storage<T, R, C>,
{
    type Error = Infallible;
    /// Row by row, as the outputs of an ndarray array.
    fn push_to(self, values: &mut Vec<f64>) -> Result<(), Infallible> {
        for row in self.row_iter() {
            values.extend(row.iter().map(|v| v.widen()));
        }
        Ok(())
    }
}

/// Row by row.
impl<T, R, C, S> Buffer<T> for Matrix<T, R, C, S>
where
    T: Real,
    R: Dim,
    C: Dim,
    S: StorageMut<T, R, C>,
{
    fn room(&self) -> usize {
        self.len()
    }
    fn put(&mut self, k: usize, value: T) {
        let columns = self.ncols();
        self[(k / columns, k % columns)] = value;
    }
    fn rows(&self) -> Option<usize> {
        (self.ncols() > 1).then(|| self.nrows())
    }
}

impl<T, R, C, S> Printed for Matrix<T, R, C, S>
where
    T: Real,
    R: Dim,
    C: Dim,
    S: Storage<T, R, C>,
{
    fn printed_rows(&self) -> Vec<(String, Vec<f64>)> {
        self.row_iter().map(|row| plain_row(row.iter())).collect()
    }
}
