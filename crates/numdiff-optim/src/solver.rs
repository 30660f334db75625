//! The solvers behind the methods.

use crate::Method;
use crate::constrained::Sqp;
use crate::constraint::is_on_target;
use crate::convergence::GradientState;
use crate::descent::{Descent, DescentRun};
use crate::first_order::{BatchDescent, FirstOrderRun, UpdateRule};
use crate::interrupt::Interrupt;
use crate::levenberg_marquardt::LevenbergMarquardt;
use crate::problem::Problem;
use crate::quasi_newton::QuasiNewton;
use crate::schedule::Schedule;
use crate::search::Search;
use crate::snapshot::Snapshot;
use crate::status::Status;
use std::borrow::Cow;

/// A run between two iterations.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Solver {
    Constrained(Box<Sqp>),
    QuasiNewton(Box<QuasiNewton>),
    Descent(Box<DescentRun>),
    FirstOrder(Box<FirstOrderRun>),
    Batches(Box<BatchDescent>),
    LeastSquares(Box<LevenbergMarquardt>),
}

/// Beyond this many unknowns a dense Hessian costs more than most functions do: n^3 / 3 operations an
/// iteration against n evaluations.
const DENSE: usize = 300;
/// Pairs that the L-BFGS keeps which stands in for [`Method::Automatic`].
const MEMORY: usize = 10;

/// The method that searches along directions where the caller chose `chosen`.
fn searching(chosen: &Method) -> Method {
    match chosen {
        Method::Automatic => Method::Lbfgs { memory: MEMORY },
        other => other.clone(),
    }
}

impl Solver {
    /// Begins at x, where f is `f`.
    pub fn start(
        method: &Method,
        search: Option<Search>,
        schedule: Schedule,
        tolerance: Option<f64>,
        x: Vec<f64>,
        f: f64,
        problem: &mut Problem<'_>,
    ) -> Result<Self, Interrupt> {
        if let Some(rule) = UpdateRule::new(method, schedule, x.len()) {
            let tolerance = tolerance.unwrap_or(1e-8);
            let run = FirstOrderRun::start(x, f, rule, tolerance, problem)?;
            return Ok(Solver::FirstOrder(Box::new(run)));
        }
        if *method == Method::Automatic
            && x.len() <= DENSE
            && (problem.is_analytic() || problem.source.is_adaptive())
        {
            let tolerance = tolerance.unwrap_or(f64::EPSILON);
            let run = QuasiNewton::start(x, f, tolerance, problem)?;
            return Ok(Solver::QuasiNewton(Box::new(run)));
        }
        let Some(descent) = Descent::of(&searching(method)) else {
            unreachable!("every method without a learning rate has a direction")
        };
        let search = search.unwrap_or_else(|| descent.search());
        let run = DescentRun::start(x, f, descent, search, tolerance.unwrap_or(1e-8), problem)?;
        Ok(Solver::Descent(Box::new(run)))
    }

    /// The method that runs where the caller chose `chosen`.
    pub fn method(&self, chosen: &Method) -> Method {
        match self {
            Solver::Descent(_) => searching(chosen),
            _ => chosen.clone(),
        }
    }

    /// The gradient at x as the solver knows it, and the estimated absolute error of each component; NaN where it is
    /// not known.
    pub fn gradient(&self) -> (Cow<'_, [f64]>, Cow<'_, [f64]>) {
        match self {
            Solver::Constrained(run) => ((&run.g).into(), (&run.gradient_error).into()),
            Solver::QuasiNewton(run) => ((&run.gradient).into(), (&run.error).into()),
            Solver::Descent(run) => {
                let (at, unit) = (&run.state.at, run.state.unit);
                (scaled(&at.gradient, unit), scaled(&at.error, unit))
            }
            Solver::FirstOrder(run) => (
                (&run.state.at.gradient).into(),
                (&run.state.at.error).into(),
            ),
            Solver::Batches(run) => ((&run.gradient).into(), vec![f64::NAN; run.x.len()].into()),
            Solver::LeastSquares(run) => {
                (run.gradient().into(), vec![f64::NAN; run.x.len()].into())
            }
        }
    }

    pub fn snapshot(&self) -> Snapshot<'_> {
        match self {
            Solver::Constrained(run) => run.snapshot(),
            Solver::QuasiNewton(run) => Snapshot {
                iteration: run.iteration,
                step: if run.last_step.is_finite() {
                    run.last_step
                } else {
                    0.0
                },
                noise: run.noise.is_known().then(|| run.noise.at(run.f)),
                ..Snapshot::at(&run.x, run.f)
            },
            Solver::Descent(run) => shown(&run.state),
            Solver::FirstOrder(run) => shown(&run.state),
            Solver::Batches(run) => Snapshot {
                iteration: run.steps,
                step: run.last_step,
                ..Snapshot::at(&run.x, run.value)
            },
            Solver::LeastSquares(run) => Snapshot {
                iteration: run.iteration,
                step: run.last_step,
                noise: Some(run.rounding()),
                residuals: &run.residuals,
                ..Snapshot::at(&run.x, run.value)
            },
        }
    }

    /// Iterations made.
    pub fn iteration(&self) -> usize {
        self.snapshot().iteration
    }

    /// The next iteration, or what prepares it; a status ends the run. `remaining` iterations are allowed.
    pub fn iterate(
        &mut self,
        problem: &mut Problem<'_>,
        remaining: usize,
    ) -> Result<Option<Status>, Interrupt> {
        match self {
            Solver::Constrained(run) => run.iterate(problem),
            Solver::QuasiNewton(run) => run.iterate(problem),
            Solver::Descent(run) => run.iterate(problem),
            Solver::FirstOrder(run) => run.iterate(problem, remaining),
            Solver::Batches(run) => run.iterate(problem),
            Solver::LeastSquares(run) => run.iterate(problem),
        }
    }

    /// The status where the point at hand is as low as the caller asked for.
    pub fn on_target(&self, problem: &Problem<'_>) -> Option<Status> {
        let (target, state) = (problem.target?, self.snapshot());
        let value = state.f;
        let reached = value <= target && is_on_target(&[true], &[state.violation]);
        reached.then_some(Status::TargetReached { value })
    }

    /// The status when as many iterations as allowed are made.
    pub fn out_of_iterations(&self) -> Status {
        match self {
            Solver::FirstOrder(run) => run.out_of_iterations(),
            _ => Status::OutOfIterations,
        }
    }
}

/// In the caller's unit.
fn scaled(derivatives: &[f64], unit: f64) -> Cow<'_, [f64]> {
    match unit == 1.0 {
        true => derivatives.into(),
        false => derivatives.iter().map(|d| unit * d).collect(),
    }
}

fn shown(state: &GradientState) -> Snapshot<'_> {
    Snapshot {
        iteration: state.iteration,
        step: state.last_step,
        ..Snapshot::at(&state.at.x, state.unit * state.at.f)
    }
}
