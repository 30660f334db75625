//! The derivative of a function of one variable, of any order.

use super::{Entry, Operator, Size, line_entry};
use crate::line::LineResults;
use crate::line::{LineKind, LineSet};

/// The derivative of this order.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Derivative(pub(crate) usize);

impl Operator for Derivative {
    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Coordinates, self.0)
    }

    fn size(&self, _: &LineSet, _: &LineResults) -> Size {
        (1, 1)
    }

    fn at(&self, _: &LineSet, results: &LineResults, _: usize, _: usize) -> Entry {
        line_entry(results, 0, 0)
    }
}
