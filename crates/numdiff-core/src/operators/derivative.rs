//! The derivative of a function of one variable, of any order.

use super::Operator;
use crate::line::LineKind;

/// The derivative of this order.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Derivative(pub(crate) usize);

impl Operator for Derivative {
    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Coordinates, self.0)
    }
}
