//! What an observer sees.

use crate::checkpoint::{Checkpoint, Stage};
use crate::machine::Machine;
use crate::oracle::Books;
use ndarray::{ArrayView, Dimension};

/// The state of a run between two iterations, as an observer sees it.
#[non_exhaustive]
pub struct Iteration<'i, D: Dimension> {
    /// Iterations so far; 0 at the start.
    pub iteration: usize,
    /// x.
    pub x: ArrayView<'i, f64, D>,
    /// f(x).
    pub value: f64,
    /// The gradient as the method knows it.
    pub gradient: ArrayView<'i, f64, D>,
    /// Its Euclidean norm, components that push against a bound included.
    pub gradient_norm: f64,
    /// Length of the last step; 0 at the start.
    pub step: f64,
    /// Evaluations of f so far, probes included.
    pub evaluations: usize,
    /// Evaluations of a given gradient so far.
    pub gradient_evaluations: usize,
    pub(crate) machine: &'i Machine,
    pub(crate) books: Books<'i>,
}

impl<D: Dimension> Iteration<'_, D> {
    /// The whole state of the run, from which [`resume`](crate::Minimize::resume) goes on with the same
    /// bits. Serializable with the feature `serde`.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            stage: Stage::Run(self.machine.clone()),
            ledger: self.books.ledger(),
        }
    }
}
