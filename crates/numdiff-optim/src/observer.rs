//! What observers and records see of a run.

use crate::checkpoint::{Checkpoint, RunState};
use crate::evaluator::CallerPoint;
use crate::matrix::norm;
use crate::problem::Problem;
use crate::solver::Solver;
use crate::trajectory::{Record, Trajectory};
use numdiff_core::Point;
use std::ops::ControlFlow;

/// The state of a run between two iterations, as an observer receives it; over batches, after each step.
#[non_exhaustive]
pub struct Iteration<'i, S: ?Sized> {
    /// The number of iterations made; 0 at the start.
    pub iteration: usize,
    /// x, by reference as f receives it.
    pub x: &'i S,
    /// f(x); in a fit, the minimized [`value`](crate::Fit::value); over batches, f of the last batch before its step.
    /// It decreases from iteration to iteration, with three exceptions: methods with a learning rate,
    /// [`BarzilaiBorwein`](crate::Method::BarzilaiBorwein) and runs under noise may go uphill; under constraints f may
    /// rise as the violation falls; and [`Automatic`](crate::Method::Automatic) may begin once more from x0, if it made
    /// no progress, and then returns the better of both attempts.
    pub value: f64,
    /// The largest violation of a constraint, in the constraint's unit; 0 without constraints.
    pub violation: f64,
    /// The gradient of `value` as the method knows it, n components in row-major order; 0 for fixed parameters of a
    /// fit. Over batches it is that of the last batch before its step.
    pub gradient: &'i [f64],
    /// The Euclidean norm of the gradient, components that push against a bound included.
    pub gradient_norm: f64,
    /// The m residuals of a fit, r(x) / sigma, in row-major order; empty otherwise.
    pub residuals: &'i [f64],
    /// The Euclidean length of the last step; 0 at the start.
    pub step: f64,
    /// The number of evaluations of f so far, those of the differences included.
    pub evaluations: usize,
    /// The number of evaluations of a given gradient or Jacobian so far.
    pub gradient_evaluations: usize,
    pub(crate) save: &'i dyn Fn() -> Checkpoint,
}

impl<S: ?Sized> Iteration<'_, S> {
    /// Returns the state of the run, from which `resume` continues to the same bits.
    pub fn checkpoint(&self) -> Checkpoint {
        (self.save)()
    }
}

/// The caller's observer, shown a run between two iterations.
pub(crate) type Observer<'a> = Box<dyn FnMut(&Solver, &Problem<'_>) -> ControlFlow<()> + 'a>;

/// An observer that sees x as f does.
pub(crate) fn observer<'a, X, O>(mut observer: O, x0: &'a X) -> Observer<'a>
where
    X: Point<f64> + ?Sized,
    O: FnMut(&Iteration<'_, X::Seen>) -> ControlFlow<()> + 'a,
{
    let mut seen = CallerPoint::new(x0);
    Box::new(move |solver, problem| {
        let (state, (gradient, _)) = (solver.snapshot(), solver.gradient());
        observer(&Iteration {
            iteration: state.iteration,
            x: seen.at(state.x),
            value: state.f,
            violation: state.violation,
            gradient: &gradient,
            gradient_norm: norm(&gradient),
            residuals: state.residuals,
            step: state.step,
            evaluations: problem.budget.spent.evaluations,
            gradient_evaluations: problem.budget.spent.gradients,
            save: &|| Checkpoint {
                run_state: RunState::Run(solver.clone()),
                counters: problem.counters(),
            },
        })
    })
}

/// The observer and the records of a run.
pub(crate) struct Watch<'a> {
    observer: Option<Observer<'a>>,
    /// From one record to the next.
    every: Option<usize>,
    pub trajectory: Trajectory,
    /// Only iterations with lower values than this are shown, where a run tries again from its start.
    pub lowest: Option<f64>,
}

impl<'a> Watch<'a> {
    pub fn new(observer: Option<Observer<'a>>, record_every: Option<usize>) -> Self {
        Watch {
            observer,
            every: record_every,
            trajectory: Trajectory::default(),
            lowest: None,
        }
    }

    /// Shows and records the state of a run, whose end observers do not see; true when the observer wants to stop.
    pub fn see(&mut self, solver: &Solver, problem: &Problem<'_>, last: bool) -> bool {
        let state = solver.snapshot();
        if let Some(lowest) = &mut self.lowest
            && !last
            && !(state.f < std::mem::replace(lowest, lowest.min(state.f)))
        {
            return false;
        }
        let records = &mut self.trajectory.records;
        let is_new = records
            .last()
            .is_none_or(|r| r.iteration != state.iteration);
        let is_due = |k: usize| last || state.iteration.is_multiple_of(k);
        let is_recorded = is_new && self.every.is_some_and(is_due);
        if is_recorded {
            records.push(Record {
                iteration: state.iteration,
                x: state.x.to_vec(),
                value: state.f,
                violation: state.violation,
                gradient_norm: norm(&solver.gradient().0),
                step: state.step,
                evaluations: problem.budget.spent.evaluations,
            });
        }
        let observer = self.observer.as_mut().filter(|_| !last);
        observer.is_some_and(|observer| observer(solver, problem).is_break())
    }
}
