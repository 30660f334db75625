//! The evaluations of each round of a plan are shared.

use super::AnyWorker;
use super::share::share;
use crate::Error;
use crate::evaluate::{Watch, along};
use crate::plan::LinePlan;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Runs the rounds of a plan that was begun; jobs that were told are left out. The values are told in the
/// order of the jobs, so that the result does not depend on the number of threads.
pub(crate) fn rounds(
    plan: &mut LinePlan,
    worker: &AnyWorker<'_>,
    threads: usize,
    found: &mut Vec<Found>,
    watch: Option<&mut Watch<'_>>,
) -> Result<(), Error> {
    let watch = watch.map(Mutex::new);
    while plan.jobs() > 0 {
        let jobs = plan.jobs();
        let open = plan.untold();
        let threads = threads.clamp(1, open.max(1));
        found.resize_with(threads.max(found.len()), Found::default);
        found.iter_mut().for_each(Found::clear);
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        {
            let (plan, next, failed, watch) = (&*plan, &next, &failed, &watch);
            let (told, made) = (plan.told(), &AtomicUsize::new(0));
            share(&mut found[..threads], |found| {
                worker(&mut |f| {
                    if let Err(error) = along::begin(f, &plan.line_set) {
                        found.failure = Some((0, error));
                        return;
                    }
                    while !failed.load(Ordering::Relaxed) {
                        let id = next.fetch_add(1, Ordering::Relaxed);
                        if id >= jobs {
                            break;
                        }
                        if plan.is_told(id) {
                            continue;
                        }
                        match f.moved(plan.job(id), &mut found.values) {
                            Ok(()) => {
                                found.ends.push((id, found.values.len()));
                                if let Some(watch) = watch {
                                    let mut watch =
                                        watch.lock().unwrap_or_else(PoisonError::into_inner);
                                    let made = made.fetch_add(1, Ordering::Relaxed) + 1;
                                    watch(told + made, open - made);
                                }
                            }
                            Err(source) => {
                                found.failure = Some((id, plan.failure(id, source)));
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
        plan.close()?;
    }
    Ok(())
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
