//! The loop over the batches.

use super::{BatchStep, Stochastic, StochasticCheckpoint, StochasticMinimum};
use crate::budget::{EvaluationBudget, Limits};
use crate::error::require;
use crate::evaluator::{Callback, CallerPoint, Driver, Evaluator, Given};
use crate::first_order::UpdateRule;
use crate::input::{check_start, check_unknowns};
use crate::interrupt::{DifferenceFailure, GradientFailure, Interrupt};
use crate::replay_log::ReplayLog;
use crate::{Divergence, Error, Record, Status, Trajectory};
use numdiff_core::{FiniteDifference, Outcome, Point};
use std::cell::RefCell;

pub(super) fn run<F, R, X, B, I>(
    this: Stochastic<'_, F, X, B, I>,
) -> Result<StochasticMinimum<X::Like>, Error>
where
    F: FnMut(&X::Seen, &B) -> R,
    R: Outcome<f64>,
    X: Point<f64> + ?Sized,
    I: Iterator<Item = B>,
{
    let x = CallerPoint::new(this.x0).numbers();
    check_start(&x)?;
    this.method.validate()?;
    this.schedule.validate()?;
    require(
        this.max_evaluations > 0,
        "max_evaluations",
        0.0,
        "at least 1",
    )?;
    let (Some(rule), Some(rate)) = (
        UpdateRule::new(&this.method, x.len()),
        this.method.learning_rate(),
    ) else {
        return Err(Error::Conflict {
            setting: "a method without a learning rate",
            other: "batches",
            advice: "take Method::Adam or another method with a learning rate",
        });
    };
    let n = x.len();
    let mut state = StochasticCheckpoint {
        x,
        rule,
        rate,
        schedule: this.schedule,
        steps: 0,
        evaluations: 0,
        gradient_evaluations: 0,
        log: ReplayLog::default(),
    };
    if let Some(saved) = this.resumed {
        check_unknowns(saved.x.len(), n)?;
        state = saved;
    }
    let is_given = this.given.is_some();
    // The batch at hand, fixed for the code that knows functions of x alone.
    let current: RefCell<Option<B>> = RefCell::new(None);
    let mut f = this.f;
    let of_batch = |x: &X::Seen| match &*current.borrow() {
        Some(batch) => f(x, batch)
            .outcome()
            .map_err(Into::<crate::interrupt::Cause>::into),
        None => unreachable!("a batch is set before every call"),
    };
    let mut callback = Callback::new(of_batch, this.x0, None);
    let mut given = this.given;
    let given = given.as_mut().map(|given| -> Given<'_> {
        Box::new(|x, out| match &*current.borrow() {
            Some(batch) => given(x, batch, out),
            None => unreachable!("a batch is set before every call"),
        })
    });
    let mut calls = Evaluator::new(&mut callback, given, Driver::Serial);
    let mut budget = EvaluationBudget::new(Limits {
        evaluations: this.max_evaluations,
        deadline: None,
        target: None,
    });
    (budget.evaluations, budget.gradients) = (state.evaluations, state.gradient_evaluations);
    budget.log = std::mem::take(&mut state.log);
    budget.log.rewind();
    let (mut value, mut status) = (f64::NAN, Status::OutOfIterations);
    let mut trajectory = Trajectory::default();
    let mut gradient = vec![0.0; n];
    let mut observer = this.observer;
    for batch in this.batches {
        *current.borrow_mut() = Some(batch);
        match gradient_of(
            &mut calls,
            &state,
            &this.difference,
            is_given,
            &mut gradient,
            &mut budget,
        ) {
            Ok(seen) => value = seen,
            Err(Ended::Budget) => {
                status = Status::OutOfEvaluations;
                break;
            }
            Err(Ended::Error(error)) => return Err(error),
        }
        budget.next_iteration(is_given);
        let before = state.x.clone();
        let rate = state.rate * state.schedule.factor(state.steps);
        state.rule.step(rate, &mut state.x, &gradient);
        state.steps += 1;
        (state.evaluations, state.gradient_evaluations) = (budget.evaluations, budget.gradients);
        if state.x.iter().any(|x| !x.is_finite()) {
            state.x = before;
            let cause = Divergence::NotFinite;
            status = Status::Diverged {
                iteration: state.steps,
                cause,
            };
            break;
        }
        let gradient_norm = crate::matrix::norm(&gradient);
        if this.record {
            trajectory.records.push(Record {
                iteration: state.steps,
                x: state.x.clone(),
                value,
                violation: 0.0,
                gradient_norm,
                step: crate::matrix::norm(&crate::matrix::difference(&state.x, &before)),
                evaluations: state.evaluations,
            });
        }
        if let Some(observer) = observer.as_mut() {
            let step = BatchStep {
                step: state.steps,
                x: &state.x[..],
                value,
                gradient_norm,
                evaluations: state.evaluations,
                state: &state,
            };
            if observer(&step).is_break() {
                status = Status::Stopped;
                break;
            }
        }
    }
    (state.evaluations, state.gradient_evaluations) = (budget.evaluations, budget.gradients);
    state.log = budget.log;
    Ok(StochasticMinimum {
        x: this.x0.like(state.x.clone()),
        value,
        status,
        iterations: state.steps,
        evaluations: state.evaluations,
        gradient_evaluations: state.gradient_evaluations,
        trajectory,
        checkpoint: state,
    })
}

/// Why there is no gradient.
enum Ended {
    Budget,
    Error(Error),
}

impl From<Interrupt> for Ended {
    fn from(_: Interrupt) -> Self {
        // A stochastic run has no other limit.
        Ended::Budget
    }
}

/// f of the batch at x, and the gradient where the method wants it.
fn gradient_of(
    calls: &mut Evaluator<'_, '_>,
    state: &StochasticCheckpoint,
    difference: &FiniteDifference,
    is_given: bool,
    gradient: &mut [f64],
    budget: &mut EvaluationBudget,
) -> Result<f64, Ended> {
    let x = &state.x;
    budget.log.open("f", &[x]);
    let value = match budget.value(|| calls.value(x))? {
        Ok(value) => value,
        Err(source) => {
            return Err(Ended::Error(Error::Function {
                function: "f",
                evaluation: budget.evaluations,
                source,
            }));
        }
    };
    let at = state.rule.ahead(x).unwrap_or_else(|| x.clone());
    if is_given {
        budget.log.open("gradient", &[&at]);
        let failure = match calls.gradient(&at, gradient, budget)? {
            Ok(()) => return Ok(value),
            Err(failure) => failure,
        };
        let function = "the gradient";
        return Err(Ended::Error(match failure {
            GradientFailure::Cause(source) => Error::Function {
                function,
                evaluation: budget.gradients,
                source,
            },
            GradientFailure::NotFinite(index, value) => numdiff_core::Error::NotFinite {
                argument: function,
                index,
                value,
            }
            .into(),
            GradientFailure::Length(found) => Error::Elements {
                function,
                found,
                expected: gradient.len(),
            },
        }));
    }
    budget.log.open(&format!("{difference:?}"), &[&at]);
    let run = calls.difference(difference, &at, gradient, budget);
    if let Some(interrupt) = budget.refused() {
        return Err(interrupt.into());
    }
    run.map_err(|DifferenceFailure(error)| Ended::Error(error.into()))?;
    Ok(value)
}
