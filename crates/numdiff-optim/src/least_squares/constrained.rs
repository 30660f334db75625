//! Fits subject to constraints: the method for constraints is shown the residuals, whose squares are f.

use super::constrained_statistics::statistics;
use super::settings::Settings;
use super::sum_of_squares::{SumOfSquares, named};
use super::{Fit, FitCheckpoint, ParameterError};
use crate::bounds::Bounds;
use crate::checkpoint::{Checkpoint, RunState};
use crate::constrained::ConstraintSettings;
use crate::constraint::is_on_target;
use crate::evaluator::{Constraints, Function, Given};
use crate::input::place;
use crate::minimize::{Run, Settings as MinimizeSettings};
use crate::observer::{Iteration, Observer};
use crate::settings::RunSettings;
use crate::solver::Solver;
use crate::{Error, Minimum, Stall, Status};
use ndarray::Array2;
use numdiff_core::Bound;
use std::cell::Cell;
use std::ops::ControlFlow;

/// A predicted decrease below this share of the sum is not worth going on for under constraints.
const TOLERANCE: f64 = 1e-13;

/// What is asked besides the settings of every fit.
#[derive(Default)]
pub(super) struct FitConstraints<'a> {
    pub closures: Constraints<'a>,
    pub settings: ConstraintSettings,
}

impl FitConstraints<'_> {
    pub fn is_empty(&self) -> bool {
        self.closures.is_empty() && self.settings.linear.is_empty()
    }
}

/// A fit without the types of its r and x.
pub(super) struct ConstrainedFit<'p, 'a> {
    pub x0: Vec<f64>,
    pub settings: &'p Settings,
    pub constraints: FitConstraints<'a>,
    pub jacobian: Option<Given<'a>>,
    pub observer: Option<Observer<'a, FitCheckpoint>>,
    pub resumed: Option<Checkpoint>,
}

impl ConstrainedFit<'_, '_> {
    /// `kind` makes the caller's kind of x.
    pub fn run<X>(
        self,
        residuals: &mut dyn Function<Vec<f64>>,
        kind: impl Fn(Vec<f64>) -> X,
    ) -> Result<Fit<X>, Error> {
        let settings = self.settings;
        let n = self.x0.len();
        settings.validate(n)?;
        if settings.pattern.is_some() {
            return Err(Error::Conflict {
                setting: "sparsity",
                other: "constraints",
                advice: "leave the pattern out",
            });
        }
        let (start, bounds, _) = place(self.x0.clone(), None, &settings.run.bounds)?;
        let side = |bound: fn(&Bounds, usize) -> f64| -> Vec<f64> {
            let at = |i: usize| match settings.fixed.contains(&i) {
                true => start[i],
                false => bound(&bounds, i),
            };
            (0..n).map(at).collect()
        };
        let (lower, upper) = (side(Bounds::lower), side(Bounds::upper));
        let bounds = Bounds::new(lower.clone(), upper.clone());
        let mut objective = SumOfSquares {
            sigma: settings.sigma.clone(),
            loss: settings.loss,
            ..SumOfSquares::of(residuals, self.x0.clone())
        };
        let mut closures = self.constraints.closures;
        closures.residual_jacobian = self
            .jacobian
            .map(|jacobian| weighted(jacobian, settings.sigma.clone(), n));
        let mut constrained = self.constraints.settings;
        constrained.loss = settings.loss;
        constrained.floors = match &settings.typical {
            Some(typical) => typical.clone(),
            None => start
                .iter()
                .map(|x| if *x == 0.0 { 1.0 } else { x.abs() })
                .collect(),
        };
        let reached = Cell::new(false);
        let mut observer = self.observer;
        let target = settings.run.target;
        let watch: Observer<'_, Checkpoint> = Box::new(|it: &Iteration<'_, [f64]>| {
            if target.is_some_and(|t| it.value <= t) && is_on_target(&[true], &[it.violation]) {
                reached.set(true);
                return ControlFlow::Break(());
            }
            let save = || FitCheckpoint::of_constrained(it.checkpoint());
            match &mut observer {
                None => ControlFlow::Continue(()),
                Some(observer) => observer(&it.seen_as(it.x, &save)),
            }
        });
        let run = Run {
            x0: self.x0,
            settings: MinimizeSettings {
                run: RunSettings {
                    target: None,
                    tolerance: Some(settings.tolerance().max(TOLERANCE)),
                    bounds: Some((Bound::from(lower), Bound::from(upper))),
                    ..settings.run.clone()
                },
                ..MinimizeSettings::default()
            },
            given: None,
            observer: Some(watch),
            difference: None,
            constraints: closures,
            constrained,
            resumed: self.resumed,
        };
        let mut minimum = run.run(&mut objective).map_err(named)?;
        if reached.get() {
            minimum.status = Status::TargetReached {
                value: minimum.value,
            };
        }
        let first = objective.first.unwrap_or_default();
        Ok(fit_of(minimum, first, bounds, settings, kind))
    }
}

