//! The entries of a sparse Jacobian, or of a sparse Hessian from a gradient: one line for each color.

use super::{Entry, Operator, Size, line_entry};
use crate::Error;
use crate::line::LineResults;
use crate::line::{LineKind, LineSet};
use crate::scheme::Scheme;
use crate::sparse::Compression;
use std::sync::Arc;

/// The entries of a compressed matrix.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CompressedJacobian(pub(crate) Arc<Compression>);

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
    fn at(&self, _: &LineSet, results: &LineResults, _: usize, k: usize) -> Entry {
        line_entry(results, 0, self.0.compressed_entry(k))
    }
}

/// Turns compressed entries that are sums, in units of the displacements, into entries.
fn substitute(compression: &Compression, unit: &[f64], results: &mut LineResults) {
    for step in &compression.substitutions {
        let value = results.value[step.compressed] / unit[step.column];
        results.value[step.compressed] = value;
        let bars = results.bars;
        if bars {
            results.error[step.compressed] /= unit[step.column];
            results.step[step.compressed] *= unit[step.column];
        }
        if step.mirror != step.compressed {
            let u = unit[step.mirror_column];
            results.value[step.mirror] -= value * u;
            if bars {
                let error = results.error[step.compressed] * u
                    + f64::EPSILON * (value * u).abs().max(results.value[step.mirror].abs());
                results.error[step.mirror] += error;
                let status = results.status[step.mirror].worse(results.status[step.compressed]);
                results.status[step.mirror] = status;
                results.counts[step.mirror] += results.counts[step.compressed];
            }
        }
    }
}
