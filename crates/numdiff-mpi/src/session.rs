//! MPI, initialized, and how to use it.

use crate::Error;
use crate::evaluator::Evaluator;
use crate::ranks::Ranks;
use crate::serve::serve;
use mpi::environment::Universe;
use mpi::topology::SimpleCommunicator;
use mpi::traits::Communicator;
use mpi::{Rank, Threading};
use numdiff_core::Function;
use std::cell::RefCell;
use std::time::Duration;

/// Signs of life in one timeout: three may be late or lost in a busy machine before a rank is given
/// up.
const BEATS: u32 = 4;

/// MPI's ranks, of which rank 0 leads and all evaluate.
///
/// Every rank runs the same program and makes the same calls. Only the thread that made this value
/// may use it.
pub struct Mpi {
    comm: Option<SimpleCommunicator>,
    universe: Option<Universe>,
    pub(crate) timeout: Duration,
    pub(crate) evaluation_limit: Option<Duration>,
    pub(crate) lost_ranks: usize,
    pub(crate) leader_evaluates: bool,
    /// On the leader: ranks that do not answer, now or in an earlier run.
    pub(crate) silent: RefCell<Vec<Rank>>,
}

impl Mpi {
    /// Initializes MPI.
    ///
    /// # Errors
    /// [`Error::Initialized`] when MPI is in use; [`Error::Threading`] when it does not support
    /// programs with threads.
    pub fn new() -> Result<Self, Error> {
        let (universe, offered) =
            mpi::initialize_with_threading(Threading::Funneled).ok_or(Error::Initialized)?;
        let mut mpi = Self::with(&universe.world(), offered)?;
        mpi.universe = Some(universe);
        Ok(mpi)
    }

    /// Uses the ranks of a communicator, by a duplicate of it: messages of the caller's are not
    /// touched. All its ranks make this call.
    ///
    /// After a rank fell silent, MPI's end would wait for it: end the program by
    /// `communicator.abort(1)` or without finalizing MPI. An `Mpi` made by [`new`](Self::new) does
    /// that itself.
    ///
    /// # Errors
    /// [`Error::Threading`] when MPI was initialized for a program without threads.
    pub fn on<C: Communicator>(communicator: &C) -> Result<Self, Error> {
        Self::with(communicator, mpi::environment::threading_support())
    }

    fn with<C: Communicator>(communicator: &C, offered: Threading) -> Result<Self, Error> {
        if offered < Threading::Funneled {
            return Err(Error::Threading {
                offered: format!("{offered:?}"),
            });
        }
        Ok(Mpi {
            comm: Some(communicator.duplicate()),
            universe: None,
            timeout: Duration::from_secs(30),
            evaluation_limit: None,
            lost_ranks: 0,
            leader_evaluates: true,
            silent: RefCell::default(),
        })
    }

    /// How long a rank with work may say nothing; 30 seconds by default. A rank that lives says so
    /// four times in that span, however long f takes. Set it alike on all ranks.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long one evaluation may take; no limit by default.
    pub fn with_evaluation_limit(mut self, limit: Duration) -> Self {
        self.evaluation_limit = Some(limit);
        self
    }

    /// How many ranks may be lost (silent or overdue) before that is an error; 0 by default. Their
    /// jobs go to the others, and the result has the same bits.
    ///
    /// Open MPI itself ends a program of which a process exits: this is for machines that hang and
    /// for evaluations that do not return.
    pub fn with_lost_ranks(mut self, most: usize) -> Self {
        self.lost_ranks = most;
        self
    }

    /// Whether rank 0, too, evaluates (on a second thread); yes by default. On a single rank it
    /// always does.
    pub fn with_evaluating_leader(mut self, evaluates: bool) -> Self {
        self.leader_evaluates = evaluates;
        self
    }

    pub(crate) fn comm(&self) -> &SimpleCommunicator {
        match &self.comm {
            Some(comm) => comm,
            None => unreachable!("it is taken by drop alone"),
        }
    }

    /// This process's rank.
    pub fn rank(&self) -> Rank {
        self.comm().rank()
    }

    /// The number of ranks.
    pub fn size(&self) -> Rank {
        self.comm().size()
    }

    /// Whether this is rank 0.
    pub fn is_leader(&self) -> bool {
        self.rank() == 0
    }

    /// Runs `lead` on rank 0 while the other ranks evaluate what it asks for. `Some` of its result
    /// on rank 0, `None` on the others. All ranks make this call.
    ///
    /// `worker` makes the function on each rank: [`scalar`](crate::scalar) and
    /// [`vector`](crate::vector) of a closure, or any closure that makes a [`Function`]. The function
    /// runs on a thread of its own and must not use MPI unless that was initialized with
    /// `Threading::Multiple`.
    ///
    /// When `lead` returns, an evaluation that is still running (after an error) is not waited for.
    ///
    /// # Errors
    /// Those of `lead`; [`Error::OutOfRange`] for a timeout or a limit of zero.
    ///
    /// # Panics
    /// When `lead` does, after the other ranks were released.
    pub fn run<W, F, T, E>(
        &self,
        worker: W,
        lead: impl FnOnce(&mut Ranks<'_>) -> Result<T, E>,
    ) -> Result<Option<T>, E>
    where
        W: Fn() -> F + Send + 'static,
        F: Function,
        E: From<Error>,
    {
        self.validate()?;
        if !self.is_leader() {
            let evaluator = Evaluator::start(worker);
            serve(self.comm(), &evaluator, self.timeout / BEATS);
            return Ok(None);
        }
        let own = self.leader_evaluates || self.size() == 1;
        let evaluator = own.then(|| Evaluator::start(worker));
        let mut ranks = Ranks::new(self, evaluator);
        lead(&mut ranks).map(Some)
    }

    fn validate(&self) -> Result<(), Error> {
        let zero = |argument, value: Duration| Error::OutOfRange {
            argument,
            value: format!("{value:?}"),
            expected: "above zero",
        };
        if self.timeout.is_zero() {
            return Err(zero("timeout", self.timeout));
        }
        match self.evaluation_limit {
            Some(limit) if limit.is_zero() => Err(zero("evaluation limit", limit)),
            _ => Ok(()),
        }
    }
}

/// Finalizes MPI if [`Mpi::new`] initialized it, except when a rank is silent, since that would wait
/// for it. A process that exits without finalizing makes `mpirun` end all others (but not with
/// `--enable-recovery`: use `abort` then).
impl Drop for Mpi {
    fn drop(&mut self) {
        if !self.silent.borrow().is_empty() {
            std::mem::forget(self.comm.take());
            std::mem::forget(self.universe.take());
        }
        // The duplicate is released before MPI ends.
        self.comm = None;
    }
}
