//! Ask and tell: the evaluations run wherever the caller likes.

use super::Method;
use crate::answer::Form;
use crate::operators::Operator;
use crate::plan::lines::LinePlan;
use crate::{Error, Moves, Plan, Question, Real};
use std::marker::PhantomData;

/// An evaluation to be made: f at x with these moves.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Job {
    /// Names the job in [`AskTell::tell`]; never used twice in a plan.
    pub id: u64,
    /// What to replace in x.
    pub moves: OwnedMoves,
}

impl Job {
    /// The point of the job: x, as [`AskTell::x`] gives it, with the moved coordinates replaced.
    pub fn point(&self, x: &[f64]) -> Vec<f64> {
        let mut point = x.to_vec();
        self.moves.apply(&mut point);
        point
    }
}

/// [`Moves`] that can be sent away.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum OwnedMoves {
    /// The point x itself.
    None,
    /// One coordinate (row-major) has a new value.
    One(usize, f64),
    /// Several coordinates have new values.
    Many(Vec<(usize, f64)>),
}

impl OwnedMoves {
    /// Replaces the moved coordinates in a copy of x.
    pub fn apply(&self, x: &mut [f64]) {
        match self {
            OwnedMoves::None => {}
            OwnedMoves::One(i, to) => x[*i] = *to,
            OwnedMoves::Many(many) => many.iter().for_each(|&(i, to)| x[i] = to),
        }
    }
}

impl From<Moves<'_>> for OwnedMoves {
    fn from(moves: Moves<'_>) -> Self {
        match moves {
            Moves::None => OwnedMoves::None,
            Moves::One(i, to) => OwnedMoves::One(i, to),
            Moves::Many(many) => OwnedMoves::Many(many.to_vec()),
            Moves::Dense(to) => OwnedMoves::Many(to.iter().copied().enumerate().collect()),
        }
    }
}

/// A derivative whose evaluations the caller makes.
///
/// [`ask`](Self::ask) gives a round of jobs, [`tell`](Self::tell) takes their values in any order,
/// from any thread or machine and as late as may be; when `ask` returns no jobs,
/// [`finish`](Self::finish) gives the result, equal to the serial one to the last bit and for the
/// same number of evaluations. With the feature `serde` a plan can be saved at any time and resumed.
///
/// Made by the `plan_*` operators of a method.
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_core::FiniteDifference;
/// let f = |x: &[f64]| x[0].powi(2) + x[1].powi(2);
/// let mut plan = FiniteDifference::central().plan_gradient(&array![3.0, 4.0])?;
/// loop {
///     let jobs = plan.ask()?;
///     if jobs.is_empty() {
///         break;
///     }
///     for job in jobs.iter().rev() {
///         let mut x = plan.x().to_vec();
///         job.moves.apply(&mut x);
///         plan.tell(job.id, [f(&x)])?;
///     }
/// }
/// let g = plan.finish()?;
/// assert!((g[0] - 6.0).abs() < 1e-9 && (g[1] - 8.0).abs() < 1e-9);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "O: serde::Serialize, S: serde::Serialize",
        deserialize = "O: serde::Deserialize<'de>, S: serde::Deserialize<'de>"
    ))
)]
pub struct AskTell<M, O, S, T = f64> {
    plan: LinePlan<O>,
    form: S,
    /// Ids below this belong to rounds that are closed.
    offset: u64,
    #[cfg_attr(feature = "serde", serde(skip))]
    method: PhantomData<fn() -> (M, T)>,
}

#[allow(private_bounds)]
impl<T: Real, M: Method<T>, O: Operator, S: Form<T>> AskTell<M, O, S, T> {
    pub(crate) fn new(plan: LinePlan<O>, form: S) -> Self {
        AskTell {
            plan,
            form,
            offset: 0,
            method: PhantomData,
        }
    }

