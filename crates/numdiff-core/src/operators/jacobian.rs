//! The Jacobian of a vector function: one line per column.

use super::{Operator, Stream};
use crate::line::LineSet;

/// The Jacobian, outputs by coordinates.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Jacobian;

impl Operator for Jacobian {
    fn stream(&self) -> Option<Stream> {
        Some(Stream::Columns)
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
        rows.unwrap_or_else(|| numbers / coordinates.max(1)).max(1)
    }
}
