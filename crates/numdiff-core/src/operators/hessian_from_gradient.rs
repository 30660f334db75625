//! The Hessian as the Jacobian of a given gradient, made symmetric.

use super::Operator;
use crate::error::GRADIENT;
use crate::line::{LineEstimate, LineResults, LineSet};

/// The Hessian from a gradient.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct HessianFromGradient;

impl Operator for HessianFromGradient {
    fn outputs(&self, line_set: &LineSet) -> Option<(usize, &'static str)> {
        Some((line_set.x.len(), GRADIENT))
    }

    fn written(&self, _: (usize, Option<usize>), coordinates: usize, _: usize) -> usize {
        coordinates
    }

    #[inline]
    fn at(&self, _: &LineSet, results: &LineResults, row: usize, column: usize) -> LineEstimate {
        let (i, j) = (row.min(column), row.max(column));
        let (a, b) = (results.get(i, j), results.get(j, i));
        LineEstimate {
            value: 0.5 * a.value + 0.5 * b.value,
            error: 0.5 * a.error + 0.5 * b.error,
            step: a.step.max(b.step),
            ..if i == j { a } else { a.resting_on(&b) }
        }
    }
}
