//! Line by line on the calling thread.

use super::along;
use super::values::Evaluating;
use crate::Error;
use crate::line::{LineResults, LineSet, Scratch};
use crate::moves::AnyFunction;
use crate::plan::{begin, next_block};
use crate::scheme::{LineError, Scheme};
use crate::step::Pace;

/// Differentiates along every line. `results` holds the estimates and the count of evaluations.
pub(crate) fn run(
    scheme: &Scheme,
    line_set: &mut LineSet,
    f: &mut dyn AnyFunction,
    scratch: &mut Scratch,
    results: &mut LineResults,
) -> Result<(), Error> {
    along::begin(f, line_set)?;
    begin(scheme, line_set, &mut scratch.base, results)?;
    let pace = scheme.pace(line_set);
    let mut next = 0;
    while let Some(block) = next_block(&mut next, usize::MAX, scheme, line_set, results) {
        for k in block {
            scratch.cache.clear();
            line_from(scheme, line_set, k, k, pace, f, scratch, results)?;
        }
    }
    Ok(())
}

/// Differentiates along line `k`, starting from the values in the cache; the estimates go to line
/// `at` of the results.
#[allow(clippy::too_many_arguments)]
pub(crate) fn line_from(
    scheme: &Scheme,
    line_set: &LineSet,
    k: usize,
    at: usize,
    pace: Pace,
    f: &mut dyn AnyFunction,
    scratch: &mut Scratch,
    results: &mut LineResults,
) -> Result<(), Error> {
    let line = scheme.line(line_set, k, pace);
    let mut source = Evaluating::new(f, &line, scratch, results.outputs);
    let run = scheme.run(&line, at, &mut source, results);
    results.evaluations += source.count;
    match run {
        Ok(()) => Ok(()),
        Err(LineError::Error(error)) => Err(error),
        Err(LineError::Pending) => Err(source.why()),
    }
}
