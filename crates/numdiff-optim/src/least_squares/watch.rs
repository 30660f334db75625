//! The observer and the recorder of a fit, and what it is saved as.

use super::fit::FitIteration;
use super::levenberg_marquardt::LevenbergMarquardt;
use super::residual_problem::ResidualProblem;
use super::{FitCheckpoint, Observer};
use crate::bounds::Bounds;
use crate::checkpoint::RunState;
use crate::trajectory::{Record, Recorder};

/// Shows and records the iterations.
pub(super) struct Watch<'a> {
    pub bounds: &'a Bounds,
    pub observer: Option<Observer<'a>>,
    pub recorder: Recorder,
}

impl Watch<'_> {
    /// True when the observer wants to stop.
    pub fn see(
        &mut self,
        state: &LevenbergMarquardt,
        problem: &ResidualProblem<'_>,
        last: bool,
    ) -> bool {
        let x = problem.whole(&state.x);
        self.recorder.see(state.iteration, last, || Record {
            iteration: state.iteration,
            x: x.clone(),
            value: state.value,
            gradient_norm: 2.0 * crate::matrix::norm(&state.model(problem.loss).pull()),
            step: state.last_step,
            evaluations: problem.budget.spent.evaluations,
            violation: 0.0,
        });
        let Some(observer) = self.observer.as_mut().filter(|_| !last) else {
            return false;
        };
        let show = FitIteration {
            iteration: state.iteration,
            x: &x[..],
            residuals: &state.residuals,
            value: state.value,
            step: state.last_step,
            evaluations: problem.budget.spent.evaluations,
            jacobian_evaluations: problem.budget.spent.gradients,
            save: &|| saved(RunState::Run(state.clone()), self.bounds, problem),
        };
        observer(&show).is_break()
    }
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
