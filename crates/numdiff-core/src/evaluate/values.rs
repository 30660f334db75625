//! f's values along one line, where a scheme asks for them.

use crate::Error;
use crate::error::expect_outputs;
use crate::line::{BASE, Line, Pending, Scratch};
use crate::moves::{AnyFunction, Failure};
use crate::scheme::Source;

/// Answers a scheme by calling f: values along one line that are computed when they are asked for, once each.
pub(crate) struct Evaluating<'a> {
    f: &'a mut dyn AnyFunction,
    line: &'a Line<'a>,
    scratch: &'a mut Scratch,
    /// Outputs of f; 0: not known yet.
    outputs: usize,
    /// How many evaluations were made.
    pub count: usize,
    failure: Option<Error>,
}

impl<'a> Evaluating<'a> {
    /// Values in the buffers' place, of an f with so many outputs (0: not known yet).
    pub fn new(
        f: &'a mut dyn AnyFunction,
        line: &'a Line<'a>,
        scratch: &'a mut Scratch,
        outputs: usize,
    ) -> Self {
        Evaluating {
            f,
            line,
            scratch,
            outputs,
            count: 0,
            failure: None,
        }
    }

    /// All outputs of the values kept at `slot`.
    #[inline]
    fn kept(&self, slot: usize) -> &[f64] {
        if slot == BASE {
            &self.scratch.base
        } else {
            &self.scratch.cache.values[slot * self.outputs..(slot + 1) * self.outputs]
        }
    }

    #[cold]
    fn failed(&mut self, t: f64, source: Failure) -> Pending {
        let (coordinate, displacement) = self.line.first(t);
        self.fail(t, Error::function(coordinate, displacement, source))
    }

    #[cold]
    fn fail(&mut self, t: f64, error: Error) -> Pending {
        if t == 0.0 {
            self.scratch.base.clear();
        }
        self.failure = Some(error);
        Pending
    }

    /// Why a scheme stopped.
    pub fn why(self) -> Error {
        self.failure.unwrap_or(Error::Empty {
            argument: "f's output",
        })
    }
}

impl Source for Evaluating<'_> {
    #[inline]
    fn fetch(&mut self, t: f64) -> Result<usize, Pending> {
        let Scratch {
            cache, base, moves, ..
        } = &mut *self.scratch;
        let known = match t == 0.0 {
            true => (!base.is_empty()).then_some(BASE),
            false => cache.find(t),
        };
        if let Some(slot) = known {
            return Ok(slot);
        }
        let values = if t == 0.0 { base } else { &mut cache.values };
        let at = values.len();
        let outcome = self.f.moved(self.line.moves(t, moves), values);
        self.count += 1;
        if let Err(source) = outcome {
            return Err(self.failed(t, source));
        }
        let line_set = self.line.line_set;
        if !line_set.weights.is_empty()
            && let Err(error) = line_set.contract(values, at)
        {
            return Err(self.fail(t, error));
        }
        let found = values.len() - at;
        if found != self.outputs || found == 0 {
            match expect_outputs(found, self.outputs) {
                Ok(found) => self.outputs = found,
                Err(error) => return Err(self.fail(t, error)),
            }
        }
        if t == 0.0 {
            return Ok(BASE);
        }
        cache.ts.push(t);
        Ok(cache.ts.len() - 1)
    }

    #[inline]
    fn get(&self, slot: usize, output: usize) -> f64 {
        self.kept(slot)[output]
    }

    #[inline]
    fn all(&self, slot: usize) -> Option<&[f64]> {
        Some(self.kept(slot))
    }

    #[inline]
    fn outputs(&self) -> usize {
        self.outputs
    }
}
