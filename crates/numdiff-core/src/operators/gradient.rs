//! The gradient of a scalar function: one line per coordinate.

use super::{Entry, Operator, Stream, found};
use crate::results::Results;
use crate::survey::{Kind, Survey};

/// The gradient.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Gradient;

impl Operator for Gradient {
    const STREAM: Option<Stream> = Some(Stream::Gradient);

    fn lines(&self) -> (Kind, usize) {
        (Kind::Coordinates, 1)
    }

    fn length(&self, survey: &Survey, _: &Results) -> usize {
        survey.x.len()
    }

    #[inline]
    fn entry(&self, _: &Survey, results: &Results, k: usize) -> Entry {
        found(results, k, 0)
    }
}
