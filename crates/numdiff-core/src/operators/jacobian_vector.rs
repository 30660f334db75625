//! The derivative along one direction: directional derivatives, Jacobian-vector products, and
//! Hessian-vector products from a gradient.

use super::{Of, Operator, Size};
use crate::Error;
use crate::line::{LineEstimate, LineKind, LineResults, LineSet};
use crate::scheme::Scheme;

/// The derivative along v.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct JacobianVector(pub(crate) Of);

impl Operator for JacobianVector {
    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Directions, 1)
    }

    fn prepare(
        &self,
        vector: &[f64],
        scheme: &Scheme,
        line_set: &mut LineSet,
    ) -> Result<(), Error> {
        scheme.units(line_set);
        line_set.add_direction("v", vector)
    }

    fn outputs(&self, line_set: &LineSet) -> Option<(usize, &'static str)> {
        self.0.count(line_set)
    }

    fn written(&self, (numbers, _): (usize, Option<usize>), coordinates: usize, _: usize) -> usize {
        match self.0 {
            Of::Scalar => 1,
            Of::Outputs => numbers.max(1),
            Of::Gradient => coordinates,
        }
    }

    fn size(&self, _: &LineSet, results: &LineResults) -> Size {
        (1, results.outputs)
    }

    fn at(&self, line_set: &LineSet, results: &LineResults, _: usize, k: usize) -> LineEstimate {
        let entry = results.get(0, k);
        LineEstimate {
            value: line_set.unscale(0, 1, entry.value),
            error: line_set.unscale(0, 1, entry.error),
            step: line_set.rescale(0, entry.step),
            ..entry
        }
    }
}
