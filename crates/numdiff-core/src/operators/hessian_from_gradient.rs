//! The Hessian as the Jacobian of a given gradient, made symmetric.

use super::{Entry, Operator, found};
use crate::error::GRADIENT;
use crate::results::Results;
use crate::survey::{Kind, Survey};

/// The Hessian from a gradient.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HessianFromGradient;

impl Operator for HessianFromGradient {
    fn lines(&self) -> (Kind, usize) {
        (Kind::Coordinates, 1)
    }

    fn outputs(&self, survey: &Survey) -> Option<(usize, &'static str)> {
        Some((survey.x.len(), GRADIENT))
    }

    fn length(&self, survey: &Survey, _: &Results) -> usize {
        survey.x.len() * survey.x.len()
    }

    fn entry(&self, survey: &Survey, results: &Results, k: usize) -> Entry {
        let n = survey.x.len();
        self.at(survey, results, k / n, k % n)
    }

    fn width(&self, survey: &Survey) -> usize {
        survey.x.len()
    }

    #[inline]
    fn at(&self, _: &Survey, results: &Results, row: usize, column: usize) -> Entry {
        let (i, j) = (row.min(column), row.max(column));
        let (a, b) = (found(results, i, j), found(results, j, i));
        Entry {
            value: 0.5 * a.value + 0.5 * b.value,
            error: 0.5 * a.error + 0.5 * b.error,
            step: a.step.max(b.step),
        }
    }
}
