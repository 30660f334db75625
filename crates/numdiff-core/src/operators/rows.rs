//! Derivatives at many points, one after the other.

use super::{Operator, Size};
use crate::line::{LineEstimate, LineResults, LineSet};

/// So many rows and columns of derivatives, each found along a line of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows(pub(crate) Size);

impl Operator for Rows {
    fn size(&self, _: &LineSet, _: &LineResults) -> Size {
        self.0
    }

    #[inline]
    fn at(&self, _: &LineSet, results: &LineResults, row: usize, column: usize) -> LineEstimate {
        results.at(row * self.0.1 + column)
    }
}
