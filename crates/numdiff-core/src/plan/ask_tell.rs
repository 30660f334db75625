//! Ask and tell: the evaluations run wherever the caller likes.

use super::Job;
use super::rounds::LinePlan;
use crate::answer::Found;
use crate::{Error, Moves};
use std::fmt;

/// A derivative whose evaluations the caller makes.
///
/// [`ask`](Self::ask) gives a round of jobs, [`tell`](Self::tell) takes their values in any order,
/// from any thread or machine and as late as may be; when `ask` returns no jobs,
/// [`finish`](Self::finish) gives the result, equal to the serial one to the last bit and for the
/// same number of evaluations. With the feature `serde` a plan can be saved at any time by `to_bytes`, and
/// resumed.
///
/// `A` is what is found: `Array1<f64>` for the gradient by a fixed method, `Estimate<Array2<f64>>` for the
/// Hessian by the adaptive one. Made by [`Run::ask_tell`](crate::Run::ask_tell).
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_core::FiniteDifference;
/// let f = |x: &[f64]| x[0].powi(2) + x[1].powi(2);
/// let mut plan = FiniteDifference::central().plan().gradient(&array![3.0, 4.0]).ask_tell()?;
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
#[derive(Clone)]
pub struct AskTell<A> {
    pub(crate) plan: LinePlan,
    /// Makes the result of what was found.
    returned: Returned<A>,
}

/// What makes a plan's result.
type Returned<A> = fn(Found<'_>) -> Result<A, Error>;

impl<A> AskTell<A> {
    pub(crate) fn new(plan: LinePlan, returned: Returned<A>) -> Self {
        AskTell { plan, returned }
    }

    /// Begins again at another x, of many points all of them one after the other: as many as before, however many
    /// coordinates each has. Buffers are reused.
    ///
    /// # Errors
    /// What the method makes of x.
    pub fn begin(&mut self, x: &[f64]) -> Result<(), Error> {
        self.plan.begin(x)
    }

    /// The jobs that are open. When all jobs of a round are told, the next round is planned; no
    /// jobs: [`finish`](Self::finish).
    ///
    /// # Errors
    /// What the method makes of the values told so far, as the serial operators. The plan has ended
    /// then: from there on this and [`finish`](Self::finish) give [`Error::PlanFailed`].
    pub fn ask(&mut self) -> Result<Vec<Job>, Error> {
        self.plan.check()?;
        if self.plan.jobs() > 0 && self.plan.untold() == 0 {
            self.plan.close()?;
        }
        Ok((0..self.plan.jobs())
            .filter(|&id| !self.plan.is_told(id))
            .map(|id| Job {
                id: self.plan.closed + id as u64,
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
            .checked_sub(self.plan.closed)
            .and_then(|k| usize::try_from(k).ok());
        let local = local
            .filter(|&k| k < self.plan.jobs())
            .ok_or(if id < self.plan.closed {
                Error::ToldTwice { id }
            } else {
                Error::UnknownJob { id }
            })?;
        self.plan.tell(local, values).map_err(|error| match error {
            Error::ToldTwice { .. } => Error::ToldTwice { id },
            other => other,
        })
    }

    /// The point x in row-major order; of gradients at many points the first.
    pub fn x(&self) -> &[f64] {
        self.plan.x()
    }

    /// Evaluations told so far, failed ones included.
    pub fn evaluations(&self) -> usize {
        self.plan.told()
    }

    /// Jobs of the open round that were not told yet.
    pub fn open(&self) -> usize {
        self.plan.untold()
    }

    /// How many jobs the open round has, told ones included; 0 when the plan is finished. Drivers count them
    /// from 0.
    pub fn jobs(&self) -> usize {
        self.plan.jobs()
    }

    /// The point of job `k` of the open round, as moves from x.
    ///
    /// # Panics
    /// May panic when `k` is not below [`jobs`](Self::jobs).
    pub fn job(&self, k: usize) -> Moves<'_> {
        self.plan.job(k)
    }

    /// Whether job `k` of the open round was told: in a plan that was saved half-way some were.
    pub fn is_told(&self, k: usize) -> bool {
        self.plan.is_told(k)
    }

    /// [`tell`](Self::tell) for job `k` of the open round; `None` says that the evaluation failed.
    ///
    /// # Errors
    /// Those of [`tell`](Self::tell).
    pub fn tell_job(&mut self, k: usize, values: Option<&[f64]>) -> Result<(), Error> {
        self.plan.tell(k, values)
    }

    /// Combines the round, all of whose jobs were told, and opens the next.
    ///
    /// # Errors
    /// Those of [`ask`](Self::ask); [`Error::Unfinished`] while jobs of the round are open.
    pub fn close(&mut self) -> Result<(), Error> {
        self.plan.close()
    }

    /// The result.
    ///
    /// # Errors
    /// [`Error::Unfinished`] while jobs are open; [`Error::PlanFailed`] after an error of
    /// [`ask`](Self::ask).
    pub fn finish(&mut self) -> Result<A, Error> {
        let open = self.ask()?.len();
        if open > 0 {
            return Err(Error::Unfinished { open });
        }
        let plan = &self.plan;
        (self.returned)(Found::of(&*plan.operator, &plan.line_set, &plan.results))
    }
}

/// What it finds, and how far it is.
impl<A> fmt::Display for AskTell<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at {} coordinates: {} evaluations told, {} open",
            self.plan.operator.name(),
            self.x().len(),
            self.evaluations(),
            self.open()
        )
    }
}

impl<A> fmt::Debug for AskTell<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AskTell({self})")
    }
}