    /// The jobs that are open. When all jobs of a round are told, the next round is planned; no
    /// jobs: [`finish`](Self::finish).
    ///
    /// # Errors
    /// What the method makes of the values told so far, as the serial operators. The plan has ended
    /// then: from there on this and [`finish`](Self::finish) give [`Error::PlanFailed`].
    pub fn ask(&mut self) -> Result<Vec<Job>, Error> {
        self.plan.rounds.check()?;
        if self.plan.jobs() > 0 && self.plan.rounds.untold() == 0 {
            Plan::close(self)?;
        }
        Ok((0..self.plan.jobs())
            .filter(|&id| !self.plan.rounds.is_told(id))
            .map(|id| Job {
                id: self.offset + id as u64,
                moves: self.plan.job(id).into(),
            })
            .collect())
    }

    /// f's outputs (one for a scalar f) at the point of job `id`.
    ///
    /// # Errors
    /// [`Error::UnknownJob`], [`Error::ToldTwice`]; [`Error::OutputsChanged`] and
    /// [`Error::Empty`] for another number of values than before. The plan is unchanged then.
    pub fn tell(&mut self, id: u64, values: impl AsRef<[f64]>) -> Result<(), Error> {
        self.told(id, Some(values.as_ref()))
    }

    /// The evaluation of job `id` failed. It is asked for again, twice; an adaptive method then
    /// goes around the point, a fixed one has an [`Error::EvaluationFailed`].
    ///
    /// # Errors
    /// [`Error::UnknownJob`], [`Error::ToldTwice`].
    pub fn tell_failed(&mut self, id: u64) -> Result<(), Error> {
        self.told(id, None)
    }

    fn told(&mut self, id: u64, values: Option<&[f64]>) -> Result<(), Error> {
        let local = id
            .checked_sub(self.offset)
            .and_then(|k| usize::try_from(k).ok());
        let local = local
            .filter(|&k| k < self.plan.jobs())
            .ok_or(if id < self.offset {
                Error::ToldTwice { id }
            } else {
                Error::UnknownJob { id }
            })?;
        self.plan.tell(local, values).map_err(|error| match error {
            Error::ToldTwice { .. } => Error::ToldTwice { id },
            other => other,
        })
    }

    /// The point x in row-major order.
    pub fn x(&self) -> &[f64] {
        &self.plan.rounds.line_set.x
    }

    /// Evaluations told so far, failed ones included.
    pub fn evaluations(&self) -> usize {
        self.plan.rounds.results.evaluations + (self.plan.jobs() - self.plan.rounds.untold())
    }

    /// The result.
    ///
    /// # Errors
    /// [`Error::Unfinished`] while jobs are open; [`Error::PlanFailed`] after an error of
    /// [`ask`](Self::ask).
    pub fn finish(&mut self) -> Result<M::Answer<S::Value>, Error> {
        let open = self.ask()?.len();
        if open > 0 {
            return Err(Error::Unfinished { open });
        }
        M::answer(
            &self.plan.operator,
            &self.form,
            &self.plan.rounds.line_set,
            &self.plan.rounds.results,
        )
    }
}

/// For drivers: the rounds of this plan, as any other's.
#[allow(private_bounds)]
impl<T: Real, M: Method<T>, O: Operator, S: Form<T>> Plan for AskTell<M, O, S, T> {
    fn begin(&mut self, x: &[f64]) -> Result<(), Error> {
        self.offset = 0;
        self.plan.begin(x)
    }

    fn jobs(&self) -> usize {
        self.plan.jobs()
    }

    fn job(&self, id: usize) -> Moves<'_> {
        self.plan.job(id)
    }

    fn tell(&mut self, id: usize, values: Option<&[f64]>) -> Result<(), Error> {
        self.plan.tell(id, values)
    }

    fn close(&mut self) -> Result<(), Error> {
        let closed = self.plan.jobs() as u64;
        let done = self.plan.close();
        // An error that ends the plan closes the round as well.
        if !matches!(done, Err(Error::Unfinished { .. })) {
            self.offset += closed;
        }
        done
    }
}

#[allow(private_bounds)]
impl<T: Real, M: Method<T>, O: Operator, S: Form<T>> Question for AskTell<M, O, S, T> {
    type Answer = M::Answer<S::Value>;

    fn x(&self) -> &[f64] {
        AskTell::x(self)
    }

    fn is_told(&self, id: usize) -> bool {
        self.plan.rounds.is_told(id)
    }

    fn answer(&mut self) -> Result<Self::Answer, Error> {
        self.finish()
    }
}
