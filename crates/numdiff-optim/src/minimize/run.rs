//! From the question to the result: the loop that every method shares.

use super::Observer;
use super::settings::Settings;
use super::watch::Watch;
use crate::checkpoint::Stage;
use crate::constrained::{ConstraintSettings, move_to_linear};
use crate::evaluator::{Constraints, Driver, Evaluator, Given, Objective};
use crate::input::{check_start, check_unknowns, move_inside, resolve};
use crate::machine::Machine;
use crate::meter::Limits;
use crate::oracle::{Halt, Oracle};
use crate::{Checkpoint, Error, Method, Minimum, Multipliers, Status, Trajectory};
use numdiff_core::{Bound, FiniteDifference};
use std::time::Instant;

/// A minimization without the types of its f and x.
pub(super) struct Question<'a> {
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

impl Question<'_> {
    pub fn run(self, objective: &mut dyn Objective) -> Result<Minimum<Vec<f64>>, Error> {
        let Question {
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
            settings.allow_constraints(&driver, difference.is_some())?;
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
        let mut oracle = Oracle::new(evaluator, bounds, limits, is_given);
        oracle.fixed = fixed;
        oracle.method = settings.method.clone();
        let mut watch = Watch {
            observer,
            recording: settings.recording,
            trajectory: Trajectory::default(),
        };
        let (stage, status) = loop_of(
            (&settings, is_constrained.then_some(&constrained)),
            x,
            resumed,
            iterations,
            &mut oracle,
            &mut watch,
        )?;
        let mut minimum = finish(n, stage, status, &oracle, watch.trajectory);
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
    oracle: &mut Oracle<'_>,
    watch: &mut Watch<'_>,
) -> Result<(Stage<Machine>, Status), Error> {
    let stage = match resumed {
        Some(checkpoint) => {
            oracle.resume(checkpoint.ledger);
            if let Stage::Run(Machine::Constrained(run)) = &checkpoint.stage {
                oracle.resume_constraints(run.counts());
            }
            checkpoint.stage
        }
        None => Stage::Start(x),
    };
    let mut machine = match stage {
        Stage::Run(machine) => machine,
        Stage::Start(x) => match begin(settings, &x, oracle)? {
            Ok(machine) => {
                oracle.next_iteration();
                machine
            }
            Err(halt) => return Ok((Stage::Start(x), status_of(halt, oracle)?)),
        },
    };
    if let Err(halt) = oracle.check_target() {
        return Ok((Stage::Run(machine), status_of(halt, oracle)?));
    }
    let mut seen = usize::MAX;
    let status = loop {
        let done = machine.state().iteration;
        // Some iterations prepare instead of moving; an observer sees each point once.
        if done != seen {
            seen = done;
            if watch.see(&machine, oracle, false) {
                break Status::Stopped;
            }
        }
        if done >= iterations {
            break machine.out_of_iterations();
        }
        let end = machine.iterate(oracle, iterations - done);
        match end {
            Ok(end) => {
                oracle.next_iteration();
                if let Some(status) = end {
                    break status;
                }
            }
            Err(halt) => break status_of(halt, oracle)?,
        }
    };
    watch.see(&machine, oracle, true);
    Ok((Stage::Run(machine), status))
}

/// f at the start and the first gradient.
fn begin(
    (settings, constrained): (&Settings, Option<&ConstraintSettings>),
    x: &[f64],
    oracle: &mut Oracle<'_>,
) -> Result<Result<Machine, Halt>, Error> {
    if let Some(constrained) = constrained {
        let run = crate::constrained::begin(constrained, settings.tolerance, x, oracle)?;
        return Ok(run.map(|run| Machine::Constrained(Box::new(run))));
    }
    let f = match oracle.first(x) {
        Err(halt) => return Ok(Err(halt)),
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
    if let Err(halt) = oracle.check_target() {
        return Ok(Err(halt));
    }
    let search = settings.search.unwrap_or_else(|| settings.method.search());
    Ok(Machine::start(
        &settings.method,
        search,
        settings.schedule,
        settings.tolerance,
        x.to_vec(),
        f,
        oracle,
    ))
}

/// A halt as a status, or as the error it is.
fn status_of(halt: Halt, oracle: &Oracle<'_>) -> Result<Status, Error> {
    match halt {
        Halt::Evaluations => Ok(Status::OutOfEvaluations),
        Halt::Time => Ok(Status::OutOfTime),
        Halt::Target => Ok(Status::TargetReached {
            value: oracle.best_seen().1,
        }),
        Halt::Gradient(source) => Err(Error::Function {
            function: "the gradient",
            evaluation: oracle.meter.gradients,
            source,
        }),
        Halt::Length(found) => Err(Error::Elements {
            function: "the gradient",
            found,
            expected: oracle.best_seen().0.len(),
        }),
        Halt::Jacobian(source) => Err(Error::Function {
            function: "the Jacobian of a constraint",
            evaluation: oracle.meter.gradients,
            source,
        }),
        Halt::Constraints { found, expected } => Err(Error::ConstraintCount {
            evaluation: oracle.meter.evaluations,
            found,
            expected,
        }),
        Halt::Difference(error) => Err(Error::Difference(error)),
    }
}

/// The result: the last iterate, or the best point seen where the run was cut short or ran away.
fn finish(
    n: usize,
    stage: Stage<Machine>,
    status: Status,
    oracle: &Oracle<'_>,
    trajectory: Trajectory,
) -> Minimum<Vec<f64>> {
    let constrained = match &stage {
        Stage::Run(Machine::Constrained(run)) => Some(run),
        _ => None,
    };
    // With constraints the lowest point need not be the best.
    let reached = matches!(status, Status::TargetReached { .. });
    let violation = match constrained {
        Some(run) if !reached => run.violation(),
        _ if oracle.counts().is_empty() => 0.0,
        _ => oracle.best_violation,
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
    let state = match &stage {
        Stage::Run(machine) => Some(machine.state()),
        Stage::Start(_) => None,
    };
    let best = oracle.best_seen();
    let unknown = vec![f64::NAN; n];
    let (gradient, error) = state
        .as_ref()
        .map_or((&unknown[..], &unknown[..]), |state| {
            (state.gradient, state.error)
        });
    let (gradient, error) = (gradient.to_vec(), error.to_vec());
    let (iterations, noise) = state.as_ref().map_or((0, None), |s| (s.iteration, s.noise));
    let (x, value) = match (&state, &stage) {
        (Some(state), _) if !(cut_short && (best.1 < state.f || constrained.is_some())) => {
            (state.x.to_vec(), state.f)
        }
        (None, Stage::Start(x)) if best.0.is_empty() => (x.clone(), best.1),
        _ => best.clone(),
    };
    let method = match &stage {
        Stage::Run(machine) => machine.method(&oracle.method),
        Stage::Start(_) => oracle.method.clone(),
    };
    let checkpoint = Checkpoint {
        ledger: oracle.books().ledger(),
        stage,
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
        evaluations: oracle.meter.evaluations,
        gradient_evaluations: oracle.meter.gradients,
        noise,
        trajectory,
        method,
        checkpoint,
    }
}
