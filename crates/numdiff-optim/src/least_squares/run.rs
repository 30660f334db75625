//! From the question to the fit.

use super::calls::Calls;
use super::evaluator::{Closures, Erased, by_rows};
use super::levenberg_marquardt::LevenbergMarquardt;
use super::linear::Linear;
use super::settings::Settings;
use super::{Fit, FitCheckpoint, FitIteration, Observer};
use crate::checkpoint::Stage;
use crate::evaluator::Given;
use crate::input::{check_start, check_unknowns, resolve};
use crate::matrix::dot;
use crate::meter::{Limits, Meter};
use crate::oracle::Halt;
use crate::{Error, Status};
use ndarray::{Array1, Array2};
use numdiff_core::{Bound, SparsityPattern};
use std::time::Instant;

/// A fit without the types of its r and x.
pub(super) struct Question<'a> {
    pub x0: Vec<f64>,
    pub settings: Settings,
    pub given: Option<Given<'a>>,
    pub bounds: Option<(Bound, Bound)>,
    pub pattern: Option<SparsityPattern>,
    pub observer: Option<Observer<'a>>,
    pub resumed: Option<FitCheckpoint>,
}

impl Question<'_> {
    pub fn run(self, r: Erased<'_>) -> Result<Fit<Vec<f64>>, Error> {
        let n = self.x0.len();
        check_start(&self.x0)?;
        let x = match &self.resumed {
            Some(checkpoint) => {
                check_unknowns(checkpoint.x().len(), n)?;
                checkpoint.x().to_vec()
            }
            None => self.x0.clone(),
        };
        let bounds = resolve(self.bounds, &x)?;
        self.settings.validate()?;
        if self.given.is_some() && self.pattern.is_some() {
            return Err(Error::Conflict {
                setting: "sparsity",
                other: "a given Jacobian",
                advice: "drop one of them",
            });
        }
        let is_given = self.given.is_some();
        let mut closures = Closures {
            f: r,
            given: self.given,
            structure: self.pattern.map(by_rows),
        };
        let settings = self.settings;
        let limits = Limits {
            evaluations: settings
                .evaluations
                .unwrap_or(n.saturating_add(1).saturating_mul(1000)),
            deadline: settings
                .time
                .and_then(|time| Instant::now().checked_add(time)),
            target: settings.target,
        };
        let mut calls = Calls {
            residuals: &mut closures,
            bounds,
            meter: Meter::new(limits),
            is_given,
            entries: 0,
        };
        let stage = match self.resumed {
            None => Stage::Start(x),
            Some(saved) => {
                calls.meter.evaluations = saved.evaluations;
                calls.meter.gradients = saved.jacobian_evaluations;
                calls.meter.journal = saved.journal;
                calls.meter.journal.rewind();
                saved.stage
            }
        };
        let (mut state, residuals) = match stage {
            Stage::Run(state) => {
                calls.entries = state.residuals.len() * n;
                let residuals = state.residuals.clone();
                (state, residuals)
            }
            Stage::Start(x) => {
                let residuals = first(&mut calls, &x)?;
                calls.entries = residuals.len() * n;
                let started = LevenbergMarquardt::start(
                    x.clone(),
                    residuals.clone(),
                    settings.tolerance,
                    &mut calls,
                );
                match started {
                    Ok(state) => {
                        calls.meter.next_iteration(false);
                        (state, residuals)
                    }
                    Err(halt) => {
                        let status = status_of(halt, &calls)?;
                        return Ok(finish(self.x0, residuals, Stage::Start(x), status, &calls));
                    }
                }
            }
        };
        if let Some(target) = settings.target
            && state.value <= target
        {
            let status = Status::TargetReached { value: state.value };
            return Ok(finish(
                self.x0,
                residuals,
                Stage::Run(state),
                status,
                &calls,
            ));
        }
        let status = follow(&mut state, &mut calls, settings.iterations, self.observer)?;
        Ok(finish(
            self.x0,
            residuals,
            Stage::Run(state),
            status,
            &calls,
        ))
    }
}

/// The residuals at the start, where a failure is the caller's to hear of.
fn first(calls: &mut Calls<'_>, x: &[f64]) -> Result<Vec<f64>, Error> {
    let mut residuals = Vec::new();
    match calls.residuals(x, &mut residuals) {
        Err(halt) => return Err(hopeless(halt, calls)),
        Ok(Err(source)) => {
            return Err(Error::Function {
                function: "the residuals",
                evaluation: 1,
                source,
            });
        }
        Ok(Ok(())) => {}
    }
    if residuals.is_empty() {
        return Err(numdiff_core::Error::Empty {
            argument: "the residuals",
        }
        .into());
    }
    let value = residuals.iter().copied().find(|r| !r.is_finite());
    // The squares of residuals above 1e154 overflow.
    let value = value.unwrap_or(dot(&residuals, &residuals));
    if !value.is_finite() {
        return Err(Error::StartNotFinite { value });
    }
    Ok(residuals)
}