/// The saved run of a fit with constraints.
pub(super) fn saved_of_constrained(
    saved: Option<FitCheckpoint>,
) -> Result<Option<Checkpoint>, Error> {
    match saved {
        None => Ok(None),
        Some(FitCheckpoint {
            constrained: Some(run),
            ..
        }) => Ok(Some(*run)),
        Some(_) => Err(Error::Conflict {
            setting: "constraints",
            other: "a checkpoint of a fit without",
            advice: "start anew from its x",
        }),
    }
}

/// The given Jacobian in units of sigma.
fn weighted<'a>(mut jacobian: Given<'a>, sigma: Option<Vec<f64>>, n: usize) -> Given<'a> {
    Box::new(move |x, out| {
        let before = out.len();
        jacobian(x, out)?;
        if let Some(sigma) = &sigma {
            let rows = out[before..].chunks_mut(n).zip(sigma);
            rows.for_each(|(row, s)| row.iter_mut().for_each(|v| *v /= s));
        }
        Ok(())
    })
}

fn fit_of<X>(
    minimum: Minimum<Vec<f64>>,
    first: Vec<f64>,
    bounds: Bounds,
    settings: &Settings,
    kind: impl Fn(Vec<f64>) -> X,
) -> Fit<X> {
    let n = minimum.x.len();
    let sqp = match &minimum.checkpoint.run_state {
        RunState::Run(Solver::Constrained(sqp)) => Some(sqp),
        _ => None,
    };
    let weighed = sqp.map_or(first, |sqp| sqp.residuals().to_vec());
    let sigma = |i: usize| settings.sigma.as_ref().map_or(1.0, |s| s[i]);
    let m = weighed.len();
    let mut jacobian = Array2::from_elem((m, n), f64::NAN);
    if let Some(sqp) = sqp {
        for (i, row) in sqp.jacobian().iter().enumerate() {
            for j in (0..n).filter(|j| !bounds.is_fixed(*j)) {
                jacobian[(i, j)] = row[j] * sigma(i);
            }
        }
    }
    let statistics = statistics(sqp.map(|sqp| &**sqp), &weighed, bounds.clone(), settings);
    let told = statistics.errors.iter().enumerate();
    let flat: Vec<usize> = told
        .filter(|(_, error)| **error == ParameterError::Undetermined)
        .map(|(i, _)| i)
        .collect();
    let status = match minimum.status {
        Status::Converged { .. } if !flat.is_empty() => Status::Stalled {
            cause: Stall::Flat { coordinates: flat },
        },
        status => status,
    };
    let free = |i: usize, g: f64| if bounds.is_fixed(i) { f64::NAN } else { g };
    let gradient = minimum.gradient.iter().enumerate();
    Fit {
        residuals: weighed
            .iter()
            .enumerate()
            .map(|(i, r)| r * sigma(i))
            .collect(),
        value: minimum.value,
        gradient: kind(gradient.map(|(i, g)| free(i, *g)).collect()),
        jacobian,
        status,
        violation: minimum.violation,
        multipliers: minimum.multipliers.clone(),
        start_moved: minimum.start_moved,
        iterations: minimum.iterations,
        evaluations: minimum.evaluations,
        jacobian_evaluations: minimum.gradient_evaluations,
        noise: minimum.noise,
        statistics,
        checkpoint: FitCheckpoint::of_constrained(minimum.checkpoint),
        trajectory: minimum.trajectory,
        numbers: minimum.x.clone(),
        x: kind(minimum.x),
        settings: settings.clone(),
    }
}
