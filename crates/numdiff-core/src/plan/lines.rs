//! An operator as a plan.

use super::rounds::Rounds;
use crate::operators::{self, AnyOperator, Operator};
use crate::scheme::Scheme;
use crate::{Error, Moves, Point, Real};

/// An operator and the rounds that answer it.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct LinePlan {
    pub operator: AnyOperator,
    pub vector: Vec<f64>,
    pub rounds: Rounds,
}

impl LinePlan {
    /// A plan for x, where f's outputs are given or not, with its first round open, in the buffers of an
    /// earlier one.
    pub fn reuse<T: Real, X: Point<T> + ?Sized>(
        mut rounds: Rounds,
        scheme: &Scheme,
        operator: impl Into<AnyOperator>,
        (x, given): (&X, &[T]),
        vector: Vec<f64>,
    ) -> Result<Self, Error> {
        if rounds.scheme != *scheme {
            rounds.scheme.clone_from(scheme);
        }
        rounds.epsilon = T::EPSILON;
        let mut plan = LinePlan {
            operator: operator.into(),
            vector,
            rounds,
        };
        let given = given.iter().map(|v| v.widen());
        plan.open(x.numbers().map(Real::widen), given)?;
        Ok(plan)
    }

    /// Opens the first round at x, where f's outputs are `given` or not known.
    fn open(
        &mut self,
        x: impl Iterator<Item = f64>,
        given: impl Iterator<Item = f64>,
    ) -> Result<(), Error> {
        self.rounds.fail();
        let Rounds {
            scheme,
            line_set,
            epsilon,
            ..
        } = &mut self.rounds;
        let x = (x, *epsilon);
        operators::open(&self.operator, &self.vector, scheme, line_set, x, given)?;
        self.rounds.begin()?;
        (self.rounds.failed, self.rounds.closed) = (false, 0);
        self.conclude();
        Ok(())
    }

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

impl LinePlan {
    /// Takes the point x and opens the first round; buffers are reused.
    pub fn begin(&mut self, x: &[f64]) -> Result<(), Error> {
        // f's outputs that were given belong to the x that they came with.
        let here = &mut self.rounds.line_set;
        let same = here
            .x
            .iter()
            .map(|v| v.to_bits())
            .eq(x.iter().map(|v| v.to_bits()));
        let given = if same {
            std::mem::take(&mut here.given)
        } else {
            Vec::new()
        };
        self.open(x.iter().copied(), given.into_iter())
    }

    /// How many jobs the open round has.
    pub fn jobs(&self) -> usize {
        self.rounds.jobs.len()
    }

    /// The point of a job, as moves from x.
    pub fn job(&self, id: usize) -> Moves<'_> {
        self.rounds.job(id)
    }

    /// Takes f's outputs at a job's point; `None` says that the evaluation failed.
    pub fn tell(&mut self, id: usize, values: Option<&[f64]>) -> Result<(), Error> {
        self.rounds.tell(id, values)
    }

    /// Combines the round, when all its jobs are told, and opens the next.
    pub fn close(&mut self) -> Result<(), Error> {
        let open = self.rounds.untold();
        if open > 0 {
            return Err(Error::Unfinished { open });
        }
        self.rounds.check()?;
        // An error that ends the plan closes the round as well.
        self.rounds.closed += self.rounds.jobs.len() as u64;
        self.rounds.close().inspect_err(|_| self.rounds.fail())?;
        self.conclude();
        Ok(())
    }
}
