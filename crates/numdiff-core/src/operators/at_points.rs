//! Derivatives of a scalar function at many points: one line per coordinate of each.

use super::{Operator, Size};
use crate::Error;
use crate::line::{LineEstimate, LineKind, LineResults, LineSet};

/// The derivatives of this order along each coordinate, at points that stand one after the other in x.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct AtPoints {
    pub(crate) points: usize,
    pub(crate) order: usize,
}

impl Operator for AtPoints {
    fn check(&self) -> Result<(), Error> {
        match self.points {
            0 => Err(Error::Empty { argument: "xs" }),
            _ => Ok(()),
        }
    }

    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Points(self.points), self.order)
    }

    fn size(&self, line_set: &LineSet, _: &LineResults) -> Size {
        (self.points, line_set.coordinates())
    }

    #[inline]
    fn at(
        &self,
        line_set: &LineSet,
        results: &LineResults,
        row: usize,
        column: usize,
    ) -> LineEstimate {
        results.get(row * line_set.coordinates() + column, 0)
    }
}
