//! The gradient of u . f(x): one row combination of the Jacobian, judged as one function.

use super::{Entry, Operator, found};
use crate::Error;
use crate::results::Results;
use crate::scheme::Scheme;
use crate::survey::{Kind, Survey, finite};

/// The product of a vector with the Jacobian.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct VectorJacobian;

impl Operator for VectorJacobian {
    fn lines(&self) -> (Kind, usize) {
        (Kind::Coordinates, 1)
    }

    fn pose(&self, vector: &[f64], _: &Scheme, survey: &mut Survey) -> Result<(), Error> {
        if vector.is_empty() {
            return Err(Error::Empty { argument: "u" });
        }
        finite("u", vector)?;
        survey.contracted = true;
        survey.weights.extend_from_slice(vector);
        Ok(())
    }

    fn length(&self, survey: &Survey, _: &Results) -> usize {
        survey.x.len()
    }

    fn entry(&self, _: &Survey, results: &Results, k: usize) -> Entry {
        found(results, k, 0)
    }
}
