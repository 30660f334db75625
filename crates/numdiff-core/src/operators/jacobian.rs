//! The Jacobian of a vector function: one line per column.

use super::{Entry, Operator, Stream, found};
use crate::results::Results;
use crate::survey::{Kind, Survey};

/// The Jacobian, outputs by coordinates.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Jacobian;

impl Operator for Jacobian {
    const STREAM: Option<Stream> = Some(Stream::Jacobian);

    fn lines(&self) -> (Kind, usize) {
        (Kind::Coordinates, 1)
    }

    fn outputs(&self, _: &Survey) -> Option<(usize, &'static str)> {
        None
    }

    fn length(&self, survey: &Survey, results: &Results) -> usize {
        survey.x.len() * results.outputs
    }

    #[inline]
    fn entry(&self, survey: &Survey, results: &Results, k: usize) -> Entry {
        let n = survey.x.len();
        self.at(survey, results, k / n, k % n)
    }

    fn width(&self, survey: &Survey) -> usize {
        survey.x.len()
    }

    #[inline]
    fn at(&self, _: &Survey, results: &Results, row: usize, column: usize) -> Entry {
        found(results, column, row)
    }
}
