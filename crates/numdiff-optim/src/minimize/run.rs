//! From the settings to the result: the loop that every method shares.

use super::Observer;
use super::settings::Settings;
use super::watch::Watch;
use crate::budget::Limits;
use crate::checkpoint::RunState;
use crate::constrained::{ConstraintSettings, move_to_linear};
use crate::evaluator::{Constraints, Driver, Evaluator, Given, Objective};
use crate::input::{check_start, check_unknowns, move_inside, resolve};
use crate::interrupt::Interrupt;
use crate::problem::Problem;
use crate::solver::Solver;
use crate::{Checkpoint, Error, Method, Minimum, Multipliers, Status, Trajectory};
use numdiff_core::{Bound, FiniteDifference};
use std::time::Instant;

/// A minimization without the types of its f and x.
pub(super) struct Run<'a> {
    pub x0: Vec<f64>,
    pub settings: Settings,
    pub given: Option<Given<'a>>,
    pub driver: Driver<'a>,
    pub observer: Option<Observer<'a>>,
    pub difference: Option<FiniteDifference>,
    pub bounds: Option<(Bound, Bound)>,
    pub constraints: Constraints<'a>,
    pub constrained: ConstraintSettings,
    pub resumed: Option<Checkpoint>,
}

impl Run<'_> {
    pub fn run(self, objective: &mut dyn Objective) -> Result<Minimum<Vec<f64>>, Error> {
        let Run {
            x0,
            settings,
            given,
            driver,
            observer,
            difference,
            bounds,
            constraints,
            constrained,
            resumed,
        } = self;
        let n = x0.len();
        check_start(&x0)?;
        let (x, bounds, start_moved) = match &resumed {
            Some(checkpoint) => {
                check_unknowns(checkpoint.x().len(), n)?;
                let x = checkpoint.x().to_vec();
                let bounds = resolve(bounds, &x)?;
                (x, bounds, 0)
            }
            None => {
                let mut x = x0;
                let (bounds, mut moved) = move_inside(bounds, &mut x)?;
                moved += move_to_linear(&mut x, &constrained.linear, &bounds)?;
                (x, bounds, moved.min(n))
            }
        };
        settings.validate(&bounds)?;
        let is_constrained = !constraints.is_empty() || !constrained.linear.is_empty();
        if is_constrained {
            settings.allow_constraints(difference.is_some())?;
        }
        if let Some(checkpoint) = &resumed {
            checkpoint.fits(&settings.method, &bounds)?;
        }
        let has_rate = settings.method.learning_rate().is_some();
        let tutorial = matches!(settings.method, Method::GradientDescent { .. });
        // The tutorial's differences do not know bounds.
        let fixed = difference.or_else(|| {
            (tutorial && given.is_none() && bounds.is_none())
                .then(crate::gradient_descent::tutorial)
        });
        let limits = Limits {
            evaluations: settings.evaluations.unwrap_or(match has_rate {
                true => usize::MAX,
                false => n.saturating_add(1).saturating_mul(1000),
            }),
            deadline: settings
                .time
                .and_then(|time| Instant::now().checked_add(time)),
            target: settings.target,
        };
        let iterations = settings
            .iterations
            .unwrap_or(if has_rate { 10_000 } else { usize::MAX });
        let is_given = given.is_some();
        let mut evaluator = Evaluator::new(objective, given, driver);
        evaluator.constraints = constraints;
        let mut problem = Problem::new(evaluator, bounds, limits, is_given);
        problem.fixed = fixed;
        problem.method = settings.method.clone();
        let mut watch = Watch {
            observer,
            recording: settings.recording,
            trajectory: Trajectory::default(),
        };
        let (run_state, status) = loop_of(
            (&settings, is_constrained.then_some(&constrained)),
            x,
            resumed,
            iterations,
            &mut problem,
            &mut watch,
        )?;
        let mut minimum = finish(n, run_state, status, &problem, watch.trajectory);
        minimum.start_moved = start_moved;
        Ok(minimum)
    }
}

/// The loop that every method shares.
fn loop_of(
    settings: (&Settings, Option<&ConstraintSettings>),
    x: Vec<f64>,
    resumed: Option<Checkpoint>,
    iterations: usize,
    problem: &mut Problem<'_>,
    watch: &mut Watch<'_>,
) -> Result<(RunState<Solver>, Status), Error> {
    let run_state = match resumed {
        Some(checkpoint) => {
            problem.resume(checkpoint.counters);
            if let RunState::Run(Solver::Constrained(run)) = &checkpoint.run_state {
                problem.resume_constraints(run.counts());
            }
            checkpoint.run_state
        }
        None => RunState::Start(x),
    };
    let mut solver = match run_state {
        RunState::Run(solver) => solver,
        RunState::Start(x) => match begin(settings, &x, problem)? {
            Ok(solver) => {
                problem.next_iteration();
                solver
            }
            Err(interrupt) => return Ok((RunState::Start(x), status_of(interrupt, problem)?)),
        },
    };
    if let Err(interrupt) = problem.check_target() {
        return Ok((RunState::Run(solver), status_of(interrupt, problem)?));
    }
    let mut seen = usize::MAX;
    let status = loop {
        let done = solver.snapshot().iteration;
        // Some iterations prepare instead of moving; an observer sees each point once.
        if done != seen {
            seen = done;
            if watch.see(&solver, problem, false) {
                break Status::Stopped;
            }
        }
        if done >= iterations {
            break solver.out_of_iterations();
        }
        let end = solver.iterate(problem, iterations - done);
        match end {
            Ok(end) => {
                problem.next_iteration();
                if let Some(status) = end {
                    break status;
                }
            }
            Err(interrupt) => break status_of(interrupt, problem)?,
        }
    };
    watch.see(&solver, problem, true);
    Ok((RunState::Run(solver), status))
}

