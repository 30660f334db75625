//! Plans: which points to evaluate, round by round, and what to do with the values. No user code
//! runs here.

mod ask_tell;
mod blocks;
mod job;
pub(crate) mod lines;
pub(crate) mod rounds;
#[cfg(feature = "serde")]
mod saved;
mod told_values;

pub use ask_tell::AskTell;
pub(crate) use blocks::next_block;
pub use job::{Job, OwnedMoves};

use crate::{Error, Moves};

/// A question about f that is answered in rounds of evaluations, by any driver.
///
/// The drivers of this crate ([`drive`](crate::drive), and those behind the features) run any plan.
/// A plan combines values in the order of its jobs, so that the result does not depend on the order
/// in which they are told.
pub trait Plan {
    /// Takes the point x and opens the first round. Buffers are reused.
    fn begin(&mut self, x: &[f64]) -> Result<(), Error>;

    /// How many jobs the open round has, with ids `0..jobs()`; 0 when the plan is finished.
    fn jobs(&self) -> usize;

    /// The point of a job, as moves from x.
    ///
    /// # Panics
    /// May panic when `id` is not below [`jobs`](Self::jobs).
    fn job(&self, id: usize) -> Moves<'_>;

    /// Takes f's outputs at a job's point, in any order of jobs; `None` says that the evaluation
    /// failed, and the plan asks again or goes around the point.
    fn tell(&mut self, id: usize, values: Option<&[f64]>) -> Result<(), Error>;

    /// Combines the round, when all its jobs are told, and opens the next.
    fn close(&mut self) -> Result<(), Error>;
}
