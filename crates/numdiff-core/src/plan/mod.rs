//! Plans: which points to evaluate, round by round, and what to do with the values. No user code
//! runs here.

mod ask_tell;
mod blocks;
mod job;
mod lines;
mod rounds;
#[cfg(feature = "serde")]
mod saved;
mod told_values;

pub use ask_tell::AskTell;
pub(crate) use blocks::{begin, next_block};
pub use job::{Job, OwnedMoves};
pub(crate) use rounds::LinePlan;
