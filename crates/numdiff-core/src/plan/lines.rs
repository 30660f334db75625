//! How a plan is opened at x, and how it is closed round by round.

use super::begin;
use super::rounds::LinePlan;
use crate::Error;
use crate::operators::{self, AnyOperator};
use crate::scheme::Scheme;

impl LinePlan {
    /// Opens the first round of an operator at x, for an f with this relative rounding whose outputs there are
    /// given or not. The operator's v or u is in its place; buffers are reused.
    pub fn open(
        &mut self,
        scheme: &Scheme,
        operator: AnyOperator,
        (x, epsilon): (impl Iterator<Item = f64>, f64),
        given: impl Iterator<Item = f64>,
    ) -> Result<(), Error> {
        if self.scheme != *scheme {
            self.scheme.clone_from(scheme);
        }
        (self.operator, self.epsilon) = (operator, epsilon);
        self.open_at(x, given)
    }

    /// Takes the point x and opens the first round; buffers are reused.
    pub fn begin(&mut self, x: &[f64]) -> Result<(), Error> {
        // f's outputs that were given belong to the x that they came with.
        let bits = |v: &f64| v.to_bits();
        let is_same = self.line_set.x.iter().map(bits).eq(x.iter().map(bits));
        let mut given = std::mem::take(&mut self.line_set.given);
        if !is_same {
            given.clear();
        }
        self.open_at(x.iter().copied(), given.into_iter())
    }

    fn open_at(
        &mut self,
        x: impl Iterator<Item = f64>,
        given: impl Iterator<Item = f64>,
    ) -> Result<(), Error> {
        self.fail();
        let (scheme, line_set) = (&self.scheme, &mut self.line_set);
        let x = (x, self.epsilon);
        operators::open(&*self.operator, &self.vector, scheme, line_set, x, given)?;
        self.bases.resize_with(self.bases.len().max(1), Vec::new);
        self.bases.iter_mut().for_each(Vec::clear);
        begin(scheme, line_set, &mut self.bases[0], &mut self.results)?;
        (self.outputs, self.next, self.opened) = (line_set.given.len(), 0, 0);
        self.first_point = 0;
        self.moves.clear();
        self.values.clear();
        self.advance()?;
        (self.failed, self.closed) = (false, 0);
        self.conclude();
        Ok(())
    }

    /// Once every line is done: what the operator makes of them together.
    fn conclude(&mut self) {
        if self.jobs.is_empty() && self.next == self.line_set.lines() {
            self.operator.conclude(&self.line_set, &mut self.results);
        }
    }

    /// How many jobs the open round has.
    pub fn jobs(&self) -> usize {
        self.jobs.len()
    }

    /// Combines the round, when all its jobs are told, and opens the next.
    pub fn close(&mut self) -> Result<(), Error> {
        let open = self.untold();
        if open > 0 {
            return Err(Error::Unfinished { open });
        }
        self.check()?;
        // An error that ends the plan closes the round as well.
        self.closed += self.jobs.len() as u64;
        self.combine().inspect_err(|_| self.fail())?;
        self.conclude();
        Ok(())
    }

    /// Ends the plan without an answer.
    fn fail(&mut self) {
        self.failed = true;
        self.jobs.clear();
    }

    /// Errs when the plan ended with an error.
    pub fn check(&self) -> Result<(), Error> {
        if self.failed {
            return Err(Error::PlanFailed);
        }
        Ok(())
    }
}
