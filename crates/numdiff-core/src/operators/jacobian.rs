//! The Jacobian of a vector function: one line per column.

use super::{Entry, Operator, Size, Stream, line_entry};
use crate::line::LineResults;
use crate::line::{LineKind, LineSet};

/// The Jacobian, outputs by coordinates.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Jacobian;

impl Operator for Jacobian {
    fn stream() -> Option<Stream> {
        Some(Stream::Jacobian)
    }

    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Coordinates, 1)
    }

    fn outputs(&self, _: &LineSet) -> Option<(usize, &'static str)> {
        None
    }

    fn written(
        &self,
        (numbers, rows): (usize, Option<usize>),
        coordinates: usize,
        _: usize,
    ) -> usize {
        rows.unwrap_or_else(|| numbers / coordinates.max(1))
    }

    fn size(&self, line_set: &LineSet, results: &LineResults) -> Size {
        (results.outputs, line_set.x.len())
    }

    #[inline]
    fn at(&self, _: &LineSet, results: &LineResults, row: usize, column: usize) -> Entry {
        line_entry(results, column, row)
    }
}
