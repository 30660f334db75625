//! From the settings of a stochastic run to its result.

use super::{Stochastic, StochasticMinimum};
use crate::Error;
use crate::bounds::Bounds;
use crate::checkpoint::{Checkpoint, RunState};
use crate::evaluator::{Callback, CallerPoint, Driver, GradientSource};
use crate::first_order::{BatchDescent, UpdateRule};
use crate::input::{check_start, check_unknowns};
use crate::interrupt::Cause;
use crate::observer::Watch;
use crate::problem::{Asked, Problem};
use crate::run::run;
use crate::solver::Solver;
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
    let settings = &this.settings;
    settings.validate(false)?;
    let rule = UpdateRule::new(&settings.method, settings.schedule, x.len());
    let rule = rule.ok_or(Error::Conflict {
        setting: "a method without a learning rate",
        other: "batches",
        advice: "take Method::Adam or another method with a learning rate",
    })?;
    let (mut f, mut batches, mut given) = (this.f, this.batches, this.given);
    let current: RefCell<Option<B>> = RefCell::new(None);
    let of_batch = |x: &X::Seen| match &*current.borrow() {
        Some(batch) => f(x, batch).outcome().map_err(Into::<Cause>::into),
        None => unreachable!("a batch is set before every call"),
    };
    let mut callback = Callback::new(of_batch, this.x0, Driver::Serial);
    let source = match given.as_mut() {
        Some(given) => GradientSource::Analytic(Box::new(|x, out| match &*current.borrow() {
            Some(batch) => given(x, batch, out),
            None => unreachable!("a batch is set before every call"),
        })),
        None => GradientSource::Fixed(Box::new(this.difference)),
    };
    let limits = settings.limits(usize::MAX);
    let mut problem = Problem::new(&mut callback, source, Bounds::default(), limits);
    problem.batches = Some(Box::new(|| {
        let mut current = current.borrow_mut();
        *current = batches.next();
        current.is_some()
    }));
    // The method and the schedule of a resumed run are those of the saved one.
    problem.asked = Asked {
        batches: true,
        ..Asked::default()
    };
    let mut solver = match this.resumed {
        Some(saved) => {
            check_unknowns(saved.x().len(), x.len())?;
            saved.counters.fits(&problem.asked, &problem.bounds)?;
            problem.resume(saved.counters);
            match saved.run_state {
                RunState::Run(solver) => solver,
                RunState::Start(_) => unreachable!("batches begin with their first step"),
            }
        }
        None => Solver::Batches(Box::new(BatchDescent::new(x, rule, true))),
    };
    let mut watch = Watch::new(this.observer, settings.record_every);
    let begin = solver.iteration();
    let end = run(&mut solver, &mut problem, usize::MAX, |solver, problem| {
        // A batch tells f where its step begins: nothing is known of the start.
        solver.iteration() > begin && watch.see(solver, problem, false)
    });
    let status = end.or_else(|interrupt| interrupt.status(f64::NAN))?;
    let (x, state) = (solver.snapshot().x.to_vec(), solver.snapshot());
    Ok(StochasticMinimum {
        x: this.x0.like(x),
        value: state.f,
        status,
        iterations: state.iteration,
        evaluations: problem.budget.spent.evaluations,
        gradient_evaluations: problem.budget.spent.gradients,
        trajectory: watch.trajectory,
        checkpoint: Checkpoint {
            counters: problem.counters(),
            run_state: RunState::Run(solver),
        },
    })
}
