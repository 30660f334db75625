//! The evaluations of each round of a plan are shared.

use super::share::share;
use super::{AnyWorker, any};
use crate::evaluate::rounds::failure;
use crate::plan::lines::LinePlan;
use crate::{AskTell, Error, Function};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Runs a plan at x; the evaluations of each round are shared among threads.
///
/// `worker` makes the function for one thread; it is called for each thread and round. The values
/// are told in the order of the jobs, so that the result does not depend on the number of threads.
/// Returns the count of evaluations.
///
/// # Errors
/// Those of [`drive`](crate::drive); of several evaluations that fail in a round, the first job's error.
pub fn drive_threads<A, W, F>(plan: &mut AskTell<A>, worker: W, x: &[f64]) -> Result<usize, Error>
where
    W: Fn() -> F + Sync,
    F: Function,
{
    plan.begin(x)?;
    rounds(
        &mut plan.plan,
        &any(worker),
        x,
        rayon::current_num_threads(),
        &mut Vec::new(),
    )
}

/// Runs the rounds of a plan that was begun; jobs that were told are left out.
pub(super) fn rounds(
    plan: &mut LinePlan,
    worker: &AnyWorker<'_>,
    x: &[f64],
    threads: usize,
    found: &mut Vec<Found>,
) -> Result<usize, Error> {
    let mut evaluations = 0;
    while plan.jobs() > 0 {
        let jobs = plan.jobs();
        let open = plan.rounds.untold();
        let threads = threads.clamp(1, open.max(1));
        found.resize_with(threads.max(found.len()), Found::default);
        found.iter_mut().for_each(Found::clear);
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        {
            let (plan, next, failed) = (&*plan, &next, &failed);
            share(&mut found[..threads], |found| {
                worker(&mut |f| {
                    if let Err(source) = f.begin(x) {
                        found.failure = Some((0, Error::function(0, 0.0, source)));
                        return;
                    }
                    while !failed.load(Ordering::Relaxed) {
                        let id = next.fetch_add(1, Ordering::Relaxed);
                        if id >= jobs {
                            break;
                        }
                        if plan.rounds.is_told(id) {
                            continue;
                        }
                        let moves = plan.job(id);
                        match f.moved(moves, &mut found.values) {
                            Ok(()) => found.ends.push((id, found.values.len())),
                            Err(source) => {
                                found.failure = Some((id, failure(moves, x, source)));
                                failed.store(true, Ordering::Relaxed);
                            }
                        }
                    }
                });
            });
        }
        if let Some((_, error)) = found
            .iter_mut()
            .filter_map(|f| f.failure.take())
            .min_by_key(|(id, _)| *id)
        {
            return Err(error);
        }
        for found in &found[..threads] {
            let mut start = 0;
            for &(id, end) in &found.ends {
                plan.tell(id, Some(&found.values[start..end]))?;
                start = end;
            }
        }
        evaluations += open;
        plan.close()?;
    }
    Ok(evaluations)
}

/// What one thread found in a round: ids, and the ends of their values.
#[derive(Debug, Default)]
pub(crate) struct Found {
    values: Vec<f64>,
    ends: Vec<(usize, usize)>,
    failure: Option<(usize, Error)>,
}

/// As that of a [`Worker`].
impl Clone for Found {
    fn clone(&self) -> Self {
        Found::default()
    }
}

impl Found {
    fn clear(&mut self) {
        self.values.clear();
        self.ends.clear();
        self.failure = None;
    }
}
