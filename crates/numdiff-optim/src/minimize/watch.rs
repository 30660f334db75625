//! Observer and recorder.

use super::Observer;
use crate::checkpoint::{Checkpoint, RunState};
use crate::matrix::norm;
use crate::observer::Iteration;
use crate::problem::Problem;
use crate::solver::Solver;
use crate::trajectory::{Record, Recorder};

/// The observer and the recorder of a run.
pub(super) struct Watch<'a> {
    pub observer: Option<Observer<'a>>,
    pub recorder: Recorder,
}

impl Watch<'_> {
    /// Shows the state; true when the observer wants to stop.
    pub fn see(&mut self, solver: &Solver, problem: &Problem<'_>, last: bool) -> bool {
        let state = solver.snapshot();
        self.recorder.see(state.iteration, last, || Record {
            iteration: state.iteration,
            x: state.x.to_vec(),
            value: state.f,
            violation: solver.violation(),
            gradient_norm: norm(state.gradient),
            step: state.step,
            evaluations: problem.budget.spent.evaluations,
        });
        let Some(observer) = self.observer.as_mut().filter(|_| !last) else {
            return false;
        };
        let save = || Checkpoint {
            run_state: RunState::Run(solver.clone()),
            counters: problem.counters(),
        };
        let iteration = Iteration {
            iteration: state.iteration,
            x: state.x,
            value: state.f,
            violation: solver.violation(),
            gradient: state.gradient,
            gradient_norm: norm(state.gradient),
            step: state.step,
            evaluations: problem.budget.spent.evaluations,
            gradient_evaluations: problem.budget.spent.gradients,
            solver,
            save: &save,
        };
        observer(&iteration).is_break()
    }
}
