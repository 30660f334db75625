//! The evaluations on the threads of the current rayon pool.
//!
//! Lines do not depend on one another, and a line's estimate does not depend on who evaluates it:
//! the bits are those of the serial driver for any number of threads.

mod lines;
mod rounds;
mod share;

use rounds::Found;
pub(crate) use rounds::rounds;

use super::along;
use crate::line::Scratch;
use crate::moves::AnyFunction;
use crate::plan::LinePlan;
use crate::{Error, Function};
use lines::{Seed, Worker, by_lines};
use std::time::{Duration, Instant};

/// Below this much work that is left, in all, starting threads costs more than it saves (waking
/// the workers of a pool takes some 10 microseconds each).
const WORTH_SHARING: Duration = Duration::from_micros(200);

/// An evaluation at least this long pays for planning it as a job of its own.
const WORTH_A_JOB: Duration = Duration::from_micros(20);

/// What is done with an f.
pub(crate) type Use<'u> = dyn FnMut(&mut dyn AnyFunction) + 'u;

/// Makes f for one thread, and lets it be used.
pub(crate) type AnyWorker<'w> = dyn Fn(&mut Use<'_>) + Sync + 'w;

/// A worker that makes an f of one type, as one of any.
pub(crate) fn any<F: Function>(worker: impl Fn() -> F + Sync) -> impl Fn(&mut Use<'_>) + Sync {
    move |hand: &mut Use<'_>| hand(&mut worker())
}

/// Buffers of the threads.
#[derive(Clone, Default)]
pub(crate) struct Shared {
    workers: Vec<Worker>,
    pub found: Vec<Found>,
}

/// Differentiates along every line of a plan, whose first round is open, with up to `threads` threads.
///
/// One of the plan's first jobs decides by its cost: it is timed, and used whichever way is taken. Where f is
/// cheap the plan is left: the lines begin anew, one by one.
pub(crate) fn run(
    plan: &mut LinePlan,
    worker: &AnyWorker<'_>,
    threads: usize,
    scratch: &mut Scratch,
    Shared { workers, found }: &mut Shared,
) -> Result<(), Error> {
    let mut first = |f: &mut dyn AnyFunction| {
        if plan.jobs() == 0 {
            return Ok(());
        }
        along::begin(f, &plan.line_set)?;
        let mut values = std::mem::take(&mut scratch.base);
        values.clear();
        let start = Instant::now();
        let (id, line, t) = plan.first();
        let moves = plan.job(id);
        f.moved(moves, &mut values)
            .map_err(|source| plan.failure(id, source))?;
        let cost = start.elapsed();
        // Groups of columns are few lines with many outputs: their evaluations are shared, not they.
        let grouped = plan.line_set.compressed_entries().is_some();
        let shares = match plan.line_set.has_several_points() {
            true => plan.line_set.points(),
            false => plan.line_set.lines(),
        };
        let few = grouped || shares < threads.saturating_mul(4);
        if threads > 1 && cost >= WORTH_A_JOB && (few || !plan.scheme.is_adaptive()) {
            plan.tell(id, Some(&values))?;
            scratch.base = values;
            return rounds(plan, worker, threads, found, None);
        }
        let threads = if grouped { 1 } else { threads };
        let seed = (Seed { line, t, values }, cost);
        by_lines(plan, worker, f, seed, threads, scratch, workers)
    };
    let mut done = Ok(());
    worker(&mut |f| done = first(f));
    done
}