fn follow(
    state: &mut LevenbergMarquardt,
    calls: &mut Calls<'_>,
    iterations: usize,
    mut observer: Option<Observer<'_>>,
) -> Result<Status, Error> {
    let mut seen = usize::MAX;
    loop {
        if state.iteration != seen {
            seen = state.iteration;
            let show = FitIteration {
                iteration: state.iteration,
                x: &state.x[..],
                residuals: &state.residuals,
                value: state.value,
                step: state.last_step,
                evaluations: calls.meter.evaluations,
                jacobian_evaluations: calls.meter.gradients,
                state,
                journal: &calls.meter.journal,
            };
            if observer
                .as_mut()
                .is_some_and(|observer| observer(&show).is_break())
            {
                return Ok(Status::Stopped);
            }
        }
        if state.iteration >= iterations {
            return Ok(Status::OutOfIterations);
        }
        match state.iterate(calls) {
            Ok(end) => {
                calls.meter.next_iteration(false);
                if let Some(status) = end {
                    return Ok(status);
                }
            }
            Err(halt) => return status_of(halt, calls),
        }
    }
}

fn status_of(halt: Halt, calls: &Calls<'_>) -> Result<Status, Error> {
    match halt {
        Halt::Evaluations => Ok(Status::OutOfEvaluations),
        Halt::Time => Ok(Status::OutOfTime),
        halt => Err(hopeless(halt, calls)),
    }
}

fn hopeless(halt: Halt, calls: &Calls<'_>) -> Error {
    let function = "the Jacobian";
    match halt {
        Halt::Gradient(source) | Halt::Jacobian(source) => Error::Function {
            function,
            evaluation: calls.meter.gradients,
            source,
        },
        Halt::Length(found) => Error::Elements {
            function,
            found,
            expected: calls.entries,
        },
        Halt::Constraints { found, expected } => Error::ConstraintCount {
            evaluation: calls.meter.evaluations,
            found,
            expected,
        },
        Halt::Difference(error) => Error::Difference(error),
        Halt::Evaluations | Halt::Time | Halt::Target => Error::Setting {
            setting: "max_time",
            value: 0.0,
            expected: "long enough for one evaluation",
        },
    }
}

fn finish(
    x0: Vec<f64>,
    residuals: Vec<f64>,
    stage: Stage<LevenbergMarquardt>,
    status: Status,
    calls: &Calls<'_>,
) -> Fit<Vec<f64>> {
    let (m, n) = (residuals.len(), x0.len());
    let (evaluations, jacobian_evaluations) = (calls.meter.evaluations, calls.meter.gradients);
    let checkpoint = Some(FitCheckpoint {
        stage: stage.clone(),
        evaluations,
        jacobian_evaluations,
        journal: calls.meter.journal.clone(),
    });
    let Stage::Run(state) = stage else {
        return Fit {
            value: residuals.iter().map(|r| r * r).sum(),
            residuals: Array1::from(residuals),
            gradient: vec![f64::NAN; n],
            jacobian: Array2::from_elem((m, n), f64::NAN),
            status,
            iterations: 0,
            evaluations,
            jacobian_evaluations,
            checkpoint,
            x: x0,
        };
    };
    let mut jacobian = Array2::zeros((m, n));
    match &state.jacobian {
        Linear::Dense { columns, .. } => {
            for (j, column) in columns.iter().enumerate() {
                column
                    .iter()
                    .enumerate()
                    .for_each(|(i, &v)| jacobian[(i, j)] = v);
            }
        }
        Linear::Sparse { pattern, values } => {
            let (starts, indices) = pattern.csr();
            for i in 0..m {
                (starts[i]..starts[i + 1]).for_each(|k| jacobian[(i, indices[k])] = values[k]);
            }
        }
    }
    Fit {
        gradient: state.gradient(),
        x: state.x.clone(),
        value: state.value,
        residuals: Array1::from(state.residuals.clone()),
        jacobian,
        status,
        iterations: state.iteration,
        evaluations,
        jacobian_evaluations,
        checkpoint,
    }
}
