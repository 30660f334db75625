//! A fit without the types of its r and x: checked, reduced to the parameters that are free, and run.

use super::FitCheckpoint;
use super::fit::End;
use super::levenberg_marquardt::LevenbergMarquardt;
use super::residual_problem::ResidualProblem;
use super::settings::Settings;
use super::sum_of_squares::{SumOfSquares, named};
use super::watch::{saved, see};
use crate::bounds::Bounds;
use crate::checkpoint::RunState;
use crate::evaluator::{Function, Given};
use crate::input::place;
use crate::interrupt::Interrupt;
use crate::matrix::dot;
use crate::observer::{Observer, Watch};
use crate::run::{Limited, run};
use crate::{Error, Status};
use numdiff_core::{Coloring, Order, SparsityPattern};

/// A fit to be run.
pub(super) struct FitRun<'p, 'a> {
    pub x0: Vec<f64>,
    pub settings: &'p Settings,
    pub given: Option<Given<'a>>,
    pub observer: Option<Observer<'a, FitCheckpoint>>,
    pub resumed: Option<FitCheckpoint>,
    /// The first radius, in units of |D x|.
    pub factor: f64,
}

impl<'a> FitRun<'_, 'a> {
    pub fn run(self, residuals: &mut dyn Function<Vec<f64>>) -> Result<End, Error> {
        let n = self.x0.len();
        self.settings.validate(n)?;
        let settings = self.settings;
        let saved_x = self.resumed.as_ref().map(FitCheckpoint::x);
        let (x, bounds, start_moved) = place(self.x0, saved_x, &settings.run.bounds)?;
        if matches!(&self.resumed, Some(saved) if saved.constrained.is_some()) {
            return Err(Error::Conflict {
                setting: "a fit without constraints",
                other: "a checkpoint of one with",
                advice: "resume with the constraints of the saved fit, or start anew from its x",
            });
        }
        let moves = |i: &usize| !settings.fixed.contains(i) && !bounds.is_fixed(*i);
        let free: Vec<usize> = (0..n).filter(moves).collect();
        if free.is_empty() {
            return Err(Error::Conflict {
                setting: "fixed",
                other: "bounds that leave no parameter free",
                advice: "free at least one",
            });
        }
        if let Some(checkpoint) = &self.resumed
            && checkpoint.bounds != bounds
        {
            return Err(Error::Conflict {
                setting: "bounds",
                other: "a checkpoint of a fit with others",
                advice: "resume with the bounds of the saved fit, or start anew from its x",
            });
        }
        if let Some(checkpoint) = &self.resumed
            && checkpoint.free != free
        {
            return Err(Error::Conflict {
                setting: "fixed",
                other: "the checkpoint",
                advice: "resume with the fixed parameters of the saved run",
            });
        }
        let evaluations = free.len().saturating_add(1).saturating_mul(1000);
        let limits = settings.run.limits(evaluations);
        let start: Vec<f64> = free.iter().map(|&i| x[i]).collect();
        let mut sum = SumOfSquares {
            sigma: settings.sigma.clone(),
            loss: settings.loss,
            free: free.clone(),
            ..SumOfSquares::of(residuals, x)
        };
        let mut problem = ResidualProblem::new(&mut sum, reduced(&bounds, &free), limits);
        problem.jacobian = self.given;
        problem.noise = settings.noise;
        let typical = settings.typical.as_ref();
        problem.typical = typical.map(|t| free.iter().map(|&i| t[i]).collect());
        problem.whole_pattern = settings.pattern.clone();
        let mut watch = Watch::new(self.observer, settings.run.record_every);
        let (run_state, residuals, status) = match self.resumed {
            Some(saved) => {
                problem.budget.resume(saved.spent);
                match saved.run_state {
                    RunState::Run(state) => {
                        let m = state.residuals.len();
                        settings.validate_residuals(m)?;
                        problem.color(m)?;
                        let (value, rounding) =
                            (settings.loss.value(&state.residuals), state.rounding());
                        if !((value - state.value).abs() <= 1e-12 * state.value) {
                            return Err(Error::Conflict {
                                setting: "loss",
                                other: "a checkpoint of a fit with another",
                                advice: "resume with the loss of the saved fit, or start anew from its x",
                            });
                        }
                        match problem.check_same_function((&state.x, value), Some(rounding)) {
                            Ok(()) => follow(state, &mut problem, (settings, &bounds), &mut watch)?,
                            Err(interrupt) => {
                                let (residuals, status) =
                                    (state.residuals.clone(), interrupt.status(f64::NAN)?);
                                (RunState::Run(state), residuals, status)
                            }
                        }
                    }
                    RunState::Start(x) => {
                        // Before f stand its numbers' count and the number of constraints.
                        let first = problem.budget.spent.log.first().unwrap_or_default();
                        let residuals = first.get(3..).unwrap_or_default().to_vec();
                        let same = match first.get(2) {
                            None => Ok(()),
                            Some(&value) => problem.check_same_function((&x, value), None),
                        };
                        match same {
                            Ok(()) => begin(
                                &x,
                                &mut problem,
                                (settings, &bounds),
                                &mut watch,
                                self.factor,
                            )?,
                            Err(interrupt) => {
                                let status = interrupt.status(f64::NAN)?;
                                (RunState::Start(x), residuals, status)
                            }
                        }
                    }
                }
            }
            None => begin(
                &start,
                &mut problem,
                (settings, &bounds),
                &mut watch,
                self.factor,
            )?,
        };
        let checkpoint = saved(run_state.clone(), &bounds, &problem);
        let held = match &run_state {
            RunState::Run(state) => {
                let free = state.free(&problem, &state.model(problem.loss).pull());
                free.into_iter().map(|free| !free).collect()
            }
            RunState::Start(_) => vec![false; free.len()],
        };
        Ok(End {
            x: checkpoint.x.clone(),
            residuals,
            run_state,
            status,
            free,
            held,
            bounds: bounds.clone(),
            checkpoint,
            trajectory: watch.recorder.trajectory,
            start_moved,
        })
    }
}