/// f at the start and the first gradient.
fn begin(
    (settings, constrained): (&Settings, Option<&ConstraintSettings>),
    x: &[f64],
    problem: &mut Problem<'_>,
) -> Result<Result<Solver, Interrupt>, Error> {
    if let Some(constrained) = constrained {
        let run = crate::constrained::begin(constrained, settings.tolerance, x, problem)?;
        return Ok(run.map(|run| Solver::Constrained(Box::new(run))));
    }
    let f = match problem.first(x) {
        Err(interrupt) => return Ok(Err(interrupt)),
        Ok(Err(source)) => {
            return Err(Error::Function {
                function: "f",
                evaluation: 1,
                source,
            });
        }
        Ok(Ok(f)) => f,
    };
    if !f.is_finite() {
        return Err(Error::StartNotFinite { value: f });
    }
    if let Err(interrupt) = problem.check_target() {
        return Ok(Err(interrupt));
    }
    Ok(Solver::start(
        &settings.method,
        settings.search,
        settings.schedule,
        settings.tolerance,
        x.to_vec(),
        f,
        problem,
    ))
}

/// An interrupt as a status, or as the error it is.
fn status_of(interrupt: Interrupt, problem: &Problem<'_>) -> Result<Status, Error> {
    match interrupt {
        Interrupt::Evaluations => Ok(Status::OutOfEvaluations),
        Interrupt::Time => Ok(Status::OutOfTime),
        Interrupt::Target => Ok(Status::TargetReached {
            value: problem.best_seen().1,
        }),
        Interrupt::Gradient(source) => Err(Error::Function {
            function: "the gradient",
            evaluation: problem.budget.gradients,
            source,
        }),
        Interrupt::Length(found) => Err(Error::Elements {
            function: "the gradient",
            found,
            expected: problem.best_seen().0.len(),
        }),
        Interrupt::Jacobian(source) => Err(Error::Function {
            function: "the Jacobian of a constraint",
            evaluation: problem.budget.gradients,
            source,
        }),
        Interrupt::Constraints { found, expected } => Err(Error::ConstraintCount {
            evaluation: problem.budget.evaluations,
            found,
            expected,
        }),
        Interrupt::Difference(error) => Err(Error::Difference(error)),
    }
}

/// The result: the last iterate, or the best point seen where the run was cut short or ran away.
fn finish(
    n: usize,
    run_state: RunState<Solver>,
    status: Status,
    problem: &Problem<'_>,
    trajectory: Trajectory,
) -> Minimum<Vec<f64>> {
    let constrained = match &run_state {
        RunState::Run(Solver::Constrained(run)) => Some(run),
        _ => None,
    };
    // With constraints the lowest point need not be the best.
    let reached = matches!(status, Status::TargetReached { .. });
    let violation = match constrained {
        Some(run) if !reached => run.violation(),
        _ if problem.counts().is_empty() => 0.0,
        _ => problem.best_violation,
    };
    let multipliers = constrained.map_or_else(Multipliers::default, |run| run.worth());
    let cut_short = (constrained.is_none() || reached)
        && !matches!(
            status,
            Status::Converged { .. }
                | Status::NoiseLimited { .. }
                | Status::Diverged { .. }
                | Status::Stalled { .. }
                | Status::Infeasible { .. }
        );
    let state = match &run_state {
        RunState::Run(solver) => Some(solver.snapshot()),
        RunState::Start(_) => None,
    };
    let best = problem.best_seen();
    let unknown = vec![f64::NAN; n];
    let (gradient, error) = state
        .as_ref()
        .map_or((&unknown[..], &unknown[..]), |state| {
            (state.gradient, state.error)
        });
    let (gradient, error) = (gradient.to_vec(), error.to_vec());
    let (iterations, noise) = state.as_ref().map_or((0, None), |s| (s.iteration, s.noise));
    let (x, value) = match (&state, &run_state) {
        (Some(state), _) if !(cut_short && (best.1 < state.f || constrained.is_some())) => {
            (state.x.to_vec(), state.f)
        }
        (None, RunState::Start(x)) if best.0.is_empty() => (x.clone(), best.1),
        _ => best.clone(),
    };
    let method = match &run_state {
        RunState::Run(solver) => solver.method(&problem.method),
        RunState::Start(_) => problem.method.clone(),
    };
    let checkpoint = Checkpoint {
        counters: problem.counters().owned(),
        run_state,
    };
    Minimum {
        numbers: Vec::new(),
        x,
        value,
        gradient,
        gradient_error: error,
        violation,
        multipliers,
        start_moved: 0,
        status,
        iterations,
        evaluations: problem.budget.evaluations,
        gradient_evaluations: problem.budget.gradients,
        noise,
        trajectory,
        method,
        checkpoint,
    }
}
