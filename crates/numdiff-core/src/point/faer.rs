//! Columns and matrices of faer. The numbers of a matrix count column by column, as they lie in memory.

use super::container::Number;
use super::{Container, Contiguous, DenseMatrix, Point};
use crate::buffer::Buffer;
use crate::outcome::Output;
use crate::printed::{Rows, plain_row};
use crate::{Outputs, Real};
use faer::col::AsColRef;
use faer::mat::AsMatRef;
use faer::{Col, ColMut, Mat};
use std::convert::Infallible;

impl<T: Real> DenseMatrix<T> for Mat<T> {
    fn from_rows(rows: usize, columns: usize, entries: Vec<T>) -> Self {
        Mat::from_fn(rows, columns, |i, j| entries[i * columns + j])
    }
}

impl<T: Real, C> Container for faer::col::generic::Col<C>
where
    Self: AsColRef<T = T, Rows = usize>,
{
    type Filled<N: Number> = Col<N>;
    type View<N: Number> = Col<N>;
    type Dense<N: Real> = Mat<N>;

    fn filled<N: Number>(&self, numbers: impl Iterator<Item = N>) -> Col<N> {
        numbers.collect()
    }
    fn numbers_of<N: Number>(filled: &Col<N>) -> &[N] {
        match filled.try_as_col_major() {
            Some(numbers) => numbers.as_slice(),
            None => unreachable!("a column of its own lies side by side"),
        }
    }
    fn numbers_in<N: Number>(filled: &mut Col<N>) -> &mut [N] {
        match filled.try_as_col_major_mut() {
            Some(numbers) => numbers.as_slice_mut(),
            None => unreachable!("a column of its own lies side by side"),
        }
    }
    fn fits<N: Number>(&self, filled: &Col<N>) -> bool {
        filled.nrows() == self.as_col_ref().nrows()
    }
    fn axes(&self) -> Vec<usize> {
        vec![self.as_col_ref().nrows()]
    }
}

impl<T: Real, C> Contiguous<T> for faer::col::generic::Col<C>
where
    Self: AsColRef<T = T, Rows = usize>,
{
    fn each(&self) -> impl Iterator<Item = T> {
        let own = self.as_col_ref();
        (0..own.nrows()).map(move |i| own[i])
    }
}

impl<N: Output, C> Outputs<N> for faer::col::generic::Col<C>
where
    Self: AsColRef<T = N, Rows = usize>,
{
    type Error = Infallible;
    fn push_to(self, values: &mut Vec<N::Kept>) -> Result<(), Infallible> {
        let own = self.as_col_ref();
        values.extend((0..own.nrows()).map(|i| own[i].kept()));
        Ok(())
    }
}

impl<T: Real, C> Point<T> for faer::mat::generic::Mat<C>
where
    Self: AsMatRef<T = T, Rows = usize, Cols = usize>,
{
    type Seen = Mat<T>;
    type Scratch = Mat<T>;
    type Like = Mat<T>;
    type Matrix = Mat<T>;

    fn scratch(&self) -> Mat<T> {
        let own = self.as_mat_ref();
        Mat::from_fn(own.nrows(), own.ncols(), |i, j| own[(i, j)])
    }
    fn seen(scratch: &Mat<T>) -> &Mat<T> {
        scratch
    }
    fn len(scratch: &Mat<T>) -> usize {
        scratch.nrows() * scratch.ncols()
    }
    fn get(scratch: &Mat<T>, k: usize) -> T {
        scratch[place(scratch.nrows(), k)]
    }
    fn set(scratch: &mut Mat<T>, k: usize, value: T) {
        let place = place(scratch.nrows(), k);
        scratch[place] = value;
    }
    fn like(&self, numbers: Vec<T>) -> Mat<T> {
        let (rows, columns) = self.as_mat_ref().shape();
        Mat::from_fn(rows, columns, |i, j| numbers[i + j * rows])
    }
    fn numbers(&self) -> impl Iterator<Item = T> {
        let own = self.as_mat_ref();
        (0..own.nrows() * own.ncols()).map(move |k| own[place(own.nrows(), k)])
    }
    fn copy_to(&self, scratch: &mut Mat<T>) {
        if scratch.shape() != self.as_mat_ref().shape() {
            *scratch = self.scratch();
            return;
        }
        for (k, own) in self.numbers().enumerate() {
            Self::set(scratch, k, own);
        }
    }
    fn shape(&self) -> Vec<usize> {
        let (rows, columns) = self.as_mat_ref().shape();
        vec![rows, columns]
    }
}

impl<N: Output, C> Outputs<N> for faer::mat::generic::Mat<C>
where
    Self: AsMatRef<T = N, Rows = usize, Cols = usize>,
{
    type Error = Infallible;
    /// Row by row, as the outputs of an ndarray array.
    fn push_to(self, values: &mut Vec<N::Kept>) -> Result<(), Infallible> {
        let own = self.as_mat_ref();
        for i in 0..own.nrows() {
            values.extend((0..own.ncols()).map(|j| own[(i, j)].kept()));
        }
        Ok(())
    }
}

/// Row and column of number `k` of a matrix with so many rows.
fn place(rows: usize, k: usize) -> (usize, usize) {
    (k % rows, k / rows)
}

impl<T: Real> Buffer<T> for Col<T> {
    fn room(&self) -> usize {
        self.nrows()
    }
    fn slice_mut(&mut self) -> Option<&mut [T]> {
        self.try_as_col_major_mut().map(ColMut::as_slice_mut)
    }
}

/// Row by row.
impl<T: Real> Buffer<T> for Mat<T> {
    fn room(&self) -> usize {
        self.nrows() * self.ncols()
    }
    fn slice_mut(&mut self) -> Option<&mut [T]> {
        None
    }
    fn put(&mut self, k: usize, value: T) {
        let (j, i) = place(self.ncols(), k);
        self[(i, j)] = value;
    }
    fn rows(&self) -> Option<usize> {
        Some(self.nrows())
    }
}

impl<T: Real> Rows for Col<T> {
    fn printed_rows(&self) -> Vec<(String, Vec<f64>)> {
        vec![plain_row(self.iter())]
    }
}

impl<T: Real> Rows for Mat<T> {
    fn printed_rows(&self) -> Vec<(String, Vec<f64>)> {
        let row = |i| (0..self.ncols()).map(move |j| &self[(i, j)]);
        (0..self.nrows()).map(|i| plain_row(row(i))).collect()
    }
}
