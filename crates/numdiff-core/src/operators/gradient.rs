//! The gradient of a scalar function: one line per coordinate.

use super::{Operator, Stream};

/// The gradient.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Gradient;

impl Operator for Gradient {
    fn stream(&self) -> Option<Stream> {
        Some(Stream::Columns)
    }
}
