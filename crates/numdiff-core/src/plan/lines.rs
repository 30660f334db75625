//! An operator as a plan.

use super::Plan;
use super::rounds::Rounds;
use crate::operators::Operator;
use crate::scheme::Scheme;
use crate::{Error, Moves};

/// An operator and the rounds that answer it.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct LinePlan<O> {
    pub operator: O,
    pub vector: Vec<f64>,
    pub rounds: Rounds,
}

impl<O: Operator> LinePlan<O> {
    /// A plan for x, with its first round open.
    pub fn new(
        scheme: &Scheme,
        operator: O,
        x: &[f64],
        vector: Vec<f64>,
        epsilon: f64,
    ) -> Result<Self, Error> {
        Self::reuse(Rounds::default(), scheme, operator, x, vector, epsilon)
    }

    /// The same in the buffers of an earlier plan.
    pub fn reuse(
        mut rounds: Rounds,
        scheme: &Scheme,
        operator: O,
        x: &[f64],
        vector: Vec<f64>,
        epsilon: f64,
    ) -> Result<Self, Error> {
        if rounds.scheme != *scheme {
            rounds.scheme = scheme.clone();
        }
        rounds.epsilon = epsilon;
        let mut plan = LinePlan {
            operator,
            vector,
            rounds,
        };
        plan.begin(x)?;
        Ok(plan)
    }
}

impl<O: Operator> LinePlan<O> {
    /// Once every line is done: what the operator makes of them together.
    fn conclude(&mut self) {
        let Rounds {
            line_set,
            results,
            jobs,
            next,
            ..
        } = &mut self.rounds;
        if jobs.is_empty() && *next == line_set.lines() {
            self.operator.conclude(line_set, results);
        }
    }
}

impl<O: Operator> Plan for LinePlan<O> {
    fn begin(&mut self, x: &[f64]) -> Result<(), Error> {
        self.rounds.fail();
        let (kind, order) = self.operator.lines();
        let Rounds {
            scheme,
            line_set,
            epsilon,
            ..
        } = &mut self.rounds;
        line_set.begin(x.iter().copied(), *epsilon, kind, order)?;
        scheme.validate(line_set)?;
        self.operator.prepare(&self.vector, scheme, line_set)?;
        self.rounds.begin()?;
        self.rounds.failed = false;
        self.conclude();
        Ok(())
    }

    fn jobs(&self) -> usize {
        self.rounds.jobs.len()
    }

    fn job(&self, id: usize) -> Moves<'_> {
        self.rounds.job(id)
    }

    fn tell(&mut self, id: usize, values: Option<&[f64]>) -> Result<(), Error> {
        self.rounds.tell(id, values)
    }

    fn close(&mut self) -> Result<(), Error> {
        let open = self.rounds.untold();
        if open > 0 {
            return Err(Error::Unfinished { open });
        }
        self.rounds.check()?;
        self.rounds.close().inspect_err(|_| self.rounds.fail())?;
        self.conclude();
        Ok(())
    }
}
