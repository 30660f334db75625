//! From the settings to the result.

use crate::checkpoint::RunState;
use crate::constrained::move_to_linear;
use crate::evaluator::{Constraints, Function, Given, GradientSource, Own};
use crate::gradients::tutorial_difference;
use crate::input::place;
use crate::interrupt::Interrupt;
use crate::levenberg_marquardt::{FitSettings, LevenbergMarquardt};
use crate::observer::{Observer, Watch};
use crate::problem::{Asked, Problem};
use crate::run::run;
use crate::settings::Settings;
use crate::solver::Solver;
use crate::{Checkpoint, Error, Method, Minimum, Multipliers, Status, Trajectory};
use numdiff_core::FiniteDifference;

/// A minimization without the types of its f and x.
#[derive(Default)]
pub(crate) struct Run<'a> {
    pub x0: Vec<f64>,
    pub settings: Settings,
    pub given: Option<Given<'a>>,
    pub observer: Option<Observer<'a>>,
    pub difference: Option<FiniteDifference>,
    pub constraints: Constraints<'a>,
    /// What is asked of a fit.
    pub fit: Option<FitSettings>,
    pub resumed: Option<Checkpoint>,
}

impl Run<'_> {
    pub fn run(self, objective: &mut dyn Function<Own>) -> Result<Minimum<Vec<f64>>, Error> {
        let Run {
            x0,
            mut settings,
            given,
            observer,
            difference,
            constraints,
            fit,
            resumed,
        } = self;
        let n = x0.len();
        let saved = resumed.as_ref().map(Checkpoint::x);
        let (mut x, bounds, mut start_moved) = place(x0, saved, &settings.bounds)?;
        if resumed.is_none() {
            start_moved += move_to_linear(&mut x, &constraints.linear, &bounds)?;
            start_moved = start_moved.min(n);
        }
        let constrained = !constraints.is_empty();
        if constrained {
            settings.allow_constraints(difference.is_some())?;
        }
        let asked = Asked {
            method: settings.method.clone(),
            search: settings.search,
            schedule: settings.schedule,
            tolerance: settings.tolerance,
            fit: fit.is_some(),
            batches: false,
            constrained,
        };
        if let Some(checkpoint) = &resumed {
            checkpoint.counters.fits(&asked, &bounds)?;
            let saved = &checkpoint.counters.asked;
            settings.method = saved.method.clone();
            (settings.search, settings.schedule) = (saved.search, saved.schedule);
            settings.tolerance = saved.tolerance;
        }
        settings.validate(!bounds.is_none())?;
        let has_rate = settings.method.learning_rate().is_some();
        let (evaluations, iterations) = match has_rate {
            true => (usize::MAX, 10_000),
            false => (n.saturating_add(1).saturating_mul(1000), usize::MAX),
        };
        // A fit meets its target at the points that it takes.
        let fit_target = settings.target.take_if(|_| fit.is_some());
        let limits = settings.limits(evaluations);
        let iterations = settings.iterations.unwrap_or(iterations);
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
        let mut problem = Problem::new(objective, source, bounds, limits);
        problem.constraints = constraints;
        problem.asked = asked;
        problem.target = fit_target;
        let mut watch = Watch::new(observer, settings.record_every);
        watch.lowest = (fit.is_some() && !constrained).then_some(f64::INFINITY);
        let mut run_state = match resumed {
            Some(checkpoint) => {
                problem.resume(checkpoint.counters);
                checkpoint.run_state
            }
            None => RunState::Start(x),
        };
        let told = (&settings, fit, iterations);
        let status = proceed(&mut run_state, told, &mut problem, &mut watch);
        if let RunState::Run(solver) = &run_state {
            watch.see(solver, &problem, true);
        }
        let status = status.or_else(|interrupt| interrupt.status(problem.best_seen().1))?;
        let mut minimum = finish(run_state, status, &problem, watch.trajectory);
        minimum.start_moved = start_moved;
        Ok(minimum)
    }
}

/// Runs from where the state is: a saved one only with the function that it was saved with.
fn proceed(
    run_state: &mut RunState,
    (settings, fit, iterations): (&Settings, Option<FitSettings>, usize),
    problem: &mut Problem<'_>,
    watch: &mut Watch<'_>,
) -> Result<Status, Interrupt> {
    let state = run_state.snapshot();
    let saved = match run_state {
        RunState::Start(_) => problem.saved_start(fit.is_some() || !problem.constraints.is_empty()),
        RunState::Run(_) => Some(state.f),
    };
    if let Some(f) = saved {
        problem.check_same_function((state.x, f), state.noise)?;
    }
    if let RunState::Start(x) = run_state {
        *run_state = RunState::Run(begin(settings, fit, x, problem)?);
    }
    let RunState::Run(solver) = run_state else {
        unreachable!("it has begun")
    };
    problem.check_target()?;
    run(solver, problem, iterations, |solver, problem| {
        watch.see(solver, problem, false)
    })
}

/// f at the start, and what the method needs besides.
fn begin(
    settings: &Settings,
    fit: Option<FitSettings>,
    x: &[f64],
    problem: &mut Problem<'_>,
) -> Result<Solver, Interrupt> {
    let solver = if !problem.constraints.is_empty() {
        let run = crate::constrained::begin(fit, settings.tolerance, x, problem)?;
        Solver::Constrained(Box::new(run))
    } else if let Some(fit) = fit {
        let run = LevenbergMarquardt::begin(fit, settings.tolerance, x, problem)?;
        Solver::LeastSquares(Box::new(run))
    } else {
        let f = problem.first(x)?;
        if !f.is_finite() {
            return Err(Error::StartNotFinite { value: f }.into());
        }
        problem.check_target()?;
        Solver::start(
            &settings.method,
            settings.search,
            settings.schedule,
            settings.tolerance,
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
    run_state: RunState,
    status: Status,
    problem: &Problem<'_>,
    trajectory: Trajectory,
) -> Minimum<Vec<f64>> {
    let (solver, state) = (run_state.solver(), run_state.snapshot());
    let constrained = match solver {
        Some(Solver::Constrained(run)) => Some(run),
        _ => None,
    };
    // With constraints the lowest point need not be the best.
    let reached =
        matches!(status, Status::TargetReached { .. }) && problem.budget.limits.target.is_some();
    let violation = match constrained {
        Some(_) if !reached => state.violation,
        _ if problem.constraints.counts().is_empty() => 0.0,
        _ => problem.best_violation,
    };
    let by_value = match solver {
        Some(Solver::Constrained(_) | Solver::LeastSquares(_)) => reached,
        _ => status.is_cut_short(),
    };
    let best = problem.best_seen();
    let (x, value) = match by_value && (best.1 < state.f || constrained.is_some()) {
        true => best.clone(),
        false => (state.x.to_vec(), state.f),
    };
    let (gradient, gradient_error) = match solver.map(Solver::gradient) {
        Some((gradient, error)) => (gradient.into_owned(), error.into_owned()),
        None => (vec![f64::NAN; x.len()], vec![f64::NAN; x.len()]),
    };
    let (iterations, noise) = (state.iteration, state.noise);
    let chosen = problem.asked.method.clone();
    let method = solver.map_or(chosen, |solver| solver.method(&problem.asked.method));
    let multipliers = constrained.map_or_else(Multipliers::default, |run| run.worth());
    let checkpoint = Checkpoint {
        counters: problem.counters(),
        run_state,
    };
    Minimum {
        numbers: Vec::new(),
        x,
        value,
        gradient,
        gradient_error,
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
