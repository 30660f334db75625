//! The values of a matrix on its sparsity pattern.

use super::{Form, Valued};
use crate::line::LineResults;
use crate::line::LineSet;
use crate::sparse::Compression;
use crate::{Real, SparseMatrix};
use std::sync::Arc;

/// The form of a sparse result.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OnPattern(pub(crate) Arc<Compression>);

impl<T: Real> Valued<T> for OnPattern {
    type Value = SparseMatrix<T>;
}

impl<T: Real> Form<T> for OnPattern {
    fn build(
        &self,
        _: &LineSet,
        _: &LineResults,
        entry: impl Fn(usize, usize) -> f64,
    ) -> SparseMatrix<T> {
        let values = (0..self.0.pattern.nnz()).map(|k| T::round_from(entry(0, k)));
        SparseMatrix::new(Arc::clone(&self.0), values.collect())
    }
}
