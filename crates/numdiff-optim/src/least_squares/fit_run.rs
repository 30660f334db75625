//! A fit without the types of its r and x: a minimization whose f is made of residuals.

use super::settings::Settings;
use super::sum_of_squares::{SumOfSquares, named};
use crate::bounds::Bounds;
use crate::checkpoint::RunState;
use crate::constrained::ConstraintSettings;
use crate::error::require;
use crate::evaluator::{Constraints, Function, Given};
use crate::input::place;
use crate::levenberg_marquardt::{FitSettings, Grouping, by_rows};
use crate::minimize::{Run, Settings as MinimizeSettings};
use crate::observer::Observer;
use crate::settings::RunSettings;
use crate::solver::Solver;
use crate::{Checkpoint, Error, Minimum};
use numdiff_core::{Bound, SparsityPattern};
use std::cell::OnceCell;

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

/// A fit to be run.
#[derive(Default)]
pub(super) struct FitRun<'a> {
    pub x0: Vec<f64>,
    pub settings: Settings,
    pub constraints: FitConstraints<'a>,
    pub jacobian: Option<Given<'a>>,
    pub observer: Option<Observer<'a>>,
    pub resumed: Option<Checkpoint>,
}

/// The end of a fit.
pub(super) struct End {
    pub minimum: Minimum<Vec<f64>>,
    /// r(x) / sigma.
    pub residuals: Vec<f64>,
    /// Equal ones for parameters that are fixed.
    pub bounds: Bounds,
    pub constrained: bool,
    pub settings: Settings,
}

impl<'a> FitRun<'a> {
    pub fn run(self, residuals: &mut dyn Function<Vec<f64>>) -> Result<End, Error> {
        let (n, settings) = (self.x0.len(), &self.settings);
        let constrained = !self.constraints.is_empty();
        settings.validate(n)?;
        if settings.pattern.is_some() && constrained {
            return Err(Error::Conflict {
                setting: "sparsity",
                other: "constraints",
                advice: "leave the pattern out",
            });
        }
        let saved_x = self.resumed.as_ref().map(Checkpoint::x);
        let (all, bounds, start_moved) = place(self.x0, saved_x, &settings.run.bounds)?;
        let bounds = held(settings, &all, &bounds);
        let free: Vec<usize> = (0..n).filter(|i| !bounds.is_fixed(*i)).collect();
        if free.is_empty() {
            return Err(Error::Conflict {
                setting: "fixed",
                other: "bounds that leave no parameter free",
                advice: "free at least one",
            });
        }
        if let Some(saved) = &self.resumed {
            same_loss(saved, settings)?;
        }
        let first = OnceCell::new();
        let mut sum = SumOfSquares {
            residuals,
            sigma: settings.sigma.as_deref(),
            loss: settings.loss,
            first: &first,
        };
        let mut closures = self.constraints.closures;
        closures.residual_jacobian = self
            .jacobian
            .map(|jacobian| in_units(jacobian, settings, (n, &free), &first));
        let tolerance = match constrained {
            true => settings.tolerance().max(TOLERANCE),
            false => settings.tolerance(),
        };
        let floor = |x: &f64| if *x == 0.0 { 1.0 } else { x.abs() };
        let side = |bound: fn(&Bounds, usize) -> f64| -> Bound {
            (0..n)
                .map(|i| bound(&bounds, i))
                .collect::<Vec<f64>>()
                .into()
        };
        let run = Run {
            x0: all.clone(),
            settings: MinimizeSettings {
                run: RunSettings {
                    target: None,
                    tolerance: Some(tolerance),
                    bounds: Some((side(Bounds::lower), side(Bounds::upper))),
                    ..settings.run.clone()
                },
                ..MinimizeSettings::default()
            },
            given: None,
            observer: self.observer,
            difference: None,
            constraints: closures,
            constrained: ConstraintSettings {
                loss: settings.loss,
                floors: match &settings.typical {
                    Some(typical) => typical.clone(),
                    None => all.iter().map(floor).collect(),
                },
                ..self.constraints.settings
            },
            fit: Some(fit_settings(settings, &free, n)?),
            fit_target: settings.run.target,
            resumed: self.resumed,
        };
        let mut minimum = run.run(&mut sum).map_err(named)?;
        if !constrained {
            minimum.x = minimum.checkpoint.x().to_vec();
        }
        minimum.start_moved = (minimum.start_moved + start_moved).min(n);
        let residuals = match &minimum.checkpoint.run_state {
            RunState::Run(solver) => solver.residuals().to_vec(),
            _ => first.into_inner().unwrap_or_else(|| {
                // Before f and r stand the length of them and the number of constraints.
                let known = minimum.checkpoint.counters.spent.log.first();
                let residuals = known.and_then(|known| known.get(3..));
                residuals.unwrap_or_default().to_vec()
            }),
        };
        if residuals.is_empty() {
            return Err(Error::Setting {
                setting: "max_time",
                value: 0.0,
                expected: "long enough for one evaluation",
            });
        }
        if !constrained {
            minimum.value = settings.loss.value(&residuals);
        }
        Ok(End {
            minimum,
            residuals,
            bounds,
            constrained,
            settings: self.settings,
        })
    }
}

