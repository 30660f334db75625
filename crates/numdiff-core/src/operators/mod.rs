//! What an operator asks along which lines, and what the answers mean. One file each, written once
//! for all methods and drivers.

mod any;
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
mod rows;
mod sparse_hessian_from_values;
mod vector_hessian;
mod vector_jacobian;
mod witness;

pub(crate) use any::AnyOperator;
pub use compressed_jacobian::CompressedJacobian;
pub use derivative::Derivative;
pub use gradient::Gradient;
pub use hessian::Hessian;
pub(crate) use hessian::off_diagonal;
pub use hessian_diagonal::{HessianDiagonal, Laplacian};
pub use hessian_from_gradient::HessianFromGradient;
pub use hessian_vector::HessianVector;
pub use jacobian::Jacobian;
pub use jacobian_vector::JacobianVector;
pub(crate) use jacobian_vector::Of;
pub use mixed::Mixed;
pub(crate) use rows::Rows;
pub use sparse_hessian_from_values::SparseHessianFromValues;
pub use vector_hessian::VectorHessian;
pub use vector_jacobian::VectorJacobian;

use crate::error::{SCALAR, expect_length};
use crate::line::LineResults;
use crate::line::{LineKind, LineSet};
use crate::scheme::Scheme;
use crate::sparse::Compression;
use crate::{Error, Status};
use std::sync::Arc;

/// Rows and columns of a result.
pub(crate) type Size = (usize, usize);

/// One entry of a result.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub value: f64,
    pub error: f64,
    pub step: f64,
    pub status: Status,
    /// Evaluations of f that its lines asked for.
    pub evaluations: usize,
}

impl Entry {
    /// A sum without terms.
    const ZERO: Entry = Entry {
        value: 0.0,
        error: 0.0,
        step: 0.0,
        status: Status::Converged,
        evaluations: 0,
    };

    /// The entry, which rests on the line of `other`, too.
    fn resting_on(mut self, other: &Entry) -> Entry {
        self.status = self.status.worse(other.status);
        self.evaluations += other.evaluations;
        self
    }
}

/// The operators whose entries follow so directly from f's values that a cheap f is worth a path of
/// its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stream {
    Gradient,
    Hessian,
    Jacobian,
}

impl Stream {
    /// Rows and columns of the result at so many coordinates, of a scalar function.
    pub fn size(self, coordinates: usize) -> Size {
        match self {
            Stream::Hessian => (coordinates, coordinates),
            Stream::Gradient | Stream::Jacobian => (1, coordinates),
        }
    }
}

/// As many outputs given as the operator takes, where it says so before f is called.
pub(crate) fn expect_given(operator: &dyn Operator, line_set: &LineSet) -> Result<(), Error> {
    match (line_set.given.len(), operator.outputs(line_set)) {
        (0, _) | (_, None) => Ok(()),
        (found, Some((expected, _))) => expect_length("given", found, expected),
    }
}

/// A question about f at x.
pub(crate) trait Operator: Sync {
    /// The way around the plan, where there is one.
    fn stream() -> Option<Stream>
    where
        Self: Sized,
    {
        None
    }

    /// Whether the arguments besides x make sense.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// The lines, and the order of the derivative along each.
    fn lines(&self) -> (LineKind, usize);

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

    /// Rows and columns of the result; what is no matrix is one row.
    fn size(&self, line_set: &LineSet, results: &LineResults) -> Size;

    /// Entry (`row`, `column`) of the result.
    fn at(&self, line_set: &LineSet, results: &LineResults, row: usize, column: usize) -> Entry;

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

/// The estimate of an output along a line.
#[inline]
pub(crate) fn line_entry(results: &LineResults, line: usize, output: usize) -> Entry {
    let at = line * results.outputs + output;
    if results.bars {
        Entry {
            value: results.value[at],
            error: results.error[at],
            step: results.step[at],
            status: results.status[at],
            evaluations: results.counts[at],
        }
    } else {
        Entry {
            value: results.value[at],
            error: f64::NAN,
            step: f64::NAN,
            ..Entry::ZERO
        }
    }
}
