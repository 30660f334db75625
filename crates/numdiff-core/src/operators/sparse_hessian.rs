//! The entries of a sparse Hessian from values of f alone: one line for each coordinate and one for
//! each off-diagonal pair of the pattern, the formula of the dense [`Hessian`](super::Hessian).

use super::hessian::off_diagonal_entry;
use super::{Entry, Operator, found};
use crate::Error;
use crate::results::Results;
use crate::scheme::Scheme;
use crate::sparse::Compression;
use crate::sparse::{Pairs, SparseHessian};
use crate::survey::{Kind, Survey};
use std::sync::Arc;

/// The entries of a Hessian on a pattern.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ListedHessian {
    pub(crate) compression: Arc<Compression>,
    pub(crate) pairs: Arc<Pairs>,
}

impl ListedHessian {
    pub(crate) fn of(structure: &SparseHessian) -> Self {
        ListedHessian {
            compression: structure.compression.clone(),
            pairs: structure.pairs.clone(),
        }
    }
}

impl Operator for ListedHessian {
    fn lines(&self) -> (Kind, usize) {
        (Kind::Listed, 2)
    }

    fn pose(&self, _: &[f64], scheme: &Scheme, survey: &mut Survey) -> Result<(), Error> {
        let n = survey.x.len();
        self.compression.pattern.expect_shape("the Hessian", n, n)?;
        survey.pairs = Some(Arc::clone(&self.pairs));
        scheme.units(survey);
        Ok(())
    }

    fn length(&self, _: &Survey, _: &Results) -> usize {
        self.compression.pattern.nnz()
    }

    fn entry(&self, survey: &Survey, results: &Results, k: usize) -> Entry {
        let n = survey.x.len();
        match self.pairs.line(self.compression.place(k), n) {
            line if line < n => found(results, line, 0),
            line => {
                let (i, j) = self.pairs.list[line - n];
                off_diagonal_entry(survey, results, i, j, line)
            }
        }
    }
}