/// The bounds of the free parameters.
fn reduced(bounds: &Bounds, free: &[usize]) -> Bounds {
    if bounds.is_none() {
        return Bounds::default();
    }
    let lower = free.iter().map(|&i| bounds.lower(i)).collect();
    let upper = free.iter().map(|&i| bounds.upper(i)).collect();
    Bounds::new(lower, upper)
}

impl ResidualProblem<'_> {
    /// The coordinates that a pattern allows to be moved together.
    fn color(&mut self, m: usize) -> Result<(), Error> {
        let Some(pattern) = &self.whole_pattern else {
            return Ok(());
        };
        let (whole, free) = (self.whole(&[]).len(), &self.free);
        let sides = [
            ("rows of the sparsity pattern", pattern.rows(), m),
            ("columns of the sparsity pattern", pattern.columns(), whole),
        ];
        for (setting, found, expected) in sides {
            if found != expected {
                return Err(Error::Setting {
                    setting,
                    value: found as f64,
                    expected: "the number of residuals by the number of parameters",
                });
            }
        }
        let entries = pattern.entries().filter_map(|(i, j)| {
            let column = free.iter().position(|&k| k == j)?;
            Some((i, column))
        });
        let pattern = SparsityPattern::from_triplets(m, free.len(), entries)?;
        let coloring = Coloring::columns(&pattern, Order::Best);
        self.groups = (0..coloring.colors())
            .map(|c| coloring.group(c).to_vec())
            .collect();
        self.pattern = Some(pattern);
        Ok(())
    }
}

type Outcome = (RunState<LevenbergMarquardt>, Vec<f64>, Status);

fn begin(
    x: &[f64],
    problem: &mut ResidualProblem<'_>,
    (settings, bounds): (&Settings, &Bounds),
    watch: &mut Watch<'_, FitCheckpoint>,
    factor: f64,
) -> Result<Outcome, Error> {
    let residuals = first(problem, x)?;
    problem.color(residuals.len())?;
    let (start, tolerance) = (x.to_vec(), settings.tolerance());
    match LevenbergMarquardt::start(start, residuals.clone(), tolerance, factor, problem) {
        Ok(mut state) => {
            problem.next_iteration();
            state.count(problem.budget.of_iterations());
            follow(state, problem, (settings, bounds), watch)
        }
        Err(interrupt) => {
            let status = interrupt.status(f64::NAN)?;
            Ok((RunState::Start(x.to_vec()), residuals, status))
        }
    }
}

/// The residuals at the start, where a failure is for the caller to see.
fn first(problem: &mut ResidualProblem<'_>, x: &[f64]) -> Result<Vec<f64>, Error> {
    let sample = problem.sample(x, true).map_err(error_of).map_err(named)?;
    let residuals = sample.residuals;
    // The squares of residuals above 1e154 overflow.
    let sums = [dot(&residuals, &residuals), sample.f];
    match residuals.iter().chain(&sums).find(|v| !v.is_finite()) {
        Some(&value) => Err(Error::StartNotFinite { value }),
        None => Ok(residuals),
    }
}

fn follow(
    mut state: LevenbergMarquardt,
    problem: &mut ResidualProblem<'_>,
    (settings, bounds): (&Settings, &Bounds),
    watch: &mut Watch<'_, FitCheckpoint>,
) -> Result<Outcome, Error> {
    let mut lowest = f64::INFINITY;
    // A further attempt is shown from where it is lower than the best before.
    let shown = |state: &LevenbergMarquardt, problem: &ResidualProblem<'_>| {
        let lower = state.value < lowest;
        lowest = lowest.min(state.value);
        lower && see(watch, state, (problem, bounds), false)
    };
    let iterations = settings.run.iterations.unwrap_or(usize::MAX);
    let status = match state.on_target(problem) {
        Some(status) => status,
        None => run(&mut state, problem, iterations, shown)
            .or_else(|interrupt| interrupt.status(f64::NAN))?,
    };
    see(watch, &state, (problem, bounds), true);
    let residuals = state.residuals.clone();
    Ok((RunState::Run(state), residuals, status))
}

/// The error of a run that can't begin.
pub(super) fn error_of(interrupt: Interrupt) -> Error {
    match interrupt.status(f64::NAN) {
        Err(error) => error,
        Ok(_) => Error::Setting {
            setting: "max_time",
            value: 0.0,
            expected: "long enough for one evaluation",
        },
    }
}
