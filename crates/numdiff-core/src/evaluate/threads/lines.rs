//! Whole lines are shared.

use super::share::share;
use super::{AnyWorker, WORTH_SHARING};
use crate::Error;
use crate::evaluate::along;
use crate::evaluate::serial::Lines;
use crate::line::{LineResults, LineSet, Scratch};
use crate::moves::AnyFunction;
use crate::plan::{LinePlan, begin, next_lines};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Buffers of one thread.
#[derive(Debug, Default)]
pub(crate) struct Worker {
    scratch: Scratch,
    /// Blocks (first line, last line + 1) in the order in which this thread took them.
    blocks: Vec<(usize, usize)>,
    found: LineResults,
    failure: Option<(usize, Error)>,
}

/// A copy of a workspace starts without what its threads left behind.
impl Clone for Worker {
    fn clone(&self) -> Self {
        Worker::default()
    }
}

/// Line by line: the first ones on this thread, the rest shared when that is worth while.
pub(super) fn by_lines(
    plan: &mut LinePlan,
    worker: &AnyWorker<'_>,
    f: &mut dyn AnyFunction,
    (seed, cost): (Seed, Duration),
    threads: usize,
    scratch: &mut Scratch,
    workers: &mut Vec<Worker>,
) -> Result<(), Error> {
    let LinePlan {
        operator,
        scheme,
        line_set,
        results,
        ..
    } = plan;
    begin(scheme, line_set, &mut scratch.base, results)?;
    let pace = scheme.pace(line_set);
    (results.evaluations, scratch.point) = (1, 0);
    let (mut next, mut per_line, mut seed) = (0, cost, Some(seed));
    while let Some(mut block) = next_lines(&mut next, usize::MAX, scheme, line_set, results) {
        let lines = Lines {
            scheme,
            line_set,
            pace,
        };
        while !block.is_empty() {
            let left = u32::try_from(block.len()).unwrap_or(u32::MAX);
            let one_base = !line_set.has_several_points() && scheme.bounds.is_some();
            let needs_base = one_base && scratch.base.is_empty();
            let alone = threads == 1 || needs_base || seed.is_some();
            if alone || per_line.saturating_mul(left) < WORTH_SHARING {
                // Timed again and again: the first call of f may have been an untypical one.
                let start = Instant::now();
                let most = if seed.is_some() { 1 } else { 64 };
                let done = whole_points(line_set, block.len().min(most));
                for k in block.by_ref().take(done) {
                    scratch.cache.clear();
                    let seed = seed.take_if(|seed| seed.line == k);
                    let (is_timed, before) = (seed.is_some(), results.evaluations);
                    if let Some(seed) = seed {
                        lines.enter(k, f, scratch)?;
                        seed.plant(line_set, scratch, results)?;
                    }
                    lines.differentiate(k, k, f, scratch, results)?;
                    if is_timed {
                        per_line = cost * (1 + results.evaluations - before) as u32;
                    }
                }
                let rest = (start.elapsed() / done as u32).saturating_mul(left);
                if block.is_empty() || alone || rest < WORTH_SHARING {
                    continue;
                }
            }
            let (rest, base) = (std::mem::take(&mut block), &scratch.base);
            shared_lines(lines, worker, rest, threads, base, workers, results)?;
        }
    }
    operator.conclude(line_set, results);
    Ok(())
}

/// `lines`, or a few more: as many as belong to whole points.
fn whole_points(line_set: &LineSet, lines: usize) -> usize {
    match line_set.has_several_points() {
        true => lines.next_multiple_of(line_set.coordinates()),
        false => lines,
    }
}

/// The first evaluation, which was timed.
pub(crate) struct Seed {
    /// Its line.
    pub line: usize,
    /// The displacement; 0 for f(x).
    pub t: f64,
    pub values: Vec<f64>,
}

impl Seed {
    fn plant(
        mut self,
        line_set: &LineSet,
        scratch: &mut Scratch,
        results: &mut LineResults,
    ) -> Result<(), Error> {
        line_set.contract(&mut self.values, 0)?;
        results.shape(self.values.len())?;
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

fn shared_lines(
    lines: Lines<'_>,
    worker: &AnyWorker<'_>,
    range: Range<usize>,
    threads: usize,
    base: &[f64],
    workers: &mut Vec<Worker>,
    results: &mut LineResults,
) -> Result<(), Error> {
    let count = range.len();
    let threads = threads.min(count);
    // Small enough for even loads when lines differ in cost, large enough to be taken rarely.
    let block = whole_points(lines.line_set, (count / (16 * threads)).clamp(1, 1024));
    workers.resize_with(threads.max(workers.len()), Worker::default);
    let next = AtomicUsize::new(range.start);
    let failed = AtomicBool::new(false);
    let outputs = results.outputs;
    let bars = results.bars;
    share(&mut workers[..threads], |own| {
        own.blocks.clear();
        own.failure = None;
        own.scratch.base.clear();
        if !lines.line_set.has_several_points() {
            own.scratch.base.extend_from_slice(base);
        }
        own.scratch.point = 0;
        own.found.begin(0, None, bars);
        own.found.outputs = outputs;
        worker(&mut |f| {
            if let Err(error) = along::begin(f, lines.line_set) {
                own.failure = Some((0, error));
                return;
            }
            while !failed.load(Ordering::Relaxed) {
                let first = next.fetch_add(block, Ordering::Relaxed);
                if first >= range.end {
                    break;
                }
                let last = range.end.min(first + block);
                own.blocks.push((first, last));
                own.found.grow(last - first);
                let offset = own.found.lines - (last - first);
                for k in first..last {
                    own.scratch.cache.clear();
                    let at = offset + k - first;
                    let (scratch, found) = (&mut own.scratch, &mut own.found);
                    if let Err(error) = lines.differentiate(k, at, f, scratch, found) {
                        own.failure = Some((k, error));
                        failed.store(true, Ordering::Relaxed);
                        return;
                    }
                }
            }
        });
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
