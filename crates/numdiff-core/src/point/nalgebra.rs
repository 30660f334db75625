//! Vectors and matrices of nalgebra. Their numbers count column by column, as they lie in memory.

use super::container::Number;
use super::{Container, Contiguous, DenseMatrix};
use crate::buffer::Buffer;
use crate::outcome::Output;
use crate::printed::{Rows, plain_row};
use crate::{Outputs, Real};
use nalgebra::allocator::Allocator;
use nalgebra::{DMatrix, DefaultAllocator, Dim, Matrix, OMatrix, Storage, StorageMut};
use std::convert::Infallible;

impl<T: Real> DenseMatrix<T> for DMatrix<T> {
    fn from_rows(rows: usize, columns: usize, entries: Vec<T>) -> Self {
        DMatrix::from_row_slice(rows, columns, &entries)
    }
}

/// Vectors, matrices and views of any dimension: f sees the matrix that owns its numbers.
impl<T, R, C, S> Container for Matrix<T, R, C, S>
where
    T: Real,
    R: Dim,
    C: Dim,
    S: Storage<T, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    type Filled<N: Number> = OMatrix<N, R, C>;
    type View<N: Number> = OMatrix<N, R, C>;
    type Dense<N: Real> = DMatrix<N>;

    fn filled<N: Number>(&self, numbers: impl Iterator<Item = N>) -> OMatrix<N, R, C> {
        let (rows, columns) = self.shape_generic();
        OMatrix::from_iterator_generic(rows, columns, numbers)
    }
    fn numbers_of<N: Number>(filled: &OMatrix<N, R, C>) -> &[N] {
        filled.as_slice()
    }
    fn numbers_in<N: Number>(filled: &mut OMatrix<N, R, C>) -> &mut [N] {
        filled.as_mut_slice()
    }
    fn fits<N: Number>(&self, filled: &OMatrix<N, R, C>) -> bool {
        filled.shape() == self.shape()
    }
    fn axes(&self) -> Vec<usize> {
        vec![self.len()]
    }
}

impl<T, R, C, S> Contiguous<T> for Matrix<T, R, C, S>
where
    T: Real,
    R: Dim,
    C: Dim,
    S: Storage<T, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    fn each(&self) -> impl Iterator<Item = T> {
        self.iter().copied()
    }
}

impl<N, R, C, S> Outputs<N> for Matrix<N, R, C, S>
where
    N: Output + Number,
    R: Dim,
    C: Dim,
    S: Storage<N, R, C>,
{
    type Error = Infallible;
    /// Row by row, as the outputs of an ndarray array.
    fn push_to(self, values: &mut Vec<N::Kept>) -> Result<(), Infallible> {
        for row in self.row_iter() {
            values.extend(row.iter().map(|v| v.kept()));
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
    fn slice_mut(&mut self) -> Option<&mut [T]> {
        None
    }
    fn put(&mut self, k: usize, value: T) {
        let columns = self.ncols();
        self[(k / columns, k % columns)] = value;
    }
    fn rows(&self) -> Option<usize> {
        (self.ncols() > 1).then(|| self.nrows())
    }
}

impl<T, R, C, S> Rows for Matrix<T, R, C, S>
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
