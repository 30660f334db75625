//! The gradient of u . f(x): one row combination of the Jacobian, judged as one function.

use super::{Entry, Operator, Size, line_entry};
use crate::Error;
use crate::line::LineResults;
use crate::line::{LineKind, LineSet, finite};
use crate::scheme::Scheme;

/// The product of a vector with the Jacobian.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct VectorJacobian;

impl Operator for VectorJacobian {
    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Coordinates, 1)
    }

    fn prepare(&self, vector: &[f64], _: &Scheme, line_set: &mut LineSet) -> Result<(), Error> {
        if vector.is_empty() {
            return Err(Error::Empty { argument: "u" });
        }
        finite("u", vector)?;
        line_set.contracted = true;
        line_set.weights.extend_from_slice(vector);
        Ok(())
    }

    fn written(&self, _: (usize, Option<usize>), _: usize, vector: usize) -> usize {
        vector
    }

    fn size(&self, line_set: &LineSet, _: &LineResults) -> Size {
        (1, line_set.x.len())
    }

    fn at(&self, _: &LineSet, results: &LineResults, _: usize, k: usize) -> Entry {
        line_entry(results, k, 0)
    }
}
