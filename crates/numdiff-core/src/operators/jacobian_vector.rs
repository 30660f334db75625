//! The derivative along one direction: directional derivatives, Jacobian-vector products, and
//! Hessian-vector products from a gradient.

use super::{Entry, Operator, Size, line_entry};
use crate::Error;
use crate::error::{GRADIENT, SCALAR};
use crate::line::LineResults;
use crate::line::{LineKind, LineSet};
use crate::scheme::Scheme;

/// What is differentiated along the direction.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Of {
    /// A scalar function.
    Scalar,
    /// Outputs, however many.
    Outputs,
    /// A gradient: as many outputs as coordinates.
    Gradient,
}

/// The derivative along v.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct JacobianVector(pub(crate) Of);

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
        match self.0 {
            Of::Scalar => Some((1, SCALAR)),
            Of::Outputs => None,
            Of::Gradient => Some((line_set.x.len(), GRADIENT)),
        }
    }

    fn written(&self, (numbers, _): (usize, Option<usize>), coordinates: usize, _: usize) -> usize {
        match self.0 {
            Of::Scalar => 1,
            Of::Outputs => numbers,
            Of::Gradient => coordinates,
        }
    }

    fn size(&self, _: &LineSet, results: &LineResults) -> Size {
        (1, results.outputs)
    }

    fn at(&self, line_set: &LineSet, results: &LineResults, _: usize, k: usize) -> Entry {
        let entry = line_entry(results, 0, k);
        Entry {
            value: line_set.unscale(0, 1, entry.value),
            error: line_set.unscale(0, 1, entry.error),
            step: line_set.rescale(0, entry.step),
            ..entry
        }
    }
}
