//! The derivative of a function of one variable, of any order.

use super::{Entry, Operator, found};
use crate::results::Results;
use crate::survey::{Kind, Survey};

/// The derivative of this order.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Derivative(pub(crate) usize);

impl Operator for Derivative {
    fn lines(&self) -> (Kind, usize) {
        (Kind::Coordinates, self.0)
    }

    fn length(&self, _: &Survey, _: &Results) -> usize {
        1
    }

    fn entry(&self, _: &Survey, results: &Results, _: usize) -> Entry {
        found(results, 0, 0)
    }
}
