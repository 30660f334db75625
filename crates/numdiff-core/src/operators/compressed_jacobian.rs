//! The entries of a sparse Jacobian, or of a sparse Hessian from a gradient: one line for each color.

use super::{Operator, Size};
use crate::Error;
use crate::line::{LineEstimate, LineKind, LineResults, LineSet};
use crate::scheme::Scheme;
use crate::sparse::Compression;
use std::sync::Arc;

/// The entries of a compressed matrix.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct CompressedJacobian(pub(crate) Arc<Compression>);

impl Operator for CompressedJacobian {
    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Groups, 1)
    }

    fn prepare(&self, _: &[f64], scheme: &Scheme, line_set: &mut LineSet) -> Result<(), Error> {
        let pattern = &self.0.pattern;
        pattern.expect_shape("the function", pattern.rows(), line_set.x.len())?;
        line_set.compression = Some(Arc::clone(&self.0));
        scheme.units(line_set);
        Ok(())
    }

    fn conclude(&self, line_set: &LineSet, results: &mut LineResults) {
        // A pattern without entries asks for no evaluation, and f's outputs stay unknown.
        if results.outputs > 0 {
            substitute(&self.0, &line_set.unit, results);
        }
    }

    fn outputs(&self, _: &LineSet) -> Option<(usize, &'static str)> {
        None
    }

    fn written(&self, _: (usize, Option<usize>), _: usize, _: usize) -> usize {
        self.0.pattern.rows()
    }

    fn compression(&self) -> Option<&Arc<Compression>> {
        Some(&self.0)
    }

    fn size(&self, _: &LineSet, _: &LineResults) -> Size {
        (1, self.0.pattern.nnz())
    }

    #[inline]
    fn at(&self, _: &LineSet, results: &LineResults, _: usize, k: usize) -> LineEstimate {
        results.get(0, self.0.compressed_entry(k))
    }
}

/// Turns compressed entries that are sums, in units of the displacements, into entries.
fn substitute(compression: &Compression, unit: &[f64], results: &mut LineResults) {
    for step in &compression.substitutions {
        let (mut entry, u) = (results.at(step.compressed), unit[step.column]);
        entry.value /= u;
        entry.error /= u;
        entry.step *= u;
        results.replace(step.compressed, entry);
        if step.mirror != step.compressed {
            let (other, u) = (results.at(step.mirror), unit[step.mirror_column]);
            let (taken, value) = (entry.value * u, other.value - entry.value * u);
            let rounding = f64::EPSILON * taken.abs().max(value.abs());
            let mirror = LineEstimate {
                value,
                error: other.error + (entry.error * u + rounding),
                ..other.resting_on(&entry)
            };
            results.replace(step.mirror, mirror);
        }
    }
}
