//! The Hessians of all outputs of a vector function.

use super::{Entry, Hessian, Operator, Size};
use crate::Error;
use crate::line::{LineKind, LineResults, LineSet};
use crate::scheme::Scheme;

/// A Hessian for each output, from the values along the lines of one: row i of output k stands at
/// row k n + i.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct VectorHessian;

impl Operator for VectorHessian {
    fn lines(&self) -> (LineKind, usize) {
        Hessian.lines()
    }

    fn prepare(
        &self,
        vector: &[f64],
        scheme: &Scheme,
        line_set: &mut LineSet,
    ) -> Result<(), Error> {
        Hessian.prepare(vector, scheme, line_set)
    }

    fn conclude(&self, line_set: &LineSet, results: &mut LineResults) {
        Hessian.conclude(line_set, results);
    }

    fn outputs(&self, _: &LineSet) -> Option<(usize, &'static str)> {
        None
    }

    fn written(
        &self,
        (numbers, rows): (usize, Option<usize>),
        coordinates: usize,
        _: usize,
    ) -> usize {
        rows.unwrap_or_else(|| numbers / (coordinates * coordinates).max(1))
    }

    fn size(&self, line_set: &LineSet, results: &LineResults) -> Size {
        (results.outputs * line_set.x.len(), line_set.x.len())
    }

    fn at(&self, line_set: &LineSet, results: &LineResults, row: usize, column: usize) -> Entry {
        let n = line_set.x.len();
        Hessian::of_output(line_set, results, row / n, row % n, column)
    }
}
