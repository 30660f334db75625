//! What can go wrong beside what numdiff-core finds wrong.

use std::time::Duration;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// MPI is in use already.
    #[error("MPI was initialized before; pass your communicator to Mpi::on")]
    Initialized,
    /// MPI can't be used by a program with threads.
    #[error(
        "this MPI offers only {offered} to a program with threads; initialize it with Threading::Funneled or above"
    )]
    Threading {
        /// What it offers.
        offered: String,
    },
    /// A setting is outside its range.
    #[error("{argument} is {value}, but must be {expected}")]
    OutOfRange {
        /// Name of the setting.
        argument: &'static str,
        /// The value passed.
        value: String,
        /// What is accepted.
        expected: &'static str,
    },
    /// What the method makes of x and of the values: the serial operators say the same.
    #[error(transparent)]
    Core(#[from] numdiff_core::Error),
    /// f could not take x.
    #[error("f could not begin on rank {rank}: {message}; make what it needs available there")]
    Begin {
        /// The rank.
        rank: i32,
        /// What f said.
        message: String,
    },
    /// f panicked. That is taken for a bug and not tried again.
    #[error(
        "f panicked on rank {rank} with coordinate {coordinate} moved by {displacement}: {message}; return an Err for points that f can't take"
    )]
    Panicked {
        /// The rank.
        rank: i32,
        /// The first coordinate that was moved; 0 for f(x) itself.
        coordinate: usize,
        /// How far it was moved; 0 for f(x) itself.
        displacement: f64,
        /// What it panicked with.
        message: String,
    },
    /// An evaluation failed on each rank that tried.
    #[error(
        "f failed {attempts} times, last on rank {rank}, with coordinate {coordinate} moved by {displacement}: {message}; bounds keep f away from points it can't take, and Adaptive goes around them"
    )]
    Failed {
        /// The rank that tried last.
        rank: i32,
        /// The first coordinate that was moved; 0 for f(x) itself.
        coordinate: usize,
        /// How far it was moved; 0 for f(x) itself.
        displacement: f64,
        /// How often it was tried.
        attempts: u32,
        /// What f said last.
        message: String,
    },
    /// A rank with work said nothing for longer than the timeout: it was stopped, died, or its
    /// machine did.
    #[error(
        "rank {rank} has been silent for {silent:?} with coordinate {coordinate} moved by {displacement}; look at its machine, raise with_timeout, or go on without it by with_lost_ranks"
    )]
    Silent {
        /// The rank.
        rank: i32,
        /// For how long.
        silent: Duration,
        /// The first coordinate moved in the first evaluation it was working on.
        coordinate: usize,
        /// How far it was moved.
        displacement: f64,
    },
    /// An evaluation took longer than allowed, on a rank that is alive.
    #[error(
        "f has been running on rank {rank} for {running:?} with coordinate {coordinate} moved by {displacement}; raise with_evaluation_limit, or go on without the rank by with_lost_ranks"
    )]
    Overdue {
        /// The rank.
        rank: i32,
        /// For how long.
        running: Duration,
        /// The first coordinate moved in the evaluation; of several in a batch, the first one's.
        coordinate: usize,
        /// How far it was moved.
        displacement: f64,
    },
    /// Every rank that evaluates was lost in this or an earlier question.
    #[error("all {ranks} evaluating ranks are lost; start the program anew")]
    NoRanks {
        /// How many there were.
        ranks: usize,
    },
}
