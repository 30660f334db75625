//! A fit without the types of its r and x: a minimization whose f is made of residuals, of the parameters that are free
//! or, with constraints, of all of them.

use super::FitCheckpoint;
use super::settings::Settings;
use super::sum_of_squares::{SumOfSquares, named, whole};
use crate::bounds::Bounds;
use crate::checkpoint::{Checkpoint, RunState};
use crate::constrained::ConstraintSettings;
use crate::error::require;
use crate::evaluator::{Constraints, Function, Given};
use crate::input::place;
use crate::levenberg_marquardt::{FitSettings, Grouping, by_rows};
use crate::minimize::{Run, Settings as MinimizeSettings};
use crate::observer::{Iteration, Observer};
use crate::settings::RunSettings;
use crate::{Error, Minimum};
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
    pub observer: Option<Observer<'a, FitCheckpoint>>,
    pub resumed: Option<FitCheckpoint>,
}

/// The end of a fit.
pub(super) struct End {
    /// Of all parameters, but for its checkpoint.
    pub minimum: Minimum<Vec<f64>>,
    /// r(x) / sigma.
    pub residuals: Vec<f64>,
    /// Which parameters are the unknowns of the run.
    pub free: Vec<usize>,
    /// Of all parameters; beside constraints, equal ones for those that are fixed.
    pub bounds: Bounds,
    pub constrained: bool,
    pub settings: Settings,
}

impl End {
    /// What the fit is saved as.
    pub fn checkpoint(&self) -> FitCheckpoint {
        FitCheckpoint {
            run: self.minimum.checkpoint.clone(),
            free: self.free.clone(),
            x: self.minimum.x.clone(),
            constrained: self.constrained,
        }
    }
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
        let saved_x = self.resumed.as_ref().map(FitCheckpoint::x);
        let (all, bounds, start_moved) = place(self.x0, saved_x, &settings.run.bounds)?;
        let (free, bounds) = match constrained {
            true => ((0..n).collect(), held(settings, &all, &bounds)),
            false => (free_parameters(settings, &bounds, n)?, bounds),
        };
        if let Some(saved) = &self.resumed {
            saved.fits(constrained, &free, settings)?;
        }
        let first = OnceCell::new();
        let mut sum = SumOfSquares {
            sigma: settings.sigma.clone(),
            loss: settings.loss,
            free: free.clone(),
            ..SumOfSquares::of(residuals, all.clone(), &first)
        };
        let mut closures = self.constraints.closures;
        closures.residual_jacobian = self
            .jacobian
            .map(|jacobian| in_units(jacobian, settings, (&all, &free), &first));
        let mut observer = self.observer;
        let watch = observer
            .as_mut()
            .map(|observer| -> Observer<'_, Checkpoint> {
                Box::new(|it: &Iteration<'_, [f64]>| {
                    let x = whole(&all, &free, it.x);
                    let gradient = whole(&vec![f64::NAN; n], &free, it.gradient);
                    let save = || FitCheckpoint {
                        run: it.checkpoint(),
                        free: free.clone(),
                        x: x.clone(),
                        constrained,
                    };
                    let mut shown = it.seen_as(&x[..], &save);
                    shown.gradient = &gradient;
                    observer(&shown)
                })
            });
        let side = |bound: fn(&Bounds, usize) -> f64| {
            let of_free: Vec<f64> = free.iter().map(|&i| bound(&bounds, i)).collect();
            Bound::from(of_free)
        };
        let tolerance = match constrained {
            true => settings.tolerance().max(TOLERANCE),
            false => settings.tolerance(),
        };
        let floor = |x: &f64| if *x == 0.0 { 1.0 } else { x.abs() };
        let run = Run {
            x0: free.iter().map(|&i| all[i]).collect(),
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
            observer: watch,
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
            fit: match constrained {
                true => None,
                false => Some(fit_settings(settings, &free, n)?),
            },
            fit_target: settings.run.target,
            resumed: self.resumed.map(|saved| saved.run),
        };
        let mut minimum = run.run(&mut sum).map_err(named)?;
        if !constrained {
            minimum.x = minimum.checkpoint.x().to_vec();
        }
        minimum.x = whole(&all, &free, &minimum.x);
        minimum.gradient = whole(&vec![f64::NAN; n], &free, &minimum.gradient);
        minimum.start_moved = (minimum.start_moved + start_moved).min(n);
        for record in &mut minimum.trajectory.records {
            record.x = whole(&all, &free, &record.x);
        }
        let residuals = match &minimum.checkpoint.run_state {
            RunState::Run(solver) => solver.residuals().to_vec(),
            RunState::Start(_) => first.into_inner().unwrap_or_else(|| {
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
            free,
            bounds,
            constrained,
            settings: self.settings,
        })
    }
}

/// The parameters that neither the caller nor equal bounds keep.
fn free_parameters(settings: &Settings, bounds: &Bounds, n: usize) -> Result<Vec<usize>, Error> {
    let moves = |i: &usize| !settings.fixed.contains(i) && !bounds.is_fixed(*i);
    let free: Vec<usize> = (0..n).filter(moves).collect();
    match free.is_empty() {
        false => Ok(free),
        true => Err(Error::Conflict {
            setting: "fixed",
            other: "bounds that leave no parameter free",
            advice: "free at least one",
        }),
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

/// What is asked of the parameters that are free, of n.
fn fit_settings(settings: &Settings, free: &[usize], n: usize) -> Result<FitSettings, Error> {
    let grouping = match &settings.pattern {
        None => Grouping::dense(free.len()),
        Some(pattern) => {
            let (columns, setting) = (pattern.columns(), "columns of the sparsity pattern");
            let expected = "the number of residuals by the number of parameters";
            require(columns == n, setting, columns as f64, expected)?;
            let of_free = |(i, j)| Some((i, free.binary_search(&j).ok()?));
            let entries = pattern.entries().filter_map(of_free);
            let rows = pattern.rows();
            Grouping::of(SparsityPattern::from_triplets(rows, free.len(), entries)?)
        }
    };
    let typical = settings.typical.as_ref();
    Ok(FitSettings {
        loss: settings.loss,
        noise: settings.noise,
        typical: typical.map(|t| free.iter().map(|&i| t[i]).collect()),
        grouping,
        parameters: free.to_vec(),
    })
}

/// The given Jacobian of the free parameters in units of sigma.
fn in_units<'j>(
    mut jacobian: Given<'j>,
    settings: &'j Settings,
    (all, free): (&'j [f64], &'j [usize]),
    first: &'j OnceCell<Vec<f64>>,
) -> Given<'j> {
    let function = "the Jacobian";
    Box::new(move |x, out| {
        let mut entries = Vec::new();
        jacobian(&whole(all, free, x), &mut entries)?;
        let (m, n) = (first.get().map_or(0, Vec::len), all.len());
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
        let mut keep = |(i, j): (usize, usize), v: f64| {
            if free.binary_search(&j).is_ok() {
                out.push(settings.weighed(i, v));
            }
        };
        match pattern {
            Some(pattern) => by_rows(pattern)
                .zip(entries)
                .for_each(|(at, v)| keep(at, v)),
            None => (0..)
                .zip(entries)
                .for_each(|(k, v)| keep((k / n, k % n), v)),
        }
        Ok(())
    })
}
