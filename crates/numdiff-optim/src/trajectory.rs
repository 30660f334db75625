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

/// Keeps the start, every so many iterations, and the end.
#[derive(Debug)]
pub(crate) struct Recorder {
    every: Option<usize>,
    pub trajectory: Trajectory,
}

impl Recorder {
    pub fn new(every: Option<usize>) -> Self {
        let trajectory = Trajectory::default();
        Recorder { every, trajectory }
    }

    /// Whether this iteration is to be kept; `last` is the end of the run.
    pub fn wants(&self, iteration: usize, last: bool) -> bool {
        let known = self.trajectory.records.last();
        let known = known.is_some_and(|record| record.iteration == iteration);
        !known
            && self
                .every
                .is_some_and(|k| last || iteration.is_multiple_of(k))
    }
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
