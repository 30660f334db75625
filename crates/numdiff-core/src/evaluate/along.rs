//! A scalar function along one line, on the calling thread.

use super::values::Evaluating;
use crate::Error;
use crate::line::{Line, LineSet, Pending, Scratch};
use crate::moves::AnyFunction;
use crate::scheme::OneOutput;

/// Tells f the base point, of several the first.
pub(crate) fn begin(f: &mut dyn AnyFunction, line_set: &LineSet) -> Result<(), Error> {
    let begun = f.begin(line_set.point(0));
    begun.map_err(|source| Error::function(0, 0.0, source))
}

/// Runs `scheme` along a line, and returns its answer and the count of evaluations. f has begun at
/// x; f(x) is kept in `scratch` for the lines that follow.
pub(crate) fn along<R>(
    line: &Line<'_>,
    f: &mut dyn AnyFunction,
    scratch: &mut Scratch,
    scheme: impl FnOnce(&mut OneOutput<'_>) -> Result<R, Pending>,
) -> Result<(R, usize), Error> {
    scratch.cache.clear();
    let outputs = scratch.base.len();
    let mut source = Evaluating::new(f, line, scratch, outputs);
    let run = scheme(&mut OneOutput {
        line,
        source: &mut source,
        output: 0,
    });
    match run {
        Ok(answer) => Ok((answer, source.count)),
        Err(Pending) => Err(source.why()),
    }
}
