//! A plan's evaluations by threads of their own, however many: for an f that waits, such as an
//! external program.

use crate::error::expect;
use crate::{AskTell, Error, Outputs};
use std::any::Any;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Evaluates what a plan asks for by `workers` threads, each of which takes the next point as soon as
/// it is free. The threads are started for this call and belong to no pool, so that there may be more of
/// them than processors: a worker that waits for an external program costs nothing.
///
/// f takes a point (a slice in row-major order) and returns its outputs (`[value]` for a scalar f) or a
/// `Result` of them. A point at which f fails is asked for again, twice; an adaptive method then goes
/// around it, a fixed one ends with [`Error::EvaluationFailed`].
///
/// `progress` is called after each evaluation, one call at a time, with the plan as it stands: to print
/// how far it is, or to save it. After `ControlFlow::Break` no further evaluation begins; those that run
/// are finished and told. The call returns whether the plan is finished. A plan that is not finished can
/// go on by another call, also in another process after it was saved.
///
/// The result of the plan is that of the serial call, to the last bit, whatever the number of workers.
///
/// # Errors
/// [`Error::OutOfRange`] for no workers; what the plan makes of the values.
///
/// # Panics
/// With the panic of f or of `progress`, after the other evaluations ended.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_core::{Adaptive, drive_workers};
/// use std::ops::ControlFlow;
///
/// let f = |x: &[f64]| [(x[0] * x[1]).sin()];
/// let mut plan = Adaptive::new().plan().gradient(&array![0.5, 2.0]).ask_tell()?;
/// let mut evaluations = 0;
/// let finished = drive_workers(&mut plan, 8, f, |plan| {
///     evaluations = plan.evaluations();
///     ControlFlow::Continue(())
/// })?;
/// let g = plan.finish()?;
/// println!("{finished}, {evaluations} evaluations, error {:.0e}", g.value[0] - 2.0 * 1f64.cos());
/// assert!(finished && evaluations == g.evaluations);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn drive_workers<A, F, R>(
    plan: &mut AskTell<A>,
    workers: usize,
    f: F,
    progress: impl FnMut(&AskTell<A>) -> ControlFlow<()> + Send,
) -> Result<bool, Error>
where
    F: Fn(&[f64]) -> R + Sync,
    R: Outputs<f64>,
{
    expect(workers > 0, "workers", 0.0, "at least 1")?;
    let crew = Crew {
        state: Mutex::new(State {
            plan,
            progress,
            next: 0,
            running: 0,
            ended: None,
        }),
        changed: Condvar::new(),
    };
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| crew.work(&f));
        }
    });
    let state = crew
        .state
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    match state.ended {
        Some(End::Finished) => Ok(true),
        Some(End::Stopped) | None => Ok(false),
        Some(End::Failed(error)) => Err(error),
        Some(End::Panicked(panic)) => resume_unwind(panic),
    }
}

/// Why no further evaluation begins.
enum End {
    Finished,
    Stopped,
    Failed(Error),
    Panicked(Box<dyn Any + Send>),
}

struct State<'p, A, G> {
    plan: &'p mut AskTell<A>,
    progress: G,
    /// Jobs of the open round below this one were told before or taken.
    next: usize,
    running: usize,
    ended: Option<End>,
}

struct Crew<'p, A, G> {
    state: Mutex<State<'p, A, G>>,
    changed: Condvar,
}

impl<'p, A, G: FnMut(&AskTell<A>) -> ControlFlow<()>> Crew<'p, A, G> {
    /// Takes and evaluates jobs until the run ends.
    fn work<R: Outputs<f64>>(&self, f: &impl Fn(&[f64]) -> R) {
        let (mut point, mut values) = (Vec::new(), Vec::new());
        while let Some(id) = self.take(&mut point) {
            values.clear();
            let outcome = catch_unwind(AssertUnwindSafe(|| f(&point).push_to(&mut values).is_ok()));
            let mut state = self.lock();
            state.running -= 1;
            match outcome {
                Ok(succeeded) => state.tell(id, succeeded.then_some(&values)),
                Err(panic) => {
                    state.ended.get_or_insert(End::Panicked(panic));
                }
            }
            self.changed.notify_all();
        }
    }

    /// The next job and its point; waits while the round's last evaluations run elsewhere.
    fn take(&self, point: &mut Vec<f64>) -> Option<usize> {
        let mut state = self.lock();
        loop {
            if state.ended.is_some() {
                return None;
            }
            if let Some(id) = state.untaken() {
                point.clear();
                point.extend_from_slice(state.plan.x());
                state.plan.job(id).for_each(|i, to| point[i] = to);
                (state.next, state.running) = (id + 1, state.running + 1);
                return Some(id);
            }
            if state.running == 0 {
                state.close();
                self.changed.notify_all();
            } else {
                let woken = self.changed.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<'p, A, G>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A, G: FnMut(&AskTell<A>) -> ControlFlow<()>> State<'_, A, G> {
    /// A job of the open round that was neither told nor taken.
    fn untaken(&self) -> Option<usize> {
        (self.next..self.plan.jobs()).find(|&id| !self.plan.is_told(id))
    }

    fn tell(&mut self, id: usize, values: Option<&Vec<f64>>) {
        if let Err(error) = self.plan.tell_job(id, values.map(Vec::as_slice)) {
            self.ended.get_or_insert(End::Failed(error));
            return;
        }
        let progress = catch_unwind(AssertUnwindSafe(|| (self.progress)(self.plan)));
        match progress {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => {
                self.ended.get_or_insert(End::Stopped);
            }
            Err(panic) => {
                self.ended.get_or_insert(End::Panicked(panic));
            }
        }
    }

    /// Every job of the round was told: opens the next round.
    fn close(&mut self) {
        if self.plan.jobs() == 0 {
            self.ended = Some(End::Finished);
            return;
        }
        self.next = 0;
        if let Err(error) = self.plan.close() {
            self.ended = Some(End::Failed(error));
        }
    }
}
