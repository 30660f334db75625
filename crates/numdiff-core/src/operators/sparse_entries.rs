//! The entries of a sparse Jacobian, or of a sparse Hessian from a gradient: one line for each color.

use super::{Entry, Operator, found};
use crate::Error;
use crate::results::Results;
use crate::scheme::Scheme;
use crate::sparse::Compression;
use crate::survey::{Kind, Survey};
use std::sync::Arc;

/// The entries of a compressed matrix.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SparseEntries(pub(crate) Arc<Compression>);

impl Operator for SparseEntries {
    fn lines(&self) -> (Kind, usize) {
        (Kind::Groups, 1)
    }

    fn pose(&self, _: &[f64], scheme: &Scheme, survey: &mut Survey) -> Result<(), Error> {
        let pattern = &self.0.pattern;
        pattern.expect_shape("the function", pattern.rows(), survey.x.len())?;
        survey.compression = Some(Arc::clone(&self.0));
        scheme.units(survey);
        Ok(())
    }

    fn conclude(&self, survey: &Survey, results: &mut Results) {
        // A pattern without entries asks for no evaluation, and f's outputs stay unknown.
        if results.outputs > 0 {
            substitute(&self.0, &survey.unit, results);
        }
    }

    fn outputs(&self, _: &Survey) -> Option<(usize, &'static str)> {
        None
    }

    fn length(&self, _: &Survey, _: &Results) -> usize {
        self.0.pattern.nnz()
    }

    #[inline]
    fn entry(&self, _: &Survey, results: &Results, k: usize) -> Entry {
        found(results, 0, self.0.read(k))
    }
}

/// Turns reads that are sums, in units of the displacements, into entries.
fn substitute(compression: &Compression, unit: &[f64], results: &mut Results) {
    for step in &compression.substitutions {
        let value = results.value[step.read] / unit[step.column];
        results.value[step.read] = value;
        let bars = results.bars;
        if bars {
            results.error[step.read] /= unit[step.column];
            results.step[step.read] *= unit[step.column];
        }
        if step.mirror != step.read {
            let u = unit[step.mirror_column];
            results.value[step.mirror] -= value * u;
            if bars {
                let error = results.error[step.read] * u
                    + f64::EPSILON * (value * u).abs().max(results.value[step.mirror].abs());
                results.error[step.mirror] += error;
                let status = results.status[step.mirror].worse(results.status[step.read]);
                results.status[step.mirror] = status;
            }
        }
    }
}
