//! Where a run went.

/// The recorded iterations of a run, the start first.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Trajectory {
    /// The records in order; empty unless the run was asked to record.
    pub records: Vec<Record>,
}

/// One recorded iteration of a run.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Record {
    /// The number of iterations before this point; 0 at the start.
    pub iteration: usize,
    /// The n numbers of x in row-major order.
    pub x: Vec<f64>,
    /// f(x); in a fit, the minimized value; over batches, f of the batch before its step.
    pub value: f64,
    /// The largest violation of a constraint, in the constraint's unit; 0 without constraints.
    pub violation: f64,
    /// The Euclidean norm of the gradient.
    pub gradient_norm: f64,
    /// The Euclidean length of the step that led here; 0 at the start.
    pub step: f64,
    /// The number of evaluations of f so far, those of the differences included.
    pub evaluations: usize,
}

impl Trajectory {
    /// Returns the points as an array with one row of n numbers for each record.
    pub fn path(&self) -> ndarray::Array2<f64> {
        let columns = self.records.first().map_or(0, |r| r.x.len());
        let mut path = ndarray::Array2::zeros((self.records.len(), columns));
        for (mut row, record) in path.rows_mut().into_iter().zip(&self.records) {
            row.iter_mut()
                .zip(&record.x)
                .for_each(|(slot, &x)| *slot = x);
        }
        path
    }
}
