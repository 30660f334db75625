//! Plans: which points to evaluate, round by round, and what to do with the values. No user code
//! runs here.

mod ask_tell;
mod job;
mod lines;
mod order;
mod rounds;
#[cfg(feature = "serde")]
mod saved;
mod told_values;

pub use ask_tell::AskTell;
pub use job::{Job, OwnedMoves};
pub(crate) use order::{begin, next_lines};
pub(crate) use rounds::LinePlan;
