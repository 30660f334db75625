//! A scalar function along one line, on the calling thread.

use super::serial::Scratch;
use crate::Error;
use crate::line::{Line, LineSet};
use crate::line::{Pending, Place, Samples};
use crate::moves::AnyFunction;

/// Tells f the base point.
pub(crate) fn begin(f: &mut dyn AnyFunction, line_set: &LineSet) -> Result<(), Error> {
    f.begin(&line_set.x)
        .map_err(|source| Error::function(0, 0.0, source))
}

/// Answers by calling f; asking again for the same displacement costs nothing.
pub(crate) struct Along<'a> {
    line: &'a Line<'a>,
    scratch: &'a mut Scratch,
    f: &'a mut dyn AnyFunction,
    evaluations: usize,
    failure: Option<Error>,
}

/// Runs `scheme` along a line, and returns its answer and the count of evaluations. f has begun at
/// x; f(x) is kept in `scratch` for the lines that follow.
pub(crate) fn along<R>(
    line: &Line<'_>,
    f: &mut dyn AnyFunction,
    scratch: &mut Scratch,
    scheme: impl FnOnce(&mut Along<'_>) -> Result<R, Pending>,
) -> Result<(R, usize), Error> {
    scratch.cache.clear();
    let mut samples = Along {
        line,
        scratch,
        f,
        evaluations: 0,
        failure: None,
    };
    match scheme(&mut samples) {
        Ok(answer) => Ok((answer, samples.evaluations)),
        Err(Pending) => Err(samples.failure.unwrap_or(Error::Empty {
            argument: "f's output",
        })),
    }
}

impl Along<'_> {
    fn evaluate(&mut self, t: f64) -> Result<f64, Error> {
        let Scratch { cache, base, moves } = &mut *self.scratch;
        let values = if t == 0.0 { base } else { &mut cache.values };
        let at = values.len();
        let outcome = self.f.moved(self.line.moves(t, moves), values);
        self.evaluations += 1;
        outcome.map_err(|source| {
            let (coordinate, displacement) = self.line.first(t);
            Error::function(coordinate, displacement, source)
        })?;
        if t != 0.0 {
            cache.ts.push(t);
        }
        Ok(values[at])
    }
}

impl Samples for Along<'_> {
    fn value(&mut self, t: f64) -> Result<f64, Pending> {
        let seen = if t == 0.0 {
            self.scratch.base.first().copied()
        } else {
            let slot = self.scratch.cache.find(t);
            slot.map(|slot| self.scratch.cache.values[slot])
        };
        if let Some(value) = seen {
            return Ok(value);
        }
        self.evaluate(t).map_err(|error| {
            self.failure = Some(error);
            Pending
        })
    }

    fn announce(&mut self, _: &[f64]) -> Result<(), Pending> {
        Ok(())
    }

    fn moved(&self, t: f64) -> f64 {
        self.line.moved(t)
    }

    fn inside(&self, t: f64) -> bool {
        self.line.inside(t)
    }

    fn reaches(&self, t: f64) -> bool {
        self.line.reaches(t)
    }

    fn place(&self) -> Place {
        self.line.place()
    }
}
