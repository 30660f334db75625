//! The evaluations on the threads of the current rayon pool.
//!
//! Lines do not depend on one another, and a line's estimate does not depend on who evaluates it:
//! the bits are those of the serial driver for any number of threads.

mod lines;
mod rounds;
mod share;

pub(crate) use lines::Worker;
pub(crate) use rounds::{Found, rounds};
pub(crate) use share::each;

use super::rounds::failure;
use crate::evaluate::workspace::Buffers;
use crate::moves::AnyFunction;
use crate::operators::{AnyOperator, Operator};
use crate::plan::lines::LinePlan;
use crate::scheme::Scheme;
use crate::{Error, Function};
use lines::{Seed, by_lines};
use std::time::{Duration, Instant};

/// Below this much work that is left, in all, starting threads costs more than it saves (waking
/// the workers of a pool takes some 10 microseconds each).
pub(crate) const WORTH_SHARING: Duration = Duration::from_micros(200);

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

/// Differentiates along every line of the set with up to `threads` threads; `vector` numbers are the
/// operator's v or u.
pub(crate) fn run(
    scheme: &Scheme,
    operator: AnyOperator,
    vector: &mut Vec<f64>,
    worker: &AnyWorker<'_>,
    threads: usize,
    buffers: &mut Buffers,
) -> Result<(), Error> {
    // The first evaluation is timed, and used whichever way is taken.
    let rounds = std::mem::take(buffers.rounds());
    let line_set = &buffers.line_set;
    let [x, given] = [&line_set.x, &line_set.given].map(|all| all.iter().copied());
    let mut plan = LinePlan::at(
        rounds,
        scheme,
        operator,
        (x, given),
        std::mem::take(vector),
        line_set.epsilon,
    )?;
    let mut done = Ok(());
    worker(&mut |f| done = first(scheme, &mut plan, f, worker, threads, buffers));
    (*buffers.rounds(), *vector) = (plan.rounds, plan.vector);
    done
}

/// Evaluates one of the plan's first jobs, and decides by its cost.
fn first(
    scheme: &Scheme,
    plan: &mut LinePlan,
    f: &mut dyn AnyFunction,
    worker: &AnyWorker<'_>,
    threads: usize,
    buffers: &mut Buffers,
) -> Result<(), Error> {
    let Buffers {
        line_set,
        results,
        scratch,
        workers,
        shares,
        ..
    } = buffers;
    if plan.jobs() == 0 {
        results.clone_from(&plan.rounds.results);
        return Ok(());
    }
    let begun = f.begin(&line_set.x);
    begun.map_err(|source| Error::function(0, 0.0, source))?;
    let mut values = std::mem::take(&mut scratch.base);
    values.clear();
    let start = Instant::now();
    let (id, line, t) = plan.rounds.first();
    let moves = plan.job(id);
    f.moved(moves, &mut values)
        .map_err(|source| failure(moves, &line_set.x, source))?;
    let cost = start.elapsed();
    // Groups of columns are few lines with many outputs: their evaluations are shared, not they.
    let grouped = line_set.compressed_entries().is_some();
    let few = grouped || line_set.lines() < 4 * threads;
    if threads > 1 && cost >= WORTH_A_JOB && (few || !scheme.is_adaptive()) {
        plan.tell(id, Some(&values))?;
        scratch.base = values;
        rounds(plan, worker, threads, shares, None)?;
        std::mem::swap(results, &mut plan.rounds.results);
        line_set.unit.clone_from(&plan.rounds.line_set.unit);
        return Ok(());
    }
    let threads = if grouped { 1 } else { threads };
    let seed = Seed { line, t, values };
    by_lines(
        scheme,
        line_set,
        worker,
        f,
        seed,
        cost,
        threads,
        (scratch, workers),
        results,
    )?;
    plan.operator.conclude(line_set, results);
    Ok(())
}
