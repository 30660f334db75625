//! The evaluations on the threads of the current rayon pool.
//!
//! Lines do not depend on one another, and a line's estimate does not depend on who evaluates it:
//! the bits are those of the serial driver for any number of threads.

use super::rounds::failure;
use super::serial::{self, Scratch};
use crate::operators::Operator;
use crate::plan::Plan;
use crate::plan::lines::{LinePlan, Rounds};
use crate::results::Results;
use crate::scheme::Scheme;
use crate::survey::Survey;
use crate::workspace::Workspace;
use crate::{Error, Function, Real};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Below this much work that is left, in all, starting threads costs more than it saves (waking
/// the workers of a pool takes some 10 microseconds each).
pub(crate) const WORTH_SHARING: Duration = Duration::from_micros(200);

/// An evaluation at least this long pays for planning it as a job of its own.
const WORTH_A_JOB: Duration = Duration::from_micros(20);

/// Runs any plan at x; the evaluations of each round are shared among threads.
///
/// `worker` makes the function for one thread; it is called for each thread and round. The values
/// are told in the order of the jobs, so that the result does not depend on the number of threads.
/// Returns the count of evaluations.
///
/// # Errors
/// As [`drive`](crate::drive); of several evaluations that fail in a round, the first job's error.
pub fn drive_threads<P, W, F>(plan: &mut P, worker: W, x: &[f64]) -> Result<usize, Error>
where
    P: Plan + Sync,
    W: Fn() -> F + Sync,
    F: Function,
{
    plan.begin(x)?;
    rounds(
        plan,
        &worker,
        x,
        rayon::current_num_threads(),
        &mut Vec::new(),
    )
}

/// Runs the rounds of a plan that was begun.
fn rounds<P, W, F>(
    plan: &mut P,
    worker: &W,
    x: &[f64],
    threads: usize,
    found: &mut Vec<Found>,
) -> Result<usize, Error>
where
    P: Plan + Sync,
    W: Fn() -> F + Sync,
    F: Function,
{
    let mut evaluations = 0;
    while plan.jobs() > 0 {
        let jobs = plan.jobs();
        let threads = threads.clamp(1, jobs);
        found.resize_with(threads.max(found.len()), Found::default);
        found.iter_mut().for_each(Found::clear);
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        {
            let (plan, next, failed) = (&*plan, &next, &failed);
            share(&mut found[..threads], |found| {
                let mut f = worker();
                if let Err(source) = f.begin(x) {
                    found.failure = Some((
                        0,
                        Error::Function {
                            coordinate: 0,
                            displacement: 0.0,
                            source: source.into(),
                        },
                    ));
                    return;
                }
                while !failed.load(Ordering::Relaxed) {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    if id >= jobs {
                        break;
                    }
                    let moves = plan.job(id);
                    match f.moved(moves, &mut found.values) {
                        Ok(()) => found.ends.push((id, found.values.len())),
                        Err(source) => {
                            found.failure = Some((id, failure(moves, x, source.into())));
                            failed.store(true, Ordering::Relaxed);
                        }
                    }
                }
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
        evaluations += jobs;
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

/// Runs `work` for each number of a range on several threads, each with a workspace of its own.
/// Returns what it found, in order, up to the first error, and this error.
pub(crate) fn each<T: Real, R: Send>(
    range: std::ops::Range<usize>,
    threads: usize,
    work: impl Fn(&mut Workspace<T>, usize) -> Result<R, Error> + Sync,
) -> (Vec<R>, Option<Error>) {
    let next = AtomicUsize::new(range.start);
    let failed = AtomicBool::new(false);
    let mut done: Vec<Vec<(usize, Result<R, Error>)>> = Vec::new();
    done.resize_with(threads.clamp(1, range.len().max(1)), Vec::new);
    share(&mut done, |own| {
        let mut workspace = Workspace::new();
        // Numbers are taken in order, and what is taken is done: nothing before an error is missing.
        while !failed.load(Ordering::Relaxed) {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= range.end {
                break;
            }
            let found = work(&mut workspace, i);
            if found.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            own.push((i, found));
        }
    });
    let mut done: Vec<_> = done.into_iter().flatten().collect();
    done.sort_unstable_by_key(|(i, _)| *i);
    let mut found = Vec::with_capacity(done.len());
    for (_, result) in done {
        match result {
            Ok(result) => found.push(result),
            Err(error) => return (found, Some(error)),
        }
    }
    (found, None)
}

/// Runs `work` once for each item, the last on this thread.
fn share<I: Send>(items: &mut [I], work: impl Fn(&mut I) + Sync) {
    let Some((last, others)) = items.split_last_mut() else {
        return;
    };
    rayon::in_place_scope(|scope| {
        for item in others {
            let work = &work;
            scope.spawn(move |_| work(item));
        }
        work(last);
    });
}

/// Buffers of one thread.
#[derive(Debug, Default)]
pub(crate) struct Worker {
    scratch: Scratch,
    /// Blocks (first line, last line + 1) in the order in which this thread took them.
    blocks: Vec<(usize, usize)>,
    found: Results,
    failure: Option<(usize, Error)>,
}

/// A copy of a workspace starts without what its threads left behind.
impl Clone for Worker {
    fn clone(&self) -> Self {
        Worker::default()
    }
}

/// Differentiates along every line with up to `threads` threads.
#[allow(clippy::too_many_arguments)]
pub(crate) fn run<O, W, F>(
    scheme: &Scheme,
    operator: &O,
    survey: &mut Survey,
    vector: &mut Vec<f64>,
    worker: W,
    threads: Option<usize>,
    rounds: &mut Rounds,
    (scratch, workers, found): (&mut Scratch, &mut Vec<Worker>, &mut Vec<Found>),
    results: &mut Results,
) -> Result<(), Error>
where
    O: Operator,
    W: Fn() -> F + Sync,
    F: Function,
{
    let threads = threads.unwrap_or_else(rayon::current_num_threads).max(1);
    // The first evaluation is timed, and used whichever way is taken.
    let mut plan = LinePlan::reuse(
        std::mem::take(rounds),
        scheme.clone(),
        operator.clone(),
        &survey.x,
        std::mem::take(vector),
        survey.epsilon,
    )?;
    let done = first(
        scheme,
        operator,
        survey,
        &mut plan,
        &worker,
        threads,
        (scratch, workers, found),
        results,
    );
    (*rounds, *vector) = (plan.rounds, plan.vector);
    done
}

/// Evaluates the plan's first job, and decides by its cost.
#[allow(clippy::too_many_arguments)]
fn first<O, W, F>(
    scheme: &Scheme,
    operator: &O,
    survey: &mut Survey,
    plan: &mut LinePlan<O>,
    worker: &W,
    threads: usize,
    (scratch, workers, found): (&mut Scratch, &mut Vec<Worker>, &mut Vec<Found>),
    results: &mut Results,
) -> Result<(), Error>
where
    O: Operator,
    W: Fn() -> F + Sync,
    F: Function,
{
    if plan.jobs() == 0 {
        results.clone_from(&plan.rounds.results);
        return Ok(());
    }
    let mut f = worker();
    let begun = f.begin(&survey.x);
    begun.map_err(|source| Error::Function {
        coordinate: 0,
        displacement: 0.0,
        source: source.into(),
    })?;
    let mut values = std::mem::take(&mut scratch.base);
    values.clear();
    let start = Instant::now();
    let moves = plan.job(0);
    f.moved(moves, &mut values)
        .map_err(|source| failure(moves, &survey.x, source.into()))?;
    let cost = start.elapsed();
    // Groups of columns are few lines with many outputs: their evaluations are shared, not they.
    let grouped = survey.reads().is_some();
    let few = grouped || survey.lines() < 4 * threads;
    if threads > 1 && cost >= WORTH_A_JOB && (few || !scheme.goes_around()) {
        plan.tell(0, Some(&values))?;
        scratch.base = values;
        let mut rest = Told { plan, first: 1 };
        if rest.jobs() == 0 {
            rest.close()?;
        }
        rounds(&mut rest, worker, &survey.x, threads, found)?;
        std::mem::swap(results, &mut rest.plan.rounds.results);
        survey.unit.clone_from(&rest.plan.rounds.survey.unit);
        return Ok(());
    }
    let threads = if grouped { 1 } else { threads };
    let seed = Seed {
        t: plan.rounds.displacement(0),
        values,
    };
    by_lines(
        scheme,
        survey,
        worker,
        &mut f,
        seed,
        cost,
        threads,
        (scratch, workers),
        results,
    )?;
    operator.conclude(survey, results);
    Ok(())
}

/// A plan whose open round was told up to `first`.
struct Told<'p, P> {
    plan: &'p mut P,
    first: usize,
}

impl<P: Plan> Plan for Told<'_, P> {
    fn begin(&mut self, x: &[f64]) -> Result<(), Error> {
        self.first = 0;
        self.plan.begin(x)
    }

    fn jobs(&self) -> usize {
        self.plan.jobs() - self.first
    }

    fn job(&self, id: usize) -> crate::Moves<'_> {
        self.plan.job(id + self.first)
    }

    fn tell(&mut self, id: usize, values: Option<&[f64]>) -> Result<(), Error> {
        self.plan.tell(id + self.first, values)
    }

    fn close(&mut self) -> Result<(), Error> {
        self.first = 0;
        self.plan.close()
    }
}

/// Line by line: the first on this thread, the rest shared when that is worth while.
#[allow(clippy::too_many_arguments)]
fn by_lines<W, F>(
    scheme: &Scheme,
    survey: &mut Survey,
    worker: &W,
    f: &mut F,
    seed: Seed,
    cost: Duration,
    threads: usize,
    buffers: (&mut Scratch, &mut Vec<Worker>),
    results: &mut Results,
) -> Result<(), Error>
where
    W: Fn() -> F + Sync,
    F: Function,
{
    let (scratch, workers) = buffers;
    serial::begin(scheme, survey, scratch, results)?;
    let factor = scheme.factor(survey);
    let (lines, barrier) = (survey.lines(), survey.barrier());
    results.evaluations = 1;
    seed.plant(survey, scratch, results)?;
    // The seed is in the cache: the first line does not clear it.
    serial::line_from(scheme, survey, 0, 0, factor, f, scratch, results)?;
    let (mut next, mut cost) = (1, cost * results.evaluations as u32);
    let per_line = cost;
    while next < lines {
        if next == barrier {
            scheme.pass_barrier(survey, results);
        }
        let end = if next < barrier { barrier } else { lines };
        let left = u32::try_from(end - next).unwrap_or(u32::MAX);
        let needs_base = scratch.base.is_empty() && scheme.bounds.is_some();
        if threads == 1 || needs_base || per_line.saturating_mul(left) < WORTH_SHARING {
            // Timed again and again: the first call of f may have been an untypical one.
            let start = Instant::now();
            let stop = end.min(next + 64);
            for k in next..stop {
                scratch.cache.clear();
                serial::line_from(scheme, survey, k, k, factor, f, scratch, results)?;
            }
            cost = start.elapsed();
            let done = u32::try_from(stop - next).unwrap_or(1).max(1);
            next = stop;
            if threads == 1 || needs_base || (cost / done).saturating_mul(left) < WORTH_SHARING {
                continue;
            }
            if next == end {
                continue;
            }
        }
        shared_lines(
            scheme,
            survey,
            worker,
            next..end,
            factor,
            threads,
            &scratch.base,
            workers,
            results,
        )?;
        next = end;
    }
    Ok(())
}

/// What the first, timed evaluation told.
pub(crate) struct Seed {
    /// The displacement; 0 for f(x).
    pub t: f64,
    pub values: Vec<f64>,
}

impl Seed {
    fn plant(
        mut self,
        survey: &Survey,
        scratch: &mut Scratch,
        results: &mut Results,
    ) -> Result<(), Error> {
        survey.contract(&mut self.values, 0)?;
        results.shape(self.values.len())?;
        scratch.cache.clear();
        if self.t == 0.0 {
            scratch.base = self.values;
        } else {
            scratch.cache.ts.push(self.t);
            scratch.cache.values.extend_from_slice(&self.values);
            if scratch.base.is_empty() {
                // The buffer, for the values at x.
                self.values.clear();
                scratch.base = self.values;
            }
        }
        Ok(())
    }
}

#[allow(clippy::too_many_arguments)]
fn shared_lines<W, F>(
    scheme: &Scheme,
    survey: &Survey,
    worker: &W,
    lines: std::ops::Range<usize>,
    factor: f64,
    threads: usize,
    base: &[f64],
    workers: &mut Vec<Worker>,
    results: &mut Results,
) -> Result<(), Error>
where
    W: Fn() -> F + Sync,
    F: Function,
{
    let count = lines.len();
    let threads = threads.min(count);
    // Small enough for even loads when lines differ in cost, large enough to be taken rarely.
    let block = (count / (16 * threads)).clamp(1, 1024);
    workers.resize_with(threads.max(workers.len()), Worker::default);
    let next = AtomicUsize::new(lines.start);
    let failed = AtomicBool::new(false);
    let outputs = results.outputs;
    let bars = results.bars;
    share(&mut workers[..threads], |own| {
        own.blocks.clear();
        own.failure = None;
        own.scratch.base.clear();
        own.scratch.base.extend_from_slice(base);
        own.found.begin(0, None, bars);
        own.found.outputs = outputs;
        let mut f = worker();
        if let Err(source) = f.begin(&survey.x) {
            let error = Error::Function {
                coordinate: 0,
                displacement: 0.0,
                source: source.into(),
            };
            own.failure = Some((0, error));
            return;
        }
        while !failed.load(Ordering::Relaxed) {
            let first = next.fetch_add(block, Ordering::Relaxed);
            if first >= lines.end {
                break;
            }
            let last = lines.end.min(first + block);
            own.blocks.push((first, last));
            own.found.grow(last - first);
            let offset = own.found.lines - (last - first);
            for k in first..last {
                own.scratch.cache.clear();
                let at = offset + k - first;
                let line = serial::line_from(
                    scheme,
                    survey,
                    k,
                    at,
                    factor,
                    &mut f,
                    &mut own.scratch,
                    &mut own.found,
                );
                if let Err(error) = line {
                    own.failure = Some((k, error));
                    failed.store(true, Ordering::Relaxed);
                    return;
                }
            }
        }
    });
    let failures = workers[..threads]
        .iter_mut()
        .filter_map(|own| own.failure.take());
    if let Some((_, error)) = failures.min_by_key(|(line, _)| *line) {
        return Err(error);
    }
    for own in &workers[..threads] {
        let mut at = 0;
        for &(first, last) in &own.blocks {
            results.copy(first, &own.found, at, last - first);
            at += last - first;
        }
        results.evaluations += own.found.evaluations;
        results.vanished += own.found.vanished;
    }
    if results.vanished > 0 && results.first_vanished.is_none() {
        let first = |own: &Worker| own.found.first_vanished.map(|at| own.line_at(at));
        results.first_vanished = workers[..threads].iter().filter_map(first).min();
    }
    Ok(())
}

impl Worker {
    /// The line whose estimate stands at `at` in what this thread found.
    fn line_at(&self, at: usize) -> usize {
        let mut start = 0;
        for &(first, last) in &self.blocks {
            if at < start + last - first {
                return first + at - start;
            }
            start += last - first;
        }
        at
    }
}
