//! The gradient of a scalar function: one line per coordinate.

use super::{Entry, Operator, Size, Stream, line_entry};
use crate::line::LineResults;
use crate::line::{LineKind, LineSet};

/// The gradient.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Gradient;

impl Operator for Gradient {
    fn stream() -> Option<Stream> {
        Some(Stream::Gradient)
    }

    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Coordinates, 1)
    }

    fn size(&self, line_set: &LineSet, _: &LineResults) -> Size {
        (1, line_set.x.len())
    }

    #[inline]
    fn at(&self, _: &LineSet, results: &LineResults, _: usize, k: usize) -> Entry {
        line_entry(results, k, 0)
    }
}
