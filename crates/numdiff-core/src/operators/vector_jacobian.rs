//! The gradient of u . f(x): one row combination of the Jacobian, judged as one function.

use super::Operator;
use crate::Error;
use crate::line::{LineSet, finite};
use crate::scheme::Scheme;

/// The product of a vector with the Jacobian.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct VectorJacobian;

impl Operator for VectorJacobian {
    fn prepare(&self, vector: &[f64], _: &Scheme, line_set: &mut LineSet) -> Result<(), Error> {
        if vector.is_empty() {
            return Err(Error::Empty { argument: "u" });
        }
        finite("u", vector)?;
        line_set.weights.extend_from_slice(vector);
        Ok(())
    }

    fn written(&self, _: (usize, Option<usize>), _: usize, vector: usize) -> usize {
        vector
    }
}
