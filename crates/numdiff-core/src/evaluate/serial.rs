//! Line by line on the calling thread.

use super::along;
use super::values::Evaluating;
use crate::Error;
use crate::line::{LineResults, LineSet, Scratch};
use crate::moves::AnyFunction;
use crate::plan::{begin, next_lines};
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
    scratch.point = 0;
    begin(scheme, line_set, &mut scratch.base, results)?;
    let pace = scheme.pace(line_set);
    let mut next = 0;
    while let Some(block) = next_lines(&mut next, usize::MAX, scheme, line_set, results) {
        let lines = Lines {
            scheme,
            line_set,
            pace,
        };
        for k in block {
            scratch.cache.clear();
            lines.differentiate(k, k, f, scratch, results)?;
        }
    }
    Ok(())
}

/// Lines, as a scheme differentiates along them.
#[derive(Clone, Copy)]
pub(crate) struct Lines<'a> {
    pub scheme: &'a Scheme,
    pub line_set: &'a LineSet,
    pub pace: Pace,
}

impl Lines<'_> {
    /// Differentiates along line `k`, starting from the values in the cache; the estimates go to line
    /// `at` of the results.
    pub fn differentiate(
        self,
        k: usize,
        at: usize,
        f: &mut dyn AnyFunction,
        scratch: &mut Scratch,
        results: &mut LineResults,
    ) -> Result<(), Error> {
        let line = self.scheme.line(self.line_set, k, self.pace);
        let point = self.line_set.point_of(k);
        if point != scratch.point {
            scratch.base.clear();
            let begun = f.begin(self.line_set.point(point));
            begun.map_err(|source| Error::function(line.first(0.0).0, 0.0, source))?;
            scratch.point = point;
        }
        let mut source = Evaluating::new(f, &line, scratch, results.outputs);
        let run = self.scheme.run(&line, at, &mut source, results);
        results.evaluations += source.count;
        match run {
            Ok(()) => Ok(()),
            Err(LineError::Error(error)) => Err(error),
            Err(LineError::Pending) => Err(source.why()),
        }
    }
}
