//! A sparse result.

use super::decompression::{Compression, inverted};
use super::{SparsityPattern, Storage};
use crate::Real;
use ndarray::Array2;
use std::fmt;
use std::sync::Arc;

/// The values of a sparse Jacobian or Hessian on its pattern, in the order of its structure's
/// [`Storage`].
#[derive(Clone)]
pub struct SparseMatrix<T = f64> {
    compression: Arc<Compression>,
    values: Vec<T>,
}

impl<T: Real> SparseMatrix<T> {
    /// The matrix with these values, in the order of the compression's storage.
    pub(crate) fn new(compression: Arc<Compression>, values: Vec<T>) -> Self {
        SparseMatrix {
            compression,
            values,
        }
    }

    /// The pattern.
    pub fn pattern(&self) -> &SparsityPattern {
        &self.compression.pattern
    }

    /// The order of the values.
    pub fn storage(&self) -> Storage {
        self.compression.storage
    }

    /// The values in the order of [`storage`](Self::storage).
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// Starts, indices and values of the matrix in its order: compressed columns (row indices) or
    /// compressed rows (column indices).
    pub fn parts(&self) -> (&[usize], &[usize], &[T]) {
        let (starts, indices) = match self.storage() {
            Storage::Csc => self.pattern().csc(),
            Storage::Csr => self.pattern().csr(),
        };
        (starts, indices, &self.values)
    }

    /// Starts, row indices and values of the compressed columns, whatever the order: what sprs
    /// (`CsMat::new_csc`), faer (`SparseColMat`) and nalgebra-sparse (`CscMatrix`) are made of.
    pub fn csc(&self) -> (Vec<usize>, Vec<usize>, Vec<T>) {
        let (starts, indices) = self.pattern().csc();
        (starts.to_vec(), indices.to_vec(), self.stored(Storage::Csc))
    }

    /// Starts, column indices and values of the compressed rows, whatever the order: what sprs
    /// (`CsMat::new`), faer (`SparseRowMat`) and nalgebra-sparse (`CsrMatrix`) are made of.
    pub fn csr(&self) -> (Vec<usize>, Vec<usize>, Vec<T>) {
        let (starts, indices) = self.pattern().csr();
        (starts.to_vec(), indices.to_vec(), self.stored(Storage::Csr))
    }

    /// The entry (i, j); zero outside the pattern.
    pub fn get(&self, i: usize, j: usize) -> T {
        let pattern = self.pattern();
        let slot = pattern.slot(i, j);
        slot.map_or(T::zero(), |slot| match self.storage() {
            Storage::Csc => self.values[slot],
            Storage::Csr => self.values[pattern.parts().2[slot]],
        })
    }

    /// The entries (i, j, value), column by column.
    pub fn triplets(&self) -> impl Iterator<Item = (usize, usize, T)> + '_ {
        let entries = self.pattern().entries().zip(self.stored(Storage::Csc));
        entries.map(|((i, j), value)| (i, j, value))
    }

    /// All entries: rows x columns numbers, for small matrices.
    pub fn to_dense(&self) -> Array2<T> {
        let mut dense = Array2::zeros((self.pattern().rows(), self.pattern().columns()));
        self.triplets()
            .for_each(|(i, j, value)| dense[(i, j)] = value);
        dense
    }

    /// The values in this order.
    fn stored(&self, storage: Storage) -> Vec<T> {
        let row_slots = self.pattern().parts().2;
        let at = |places: &[usize]| places.iter().map(|&k| self.values[k]).collect();
        match storage {
            storage if storage == self.storage() => self.values.clone(),
            Storage::Csc => at(row_slots),
            Storage::Csr => at(&inverted(row_slots)),
        }
    }
}

impl<T: Real> fmt::Debug for SparseMatrix<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SparseMatrix")
            .field("pattern", self.pattern())
            .field("storage", &self.storage())
            .field("values", &self.values)
            .finish()
    }
}
