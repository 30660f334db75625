//! The derivative along one direction: directional derivatives, Jacobian-vector products, and
//! Hessian-vector products from a gradient.

use super::{Entry, Operator, found};
use crate::Error;
use crate::results::Results;
use crate::scheme::Scheme;
use crate::survey::{Kind, Survey};

/// The derivative of every output along a vector.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct JacobianVector;

impl Operator for JacobianVector {
    fn lines(&self) -> (Kind, usize) {
        (Kind::Explicit, 1)
    }

    fn pose(&self, vector: &[f64], scheme: &Scheme, survey: &mut Survey) -> Result<(), Error> {
        scheme.units(survey);
        survey.add_direction("v", vector)
    }

    fn outputs(&self, _: &Survey) -> Option<(usize, &'static str)> {
        None
    }

    fn length(&self, _: &Survey, results: &Results) -> usize {
        results.outputs
    }

    fn entry(&self, survey: &Survey, results: &Results, k: usize) -> Entry {
        let entry = found(results, 0, k);
        Entry {
            value: survey.unscale(0, 1, entry.value),
            error: survey.unscale(0, 1, entry.error),
            step: survey.rescale(0, entry.step),
        }
    }
}
