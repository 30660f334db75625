//! The diagonal of the Hessian, and its sum, the Laplacian.

use super::{Entry, Operator, found};
use crate::results::Results;
use crate::survey::{Kind, Survey};

/// The diagonal of the Hessian.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HessianDiagonal;

impl Operator for HessianDiagonal {
    fn lines(&self) -> (Kind, usize) {
        (Kind::Coordinates, 2)
    }

    fn length(&self, survey: &Survey, _: &Results) -> usize {
        survey.x.len()
    }

    #[inline]
    fn entry(&self, _: &Survey, results: &Results, k: usize) -> Entry {
        found(results, k, 0)
    }
}

/// The Laplacian: the sum of the second derivatives.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Laplacian;

impl Operator for Laplacian {
    fn lines(&self) -> (Kind, usize) {
        (Kind::Coordinates, 2)
    }

    fn length(&self, _: &Survey, _: &Results) -> usize {
        1
    }

    fn entry(&self, survey: &Survey, results: &Results, _: usize) -> Entry {
        let mut sum = Entry {
            value: 0.0,
            error: 0.0,
            step: 0.0,
        };
        let mut size = 0.0;
        for line in 0..survey.x.len() {
            let entry = found(results, line, 0);
            sum.value += entry.value;
            sum.error += entry.error;
            sum.step = sum.step.max(entry.step);
            size += entry.value.abs();
        }
        // Each addition rounds a partial sum, none larger than the sum of sizes.
        sum.error += survey.x.len() as f64 * f64::EPSILON * size;
        sum
    }
}
