//! A fit without the types of its r and x: a minimization whose f is made of residuals.

use super::settings::Settings;
use super::sum_of_squares::{SumOfSquares, named};
use crate::bounds::Bounds;
use crate::checkpoint::RunState;
use crate::error::{compatible, finite, require};
use crate::evaluator::{Function, Given};
use crate::input::place;
use crate::levenberg_marquardt::{FitSettings, Grouping, by_rows};
use crate::minimize::Run;
use crate::settings::Settings as RunSettings;
use crate::solver::Solver;
use crate::{Checkpoint, Error, Minimum};
use numdiff_core::{Bound, SparsityPattern};
use std::cell::OnceCell;

/// A fit to be run.
pub(super) struct FitRun<'a> {
    pub run: Run<'a>,
    pub settings: Settings,
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
    pub run_settings: RunSettings,
}

impl FitRun<'_> {
    pub fn run(self, residuals: &mut dyn Function<Vec<f64>>) -> Result<End, Error> {
        let FitRun { mut run, settings } = self;
        let n = run.x0.len();
        let constrained = !run.constraints.is_empty();
        settings.validate(n)?;
        let dense = settings.pattern.is_none() || !constrained;
        compatible(dense, "sparsity", "constraints", "leave the pattern out")?;
        let saved_x = run.resumed.as_ref().map(Checkpoint::x);
        let run_settings = run.settings.clone();
        let (x0, bounds, start_moved) =
            place(std::mem::take(&mut run.x0), saved_x, &run_settings.bounds)?;
        let bounds = held(&settings, &x0, &bounds);
        let free: Vec<usize> = (0..n).filter(|i| !bounds.is_fixed(*i)).collect();
        let other = "bounds that leave no parameter free";
        compatible(!free.is_empty(), "fixed", other, "free at least one")?;
        if let Some(saved) = &run.resumed {
            same_loss(saved, &settings)?;
        }
        let first = OnceCell::new();
        let mut sum = SumOfSquares {
            residuals,
            sigma: settings.sigma.as_deref(),
            loss: settings.loss,
            first: &first,
        };
        let side = |bound: fn(&Bounds, usize) -> f64| -> Bound {
            let all: Vec<f64> = (0..n).map(|i| bound(&bounds, i)).collect();
            all.into()
        };
        let mut run: Run<'_> = run;
        run.x0 = x0;
        run.settings.bounds = Some((side(Bounds::lower), side(Bounds::upper)));
        run.fit = Some(fit_settings(&settings, &free, n)?);
        let jacobian = run.constraints.residual_jacobian.take();
        run.constraints.residual_jacobian =
            jacobian.map(|jacobian| in_units(jacobian, &settings, (n, &free), &first));
        let mut minimum = run.run(&mut sum).map_err(named)?;
        if !constrained {
            minimum.x = minimum.checkpoint.x().to_vec();
        }
        minimum.start_moved = (minimum.start_moved + start_moved).min(n);
        let residuals = match &minimum.checkpoint.run_state {
            RunState::Run(solver) => solver.snapshot().residuals.to_vec(),
            _ => first.into_inner().unwrap_or_else(|| {
                // Before r stand the length, f and the constraints.
                let counters = &minimum.checkpoint.counters;
                let before = 2 + counters.counts.iter().sum::<usize>();
                let known = counters.spent.log.first();
                let residuals = known.and_then(|known| known.get(before..));
                residuals.unwrap_or_default().to_vec()
            }),
        };
        let expected = "long enough for one evaluation";
        require(!residuals.is_empty(), "max_time", 0.0, expected)?;
        if !constrained {
            minimum.value = settings.loss.value(&residuals);
        }
        Ok(End {
            minimum,
            residuals,
            bounds,
            constrained,
            settings,
            run_settings,
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
    let same = (value - saved.value).abs() <= 1e-12 * saved.value;
    let advice = "resume with the loss of the saved fit, or start anew from its x";
    compatible(same, "loss", "a checkpoint of a fit with others", advice)
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
        finite(function, &entries)?;
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
