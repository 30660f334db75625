//! What is shown of a minimization.

use crate::checkpoint::{Checkpoint, RunState};
use crate::matrix::norm;
use crate::observer::{Iteration, Watch};
use crate::problem::Problem;
use crate::solver::Solver;

/// Shows and records the state; true when the observer wants to stop.
pub(crate) fn see(
    watch: &mut Watch<'_>,
    solver: &Solver,
    problem: &Problem<'_>,
    last: bool,
) -> bool {
    let state = solver.snapshot();
    if !watch.wants((state.iteration, state.f), last) {
        return false;
    }
    let gradient = solver.gradient();
    let iteration = Iteration {
        iteration: state.iteration,
        x: state.x,
        value: state.f,
        violation: solver.violation(),
        gradient: &gradient,
        gradient_norm: norm(&gradient),
        residuals: solver.residuals(),
        step: state.step,
        evaluations: problem.budget.spent.evaluations,
        gradient_evaluations: problem.budget.spent.gradients,
        save: &|| Checkpoint {
            run_state: RunState::Run(solver.clone()),
            counters: problem.counters(),
        },
    };
    watch.see(&iteration, last)
}
