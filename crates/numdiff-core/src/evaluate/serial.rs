//! Line by line on the calling thread.

use crate::Error;
use crate::line::LineResults;
use crate::line::Pending;
use crate::line::{BASE, LineValues};
use crate::line::{Line, LineSet};
use crate::moves::{AnyFunction, Failure};
use crate::plan::next_block;
use crate::scheme::{LineError, Scheme, Source};
use crate::step::Pace;

/// Buffers of a run, kept between runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    pub cache: LineValues,
    /// f(x), once it is known.
    pub base: Vec<f64>,
    pub moves: Vec<(usize, f64)>,
}

/// Answers a scheme by calling f.
struct EvaluatingSource<'a> {
    line: &'a Line<'a>,
    scratch: &'a mut Scratch,
    f: &'a mut dyn AnyFunction,
    outputs: usize,
    evaluations: usize,
    failure: Option<Error>,
}

impl EvaluatingSource<'_> {
    #[inline]
    fn evaluate(&mut self, t: f64) -> Result<(), Error> {
        let Scratch { cache, base, moves } = &mut *self.scratch;
        let values = if t == 0.0 { base } else { &mut cache.values };
        let at = values.len();
        let outcome = self.f.moved(self.line.moves(t, moves), values);
        self.evaluations += 1;
        if let Err(source) = outcome {
            return Err(failed(self.line, t, source));
        }
        self.line.line_set.contract(values, at)?;
        let found = values.len() - at;
        if self.outputs == 0 && found > 0 {
            self.outputs = found;
        }
        if found == self.outputs && found > 0 {
            Ok(())
        } else {
            Err(wrong_count(found, self.outputs))
        }
    }
}

#[cold]
fn failed(line: &Line<'_>, t: f64, source: Failure) -> Error {
    let (coordinate, displacement) = line.first(t);
    Error::function(coordinate, displacement, source)
}

/// f returned no outputs, or another number of them than before.
#[cold]
fn wrong_count(found: usize, expected: usize) -> Error {
    if found == 0 {
        Error::Empty {
            argument: "f's output",
        }
    } else {
        Error::OutputsChanged { found, expected }
    }
}

impl Source for EvaluatingSource<'_> {
    #[inline]
    fn fetch(&mut self, t: f64) -> Result<usize, Pending> {
        if t == 0.0 {
            if self.scratch.base.is_empty()
                && let Err(error) = self.evaluate(t)
            {
                self.scratch.base.clear();
                self.failure = Some(error);
                return Err(Pending);
            }
            return Ok(BASE);
        }
        if let Some(slot) = self.scratch.cache.find(t) {
            return Ok(slot);
        }
        if let Err(error) = self.evaluate(t) {
            self.failure = Some(error);
            return Err(Pending);
        }
        self.scratch.cache.ts.push(t);
        Ok(self.scratch.cache.ts.len() - 1)
    }

    #[inline]
    fn announce(&mut self, _: &[f64]) {}

    #[inline]
    fn get(&self, slot: usize, output: usize) -> f64 {
        if slot == BASE {
            self.scratch.base[output]
        } else {
            self.scratch.cache.values[slot * self.outputs + output]
        }
    }

    #[inline]
    fn all(&self, slot: usize) -> Option<&[f64]> {
        Some(if slot == BASE {
            &self.scratch.base[..]
        } else {
            &self.scratch.cache.values[slot * self.outputs..(slot + 1) * self.outputs]
        })
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn is_settled(&self, _: usize) -> bool {
        false
    }

    fn settle(&mut self, _: usize) {}

    fn waits(&self) -> bool {
        false
    }
}

/// Differentiates along every line. `results` holds the estimates and the count of evaluations.
pub(crate) fn run(
    scheme: &Scheme,
    line_set: &mut LineSet,
    f: &mut dyn AnyFunction,
    scratch: &mut Scratch,
    results: &mut LineResults,
) -> Result<(), Error> {
    let begun = f.begin(&line_set.x);
    begun.map_err(|source| Error::function(0, 0.0, source))?;
    begin(scheme, line_set, scratch, results)?;
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

/// Takes what the caller gave.
pub(crate) fn begin(
    scheme: &Scheme,
    line_set: &LineSet,
    scratch: &mut Scratch,
    results: &mut LineResults,
) -> Result<(), Error> {
    results.begin(
        line_set.lines(),
        line_set.compressed_entries(),
        scheme.is_adaptive(),
    );
    scratch.base.clear();
    scratch.base.extend_from_slice(&line_set.given);
    if !line_set.given.is_empty() {
        line_set.contract(&mut scratch.base, 0)?;
        results.shape(scratch.base.len())?;
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
    let mut source = EvaluatingSource {
        line: &line,
        scratch,
        f,
        outputs: results.outputs,
        evaluations: 0,
        failure: None,
    };
    let run = scheme.run(&line, at, &mut source, results);
    results.evaluations += source.evaluations;
    match run {
        Ok(()) => Ok(()),
        Err(LineError::Error(error)) => Err(error),
        Err(LineError::Pending) => Err(source.failure.unwrap_or(Error::Empty {
            argument: "f's output",
        })),
    }
}
