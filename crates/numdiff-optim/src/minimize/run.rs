//! From the settings to the result.

use super::settings::Settings;
use super::watch::see;
use crate::checkpoint::RunState;
use crate::constrained::{ConstraintSettings, move_to_linear};
use crate::evaluator::{Constraints, Evaluator, Function, Given, GradientSource, Own};
use crate::gradients::tutorial_difference;
use crate::input::place;
use crate::interrupt::Interrupt;
use crate::observer::{Observer, Watch};
use crate::problem::Problem;
use crate::run::{Limited, run};
use crate::solver::Solver;
use crate::{Checkpoint, Error, Method, Minimum, Multipliers, Status, Trajectory};
use numdiff_core::FiniteDifference;

/// A minimization without the types of its f and x.
pub(crate) struct Run<'a> {
    pub x0: Vec<f64>,
    pub settings: Settings,
    pub given: Option<Given<'a>>,
    pub observer: Option<Observer<'a, Checkpoint>>,
    pub difference: Option<FiniteDifference>,
    pub constraints: Constraints<'a>,
    pub constrained: ConstraintSettings,
    pub resumed: Option<Checkpoint>,
}

impl Run<'_> {
    pub fn run(self, objective: &mut dyn Function<Own>) -> Result<Minimum<Vec<f64>>, Error> {
        let Run {
            x0,
            settings,
            given,
            observer,
            difference,
            constraints,
            constrained,
            resumed,
        } = self;
        let n = x0.len();
        let saved = resumed.as_ref().map(Checkpoint::x);
        let (mut x, bounds, mut start_moved) = place(x0, saved, &settings.run.bounds)?;
        if resumed.is_none() {
            start_moved += move_to_linear(&mut x, &constrained.linear, &bounds)?;
            start_moved = start_moved.min(n);
        }
        settings.validate(&bounds)?;
        let is_constrained = !constraints.is_empty() || !constrained.linear.is_empty();
        if is_constrained {
            settings.allow_constraints(difference.is_some())?;
        }
        if let Some(checkpoint) = &resumed {
            checkpoint.fits(&settings.method, &bounds, is_constrained)?;
        }
        let has_rate = settings.method.learning_rate().is_some();
        let (evaluations, iterations) = match has_rate {
            true => (usize::MAX, 10_000),
            false => (n.saturating_add(1).saturating_mul(1000), usize::MAX),
        };
        let limits = settings.run.limits(evaluations);
        let iterations = settings.run.iterations.unwrap_or(iterations);
        // The tutorial's differences do not know bounds.
        let tutorial = matches!(settings.method, Method::GradientDescent { .. })
            && bounds.is_none()
            && difference.is_none();
        let source = match (given, difference) {
            (Some(given), _) => GradientSource::Analytic(given),
            (None, Some(difference)) => GradientSource::Fixed(Box::new(difference)),
            (None, None) if tutorial => GradientSource::Fixed(Box::new(tutorial_difference())),
            (None, None) => GradientSource::Adaptive,
        };
        let mut evaluator = Evaluator::new(objective, source);
        evaluator.constraints = constraints;
        let mut problem = Problem::new(evaluator, bounds, limits);
        problem.method = settings.method.clone();
        let mut watch = Watch::new(observer, settings.run.record_every);
        let constrained = is_constrained.then_some(&constrained);
        let is_resumed =
            matches!(&resumed, Some(saved) if matches!(saved.run_state, RunState::Run(_)));
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
        let begun = match run_state {
            RunState::Run(solver) => Ok(solver),
            RunState::Start(x) => {
                let same = match problem.saved_start() {
                    Some(f) => problem.check_same_function((&x, f), None),
                    None => Ok(()),
                };
                same.and_then(|()| begin((&settings, constrained), &x, &mut problem))
                    .map_err(|end| (x, end))
            }
        };
        let (run_state, status) = match begun {
            Err((x, interrupt)) => (RunState::Start(x), Err(interrupt)),
            Ok(mut solver) => {
                let same = match is_resumed {
                    true => {
                        let state = solver.snapshot();
                        problem.check_same_function((state.x, state.f), state.noise)
                    }
                    false => Ok(()),
                };
                let status = same.and_then(|()| problem.check_target()).and_then(|()| {
                    run(&mut solver, &mut problem, iterations, |solver, problem| {
                        see(&mut watch, solver, problem, false)
                    })
                });
                see(&mut watch, &solver, &problem, true);
                (RunState::Run(solver), status)
            }
        };
        let status = status.or_else(|interrupt| interrupt.status(problem.best_seen().1))?;
        let mut minimum = finish(n, run_state, status, &problem, watch.recorder.trajectory);
        minimum.start_moved = start_moved;
        Ok(minimum)
    }
}

/// f at the start, and what the method needs besides.
fn begin(
    (settings, constrained): (&Settings, Option<&ConstraintSettings>),
    x: &[f64],
    problem: &mut Problem<'_>,
) -> Result<Solver, Interrupt> {
    let solver = if let Some(constrained) = constrained {
        let run = crate::constrained::begin(constrained, settings.run.tolerance, x, problem)?;
        Solver::Constrained(Box::new(run))
    } else {
        let f = problem.first(x)?.map_err(|source| Error::Function {
            function: "f",
            evaluation: 1,
            source,
        })?;
        if !f.is_finite() {
            return Err(Error::StartNotFinite { value: f }.into());
        }
        problem.check_target()?;
        Solver::start(
            &settings.method,
            settings.search,
            settings.schedule,
            settings.run.tolerance,
            x.to_vec(),
            f,
            problem,
        )?
    };
    problem.next_iteration();
    Ok(solver)
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
        counters: problem.counters(),
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
        evaluations: problem.budget.spent.evaluations,
        gradient_evaluations: problem.budget.spent.gradients,
        noise,
        trajectory,
        method,
        checkpoint,
    }
}