/// The box in which fixed parameters stay where they are.
fn held(settings: &Settings, x: &[f64], bounds: &Bounds) -> Bounds {
    let side = |bound: fn(&Bounds, usize) -> f64| {
        let of = |i: usize| match settings.fixed.contains(&i) {
            true => x[i],
            false => bound(bounds, i),
        };
        (0..x.len()).map(of).collect()
    };
    Bounds::new(side(Bounds::lower), side(Bounds::upper))
}

/// Another loss or number of residuals than those of the saved run are another fit.
fn same_loss(saved: &Checkpoint, settings: &Settings) -> Result<(), Error> {
    let RunState::Run(Solver::LeastSquares(saved)) = &saved.run_state else {
        return Ok(());
    };
    settings.validate_residuals(saved.residuals.len())?;
    let value = settings.loss.value(&saved.residuals);
    match (value - saved.value).abs() <= 1e-12 * saved.value {
        true => Ok(()),
        false => Err(Error::Conflict {
            setting: "loss",
            other: "a checkpoint of a fit with others",
            advice: "resume with the loss of the saved fit, or start anew from its x",
        }),
    }
}

/// What is asked besides, where these of n parameters are free.
fn fit_settings(settings: &Settings, free: &[usize], n: usize) -> Result<FitSettings, Error> {
    let pattern = match &settings.pattern {
        None => None,
        Some(pattern) => {
            let (columns, setting) = (pattern.columns(), "columns of the sparsity pattern");
            let expected = "the number of residuals by the number of parameters";
            require(columns == n, setting, columns as f64, expected)?;
            let entries = pattern
                .entries()
                .filter(|(_, j)| free.binary_search(j).is_ok());
            Some(SparsityPattern::from_triplets(pattern.rows(), n, entries)?)
        }
    };
    Ok(FitSettings {
        loss: settings.loss,
        noise: settings.noise,
        typical: settings.typical.clone(),
        grouping: Grouping::new(free, pattern),
    })
}

/// The given Jacobian in units of sigma: of n parameters these are free, the columns of the others zero.
fn in_units<'j>(
    mut jacobian: Given<'j>,
    settings: &'j Settings,
    (n, free): (usize, &'j [usize]),
    first: &'j OnceCell<Vec<f64>>,
) -> Given<'j> {
    let function = "the Jacobian";
    Box::new(move |x, out| {
        let mut entries = Vec::new();
        jacobian(x, &mut entries)?;
        let m = first.get().map_or(0, Vec::len);
        let pattern = settings.pattern.as_ref();
        let (found, expected) = (entries.len(), pattern.map_or(m * n, SparsityPattern::nnz));
        if found != expected {
            return Err(Box::new(Error::Elements {
                function,
                found,
                expected,
            }));
        }
        if let Some(index) = entries.iter().position(|v| !v.is_finite()) {
            return Err(Box::new(Error::from(numdiff_core::Error::NotFinite {
                argument: function,
                index,
                value: entries[index],
            })));
        }
        let is_free = |j: usize| free.binary_search(&j).is_ok();
        match pattern {
            Some(pattern) => {
                let entries = by_rows(pattern).zip(entries);
                let entries = entries.filter(|((_, j), _)| is_free(*j));
                out.extend(entries.map(|((i, _), v)| settings.weighed(i, v)));
            }
            None => out.extend((0..).zip(entries).map(|(k, v)| match is_free(k % n) {
                true => settings.weighed(k / n, v),
                false => 0.0,
            })),
        }
        Ok(())
    })
}
