//! The gradient of a scalar function: one line per coordinate.

use super::{Entry, Operator, Stream, line_entry};
use crate::line::LineResults;
use crate::line::{LineKind, LineSet};

/// The gradient.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Gradient;

impl Operator for Gradient {
    fn stream() -> Option<Stream> {
        Some(Stream::Gradient)
    }

    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Coordinates, 1)
    }

    fn length(&self, line_set: &LineSet, _: &LineResults) -> usize {
        line_set.x.len()
    }

    #[inline]
    fn entry(&self, _: &LineSet, results: &LineResults, k: usize) -> Entry {
        line_entry(results, k, 0)
    }
}
