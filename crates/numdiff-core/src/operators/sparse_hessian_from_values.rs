//! The entries of a sparse Hessian from values of f alone: one line for each coordinate and one for
//! each off-diagonal pair of the pattern, the formula of the dense [`Hessian`](super::Hessian).

use super::hessian::off_diagonal_entry;
use super::{Operator, Size};
use crate::Error;
use crate::line::{LineEstimate, LineKind, LineResults, LineSet};
use crate::scheme::Scheme;
use crate::sparse::Compression;
use crate::sparse::{Pairs, SparseHessian};
use std::sync::Arc;

/// The entries of a Hessian on a pattern.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct SparseHessianFromValues {
    pub(crate) compression: Arc<Compression>,
    pub(crate) pairs: Arc<Pairs>,
}

impl SparseHessianFromValues {
    pub(crate) fn of(structure: &SparseHessian) -> Self {
        SparseHessianFromValues {
            compression: structure.compression.clone(),
            pairs: structure.pairs.clone(),
        }
    }
}

impl Operator for SparseHessianFromValues {
    fn lines(&self) -> (LineKind, usize) {
        (LineKind::PatternPairs, 2)
    }

    fn prepare(&self, _: &[f64], scheme: &Scheme, line_set: &mut LineSet) -> Result<(), Error> {
        let n = line_set.x.len();
        self.compression.pattern.expect_shape("the Hessian", n, n)?;
        line_set.pairs = Some(Arc::clone(&self.pairs));
        scheme.units(line_set);
        Ok(())
    }

    fn compression(&self) -> Option<&Arc<Compression>> {
        Some(&self.compression)
    }

    fn size(&self, _: &LineSet, _: &LineResults) -> Size {
        (1, self.compression.pattern.nnz())
    }

    fn at(&self, line_set: &LineSet, results: &LineResults, _: usize, k: usize) -> LineEstimate {
        let n = line_set.x.len();
        match self.pairs.line(self.compression.permuted(k), n) {
            line if line < n => results.get(line, 0),
            line => {
                let (i, j) = self.pairs.list[line - n];
                off_diagonal_entry(line_set, results, [i, j, line], 0)
            }
        }
    }
}
