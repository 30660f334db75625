//! The thread of a rank in which the user's function runs, so that the rank can answer meanwhile.

use crate::message::{Done, Failure, Task};
use numdiff_core::{Function, Moves, OwnedMoves};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// Takes tasks, gives what was done, in order.
pub(crate) struct Evaluator {
    tasks: Sender<Task>,
    done: Receiver<Done>,
    abandoned: Arc<AtomicBool>,
}

impl Evaluator {
    /// Starts the thread. It is not waited for in the end: an evaluation that never returns must
    /// not keep its rank.
    pub fn start<W, F>(worker: W) -> Self
    where
        W: Fn() -> F + Send + 'static,
        F: Function,
    {
        let (tasks, inbox) = channel();
        let (outbox, done) = channel();
        let abandoned = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&abandoned);
        std::thread::spawn(move || run(&worker, &inbox, &outbox, &flag));
        Evaluator {
            tasks,
            done,
            abandoned,
        }
    }

    pub fn send(&self, task: Task) {
        // The thread catches what f panics with, and ends only after this end is gone.
        let _ = self.tasks.send(task);
    }

    pub fn try_done(&self) -> Option<Done> {
        self.done.try_recv().ok()
    }

    /// Waits, for no longer than `pause`.
    pub fn wait(&self, pause: Duration) -> Option<Done> {
        match self.done.recv_timeout(pause) {
            Ok(done) => Some(done),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(pause);
                None
            }
        }
    }
}

/// The evaluation under way is the last.
impl Drop for Evaluator {
    fn drop(&mut self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }
}

fn run<W, F>(worker: &W, tasks: &Receiver<Task>, done: &Sender<Done>, abandoned: &AtomicBool)
where
    W: Fn() -> F,
    F: Function,
{
    let (mut x, mut outputs) = (Vec::new(), Vec::new());
    let mut f = Err(Failure::Begin("no x was given".into()));
    for task in tasks {
        match task {
            Task::Begin {
                start,
                length,
                part,
            } => {
                x.truncate(start);
                x.extend_from_slice(&part);
                if x.len() == length {
                    f = begin(worker, &x);
                }
            }
            Task::Evaluate { batch, jobs } => {
                let mut found = Done {
                    batch,
                    ..Done::default()
                };
                let start = Instant::now();
                for job in &jobs {
                    if abandoned.load(Ordering::Relaxed) {
                        return;
                    }
                    outputs.clear();
                    let outcome = evaluate(&mut f, job, &mut outputs);
                    if outcome.is_ok() {
                        found.values.extend_from_slice(&outputs);
                    }
                    if matches!(outcome, Err(Failure::Panic(_))) {
                        // What a panic left behind is not trusted.
                        f = begin(worker, &x);
                    }
                    found.outcomes.push(outcome.map(|()| outputs.len()));
                }
                found.seconds = start.elapsed().as_secs_f64();
                if done.send(found).is_err() {
                    return;
                }
            }
            Task::Stop => return,
        }
    }
}

fn begin<W: Fn() -> F, F: Function>(worker: &W, x: &[f64]) -> Result<F, Failure> {
    let begun = catch_unwind(AssertUnwindSafe(|| {
        let mut f = worker();
        f.begin(x).map(|()| f)
    }));
    match begun {
        Ok(Ok(f)) => Ok(f),
        Ok(Err(error)) => Err(Failure::Begin(error.into().to_string())),
        Err(panic) => Err(Failure::Begin(format!("it panicked: {}", said(&*panic)))),
    }
}

fn evaluate<F: Function>(
    f: &mut Result<F, Failure>,
    job: &OwnedMoves,
    outputs: &mut Vec<f64>,
) -> Result<(), Failure> {
    let f = f.as_mut().map_err(|failure| failure.clone())?;
    let moves = match job {
        OwnedMoves::None => Moves::None,
        OwnedMoves::One(i, to) => Moves::One(*i, *to),
        OwnedMoves::Many(many) => Moves::Many(many),
    };
    match catch_unwind(AssertUnwindSafe(|| f.moved(moves, outputs))) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Failure::Error(error.into().to_string())),
        Err(panic) => Err(Failure::Panic(said(&*panic))),
    }
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("something other than text").to_string()
}
