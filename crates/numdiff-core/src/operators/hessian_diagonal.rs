//! The diagonal of the Hessian, and its sum, the Laplacian.

use super::{Operator, Size};
use crate::Status;
use crate::line::{LineEstimate, LineKind, LineResults, LineSet};

/// The diagonal of the Hessian.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct HessianDiagonal;

impl Operator for HessianDiagonal {
    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Coordinates, 2)
    }
}

/// The Laplacian: the sum of the second derivatives.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Laplacian;

impl Operator for Laplacian {
    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Coordinates, 2)
    }

    fn size(&self, _: &LineSet, _: &LineResults) -> Size {
        (1, 1)
    }

    fn at(&self, line_set: &LineSet, results: &LineResults, _: usize, _: usize) -> LineEstimate {
        let mut sum = LineEstimate::zero(Status::Converged);
        let mut size = 0.0;
        for line in 0..line_set.x.len() {
            let entry = results.get(line, 0);
            sum.value += entry.value;
            sum.error += entry.error;
            sum.step = sum.step.max(entry.step);
            size += entry.value.abs();
            sum = sum.resting_on(&entry);
        }
        // Each addition rounds a partial sum, none larger than the sum of sizes.
        sum.error += line_set.x.len() as f64 * f64::EPSILON * size;
        sum
    }
}
