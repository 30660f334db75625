//! The observer and the recorder of a fit, and what it is saved as.

use super::fit::FitIteration;
use super::levenberg_marquardt::LevenbergMarquardt;
use super::residual_problem::ResidualProblem;
use super::{FitCheckpoint, Observer};
use crate::bounds::Bounds;
use crate::checkpoint::RunState;
use crate::trajectory::{Record, Recording, Trajectory};

/// Shows and records the iterations.
pub(super) struct Watch<'a> {
    pub bounds: &'a Bounds,
    pub observer: Option<Observer<'a>>,
    pub recording: Recording,
    pub trajectory: Trajectory,
}

impl Watch<'_> {
    /// True when the observer wants to stop.
    pub fn see(
        &mut self,
        state: &LevenbergMarquardt,
        problem: &ResidualProblem<'_, '_, '_>,
        last: bool,
    ) -> bool {
        let x = problem.evaluator.whole(&state.x);
        if let Recording::Every(k) = self.recording {
            let records = &mut self.trajectory.records;
            let known = records
                .last()
                .is_some_and(|r| r.iteration == state.iteration);
            if !known && (state.iteration.is_multiple_of(k) || last) {
                let pull = state.model(problem.loss).pull();
                records.push(Record {
                    iteration: state.iteration,
                    x: x.clone(),
                    value: state.value,
                    gradient_norm: 2.0 * crate::matrix::norm(&pull),
                    step: state.last_step,
                    evaluations: problem.budget.evaluations,
                    violation: 0.0,
                });
            }
        }
        let Some(observer) = self.observer.as_mut().filter(|_| !last) else {
            return false;
        };
        let show = FitIteration {
            iteration: state.iteration,
            x: &x[..],
            residuals: &state.residuals,
            value: state.value,
            step: state.last_step,
            evaluations: problem.budget.evaluations,
            jacobian_evaluations: problem.budget.gradients,
            save: &|| saved(RunState::Run(state.clone()), self.bounds, problem),
        };
        observer(&show).is_break()
    }
}

/// What a fit is saved as.
pub(super) fn saved(
    run_state: RunState<LevenbergMarquardt>,
    bounds: &Bounds,
    problem: &ResidualProblem<'_, '_, '_>,
) -> FitCheckpoint {
    let x = match &run_state {
        RunState::Run(state) => &state.x,
        RunState::Start(x) => x,
    };
    FitCheckpoint {
        x: problem.evaluator.whole(x),
        run_state,
        free: problem.evaluator.free.clone(),
        bounds: bounds.clone(),
        evaluations: problem.budget.evaluations,
        checks: problem.budget.checks,
        jacobian_evaluations: problem.budget.gradients,
        log: problem.budget.log.clone(),
        constrained: None,
    }
}
