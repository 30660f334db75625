//! What is shown of a fit, and what it is saved as.

use super::FitCheckpoint;
use super::levenberg_marquardt::LevenbergMarquardt;
use super::residual_problem::ResidualProblem;
use crate::bounds::Bounds;
use crate::checkpoint::RunState;
use crate::matrix::norm;
use crate::observer::{Iteration, Watch};

/// Shows and records the state; true when the observer wants to stop.
pub(super) fn see(
    watch: &mut Watch<'_, FitCheckpoint>,
    state: &LevenbergMarquardt,
    (problem, bounds): (&ResidualProblem<'_>, &Bounds),
    last: bool,
) -> bool {
    if !watch.wants(state.iteration, last) {
        return false;
    }
    let pull = state.model(problem.loss).pull();
    let x = problem.whole(&state.x);
    let mut gradient = vec![f64::NAN; x.len()];
    for (&i, pull) in problem.free.iter().zip(&pull) {
        gradient[i] = 2.0 * pull;
    }
    let iteration = Iteration {
        iteration: state.iteration,
        x: &x[..],
        value: state.value,
        violation: 0.0,
        gradient: &gradient,
        gradient_norm: 2.0 * norm(&pull),
        residuals: &state.residuals,
        step: state.last_step,
        evaluations: problem.budget.spent.evaluations,
        gradient_evaluations: problem.budget.spent.gradients,
        save: &|| saved(RunState::Run(state.clone()), bounds, problem),
    };
    watch.see(&iteration, last)
}

/// What a fit is saved as.
pub(super) fn saved(
    run_state: RunState<LevenbergMarquardt>,
    bounds: &Bounds,
    problem: &ResidualProblem<'_>,
) -> FitCheckpoint {
    let x = match &run_state {
        RunState::Run(state) => &state.x,
        RunState::Start(x) => x,
    };
    FitCheckpoint {
        x: problem.whole(x),
        run_state,
        free: problem.free.clone(),
        bounds: bounds.clone(),
        spent: problem.budget.spent.clone(),
        constrained: None,
    }
}
