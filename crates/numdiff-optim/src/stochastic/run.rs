//! From the settings of a stochastic run to its result.

use super::{Stochastic, StochasticMinimum};
use crate::bounds::Bounds;
use crate::budget::EvaluationBudget;
use crate::checkpoint::RunState;
use crate::evaluator::{Callback, CallerPoint, Driver, Evaluator, GradientSource};
use crate::first_order::{BatchDescent, Batches, UpdateRule};
use crate::input::{check_start, check_unknowns};
use crate::observer::{Iteration, Watch};
use crate::problem::{Asked, RunCounters};
use crate::run::run;
use crate::{Checkpoint, Error};
use numdiff_core::{Outcome, Point};
use std::cell::RefCell;

pub(super) fn minimize<F, R, X, B, I>(
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
    this.settings.validate()?;
    let Some(rule) = UpdateRule::new(&this.method, this.schedule, x.len()) else {
        return Err(Error::Conflict {
            setting: "a method without a learning rate",
            other: "batches",
            advice: "take Method::Adam or another method with a learning rate",
        });
    };
    let mut budget = EvaluationBudget::new(this.settings.limits(usize::MAX));
    let mut solver = match this.resumed {
        Some(saved) => {
            check_unknowns(saved.x().len(), x.len())?;
            // The method and the schedule are those of the saved run.
            let asked = asked();
            saved.counters.fits(&asked, &Bounds::default())?;
            budget.resume(saved.counters.spent);
            match saved.run_state {
                RunState::Batches(solver) => solver,
                _ => unreachable!("no other is of batches"),
            }
        }
        None => BatchDescent::new(x, rule),
    };
    let current: RefCell<Option<B>> = RefCell::new(None);
    let mut f = this.f;
    let of_batch = |x: &X::Seen| match &*current.borrow() {
        Some(batch) => f(x, batch)
            .outcome()
            .map_err(Into::<crate::interrupt::Cause>::into),
        None => unreachable!("a batch is set before every call"),
    };
    let mut callback = Callback::new(of_batch, this.x0, Driver::Serial);
    let mut given = this.given;
    let source = match given.as_mut() {
        Some(given) => GradientSource::Analytic(Box::new(|x, out| match &*current.borrow() {
            Some(batch) => given(x, batch, out),
            None => unreachable!("a batch is set before every call"),
        })),
        None => GradientSource::Fixed(Box::new(this.difference)),
    };
    let mut problem = Batches {
        evaluator: Evaluator::new(&mut callback, source),
        budget,
        batches: this.batches,
        current: &current,
        wants_value: true,
        begun: false,
    };
    let mut watch = Watch::new(this.observer, this.settings.record_every);
    let begin = solver.steps;
    let end = run(&mut solver, &mut problem, usize::MAX, |solver, problem| {
        // A batch tells f where its step begins: nothing is known of the start.
        if solver.steps == begin {
            return false;
        }
        let [value, gradient_norm, step] = solver.last;
        let iteration = Iteration {
            iteration: solver.steps,
            x: &solver.x[..],
            value,
            violation: 0.0,
            gradient: &[],
            gradient_norm,
            residuals: &[],
            step,
            evaluations: problem.budget.spent.evaluations,
            gradient_evaluations: problem.budget.spent.gradients,
            save: &|| saved(solver.clone(), &problem.budget),
        };
        watch.see(&iteration, false)
    });
    let status = end.or_else(|interrupt| interrupt.status(f64::NAN))?;
    let checkpoint = saved(solver.clone(), &problem.budget);
    Ok(StochasticMinimum {
        x: this.x0.like(solver.x),
        value: solver.last[0],
        status,
        iterations: solver.steps,
        evaluations: problem.budget.spent.evaluations,
        gradient_evaluations: problem.budget.spent.gradients,
        trajectory: watch.recorder.trajectory,
        checkpoint,
    })
}

fn asked() -> Asked {
    Asked {
        batches: true,
        ..Asked::default()
    }
}

fn saved(solver: BatchDescent, budget: &EvaluationBudget) -> Checkpoint {
    Checkpoint {
        run_state: RunState::Batches(solver),
        counters: RunCounters {
            spent: budget.spent.clone(),
            asked: asked(),
            ..RunCounters::default()
        },
    }
}
