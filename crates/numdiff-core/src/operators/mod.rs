//! What an operator asks along which lines, and what the answers mean. One file each, written once
//! for all methods and drivers.

mod any;
mod at_points;
mod compressed_jacobian;
mod derivative;
mod gradient;
mod hessian;
mod hessian_diagonal;
mod hessian_from_gradient;
mod hessian_vector;
mod jacobian;
mod jacobian_vector;
mod mixed;
mod sparse_hessian_from_values;
mod vector_jacobian;
mod witness;

pub(crate) use any::AnyOperator;
pub(crate) use at_points::AtPoints;
pub(crate) use compressed_jacobian::CompressedJacobian;
pub(crate) use derivative::Derivative;
pub(crate) use gradient::Gradient;
pub(crate) use hessian::Hessian;
pub(crate) use hessian::off_diagonal;
pub(crate) use hessian_diagonal::{HessianDiagonal, Laplacian};
pub(crate) use hessian_from_gradient::HessianFromGradient;
pub(crate) use hessian_vector::HessianVector;
pub(crate) use jacobian::Jacobian;
pub(crate) use jacobian_vector::JacobianVector;
pub(crate) use mixed::Mixed;
pub(crate) use sparse_hessian_from_values::SparseHessianFromValues;
pub(crate) use vector_jacobian::VectorJacobian;

use crate::Error;
use crate::error::{GRADIENT, SCALAR, expect_length};
use crate::line::{LineEstimate, LineKind, LineResults, LineSet};
use crate::scheme::Scheme;
use crate::sparse::Compression;
use std::sync::Arc;

/// Rows and columns of a result.
pub(crate) type Size = (usize, usize);

/// What is differentiated.
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

impl Of {
    /// The outputs that f must have, and what has them; `None` where any number serves.
    fn count(self, line_set: &LineSet) -> Option<(usize, &'static str)> {
        match self {
            Of::Scalar => Some((1, SCALAR)),
            Of::Outputs => None,
            Of::Gradient => Some((line_set.x.len(), GRADIENT)),
        }
    }
}

/// The lines of an operator whose entries follow so directly from f's values that a cheap f is worth a path
/// of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stream {
    /// First derivatives along the coordinates.
    Columns,
    /// Second derivatives along the coordinates and pairs of them.
    Pairs,
}

impl Stream {
    /// Rows and columns of the result at so many coordinates, of a scalar function.
    pub fn size(self, coordinates: usize) -> Size {
        match self {
            Stream::Columns => (1, coordinates),
            Stream::Pairs => (coordinates, coordinates),
        }
    }
}

/// Puts x, f's outputs there where they are given, and the operator's lines into the set, and checks the
/// settings against them.
pub(crate) fn open(
    operator: &dyn Operator,
    vector: &[f64],
    scheme: &Scheme,
    line_set: &mut LineSet,
    (x, epsilon): (impl Iterator<Item = f64>, f64),
    given: impl Iterator<Item = f64>,
) -> Result<(), Error> {
    let (kind, order) = operator.lines();
    line_set.begin(x, epsilon, kind, order)?;
    line_set.given.extend(given);
    scheme.validate(line_set)?;
    operator.prepare(vector, scheme, line_set)?;
    match (line_set.given.len(), operator.outputs(line_set)) {
        (0, _) | (_, None) => Ok(()),
        (found, Some((expected, _))) => expect_length("given", found, expected),
    }
}

/// A question about f at x.
pub(crate) trait Operator: Sync {
    /// The way around the plan, where there is one.
    fn stream(&self) -> Option<Stream> {
        None
    }

    /// Whether the arguments besides x make sense.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// The lines, and the order of the derivative along each; along the coordinates unless said otherwise.
    fn lines(&self) -> (LineKind, usize) {
        (LineKind::Coordinates, 1)
    }

    /// Adds what the lines need beyond x: directions, weights. `vector` is the operator's v or u.
    fn prepare(
        &self,
        vector: &[f64],
        scheme: &Scheme,
        line_set: &mut LineSet,
    ) -> Result<(), Error> {
        let _ = (vector, scheme, line_set);
        Ok(())
    }

    /// The outputs that f must have, and what has them; `None` where any number serves.
    fn outputs(&self, line_set: &LineSet) -> Option<(usize, &'static str)> {
        let _ = line_set;
        Some((1, SCALAR))
    }

    /// How many outputs an f that writes them is to write for a result that has room for so many numbers, in
    /// so many rows, at so many coordinates; `vector` numbers are the operator's v or u.
    fn written(&self, room: (usize, Option<usize>), coordinates: usize, vector: usize) -> usize {
        let _ = (room, coordinates, vector);
        1
    }

    /// The pattern of a sparse result.
    fn compression(&self) -> Option<&Arc<Compression>> {
        None
    }

    /// Called once when every line is done.
    fn conclude(&self, line_set: &LineSet, results: &mut LineResults) {
        let _ = (line_set, results);
    }

    /// Rows and columns of the result; what is no matrix is one row. A row for each output and a column for
    /// each coordinate unless said otherwise.
    fn size(&self, line_set: &LineSet, results: &LineResults) -> Size {
        (results.outputs, line_set.x.len())
    }

    /// Entry (`row`, `column`) of the result; the output of this row along the line of this column unless said
    /// otherwise.
    #[inline]
    fn at(
        &self,
        line_set: &LineSet,
        results: &LineResults,
        row: usize,
        column: usize,
    ) -> LineEstimate {
        let _ = line_set;
        results.get(column, row)
    }

    /// The values of all entries, row by row.
    fn values(&self, line_set: &LineSet, results: &LineResults) -> Vec<f64> {
        let (rows, columns) = self.size(line_set, results);
        let mut all = Vec::with_capacity(rows * columns);
        for i in 0..rows {
            all.extend((0..columns).map(|j| self.at(line_set, results, i, j).value));
        }
        all
    }
}
