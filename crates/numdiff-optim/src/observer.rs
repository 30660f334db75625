//! What an observer sees.

use crate::checkpoint::Checkpoint;
use crate::solver::Solver;

/// The state of a run between two iterations, as an observer sees it.
#[non_exhaustive]
pub struct Iteration<'i, S: ?Sized> {
    /// Iterations so far; 0 at the start.
    pub iteration: usize,
    /// x, as f sees it.
    pub x: &'i S,
    /// f(x). It falls from iteration to iteration but where methods with a learning rate or under noise go uphill, and where
    /// the default, which got nowhere, begins once more from the start: x and f jump back there, and the result is the
    /// better of both attempts.
    pub value: f64,
    /// The largest violation of a constraint; 0 without constraints.
    pub violation: f64,
    /// The gradient as the method knows it, in the order of x's numbers.
    pub gradient: &'i [f64],
    /// Its Euclidean norm, components that push against a bound included.
    pub gradient_norm: f64,
    /// Length of the last step; 0 at the start.
    pub step: f64,
    /// Evaluations of f so far, probes included.
    pub evaluations: usize,
    /// Evaluations of a given gradient so far.
    pub gradient_evaluations: usize,
    pub(crate) solver: &'i Solver,
    pub(crate) save: &'i dyn Fn() -> Checkpoint,
}

impl<'i> Iteration<'i, [f64]> {
    /// The same with x of the caller's kind.
    pub(crate) fn seen_as<S: ?Sized>(&self, x: &'i S) -> Iteration<'i, S> {
        Iteration {
            iteration: self.iteration,
            x,
            value: self.value,
            violation: self.violation,
            gradient: self.gradient,
            gradient_norm: self.gradient_norm,
            step: self.step,
            evaluations: self.evaluations,
            gradient_evaluations: self.gradient_evaluations,
            solver: self.solver,
            save: self.save,
        }
    }
}

impl<S: ?Sized> Iteration<'_, S> {
    /// The whole state of the run, from which [`resume`](crate::Minimize::resume) goes on with the same
    /// bits.
    pub fn checkpoint(&self) -> Checkpoint {
        (self.save)()
    }
}
