//! What the leader knows about a rank that evaluates.

use std::collections::VecDeque;
use std::time::Instant;

/// A rank that evaluates; rank 0 by a thread of the leader's own process.
#[derive(Debug)]
pub(crate) struct Seat {
    pub rank: i32,
    /// Batches it has, oldest first.
    pub batches: VecDeque<Batch>,
    /// When it last said something, or was given work while it had none.
    pub heard: Instant,
    /// Since when it is at its oldest batch.
    pub since: Instant,
    pub lost: Option<Lost>,
}

/// Jobs that were handed out together.
#[derive(Debug)]
pub(crate) struct Batch {
    pub id: u64,
    /// The question it belongs to; what comes back for an earlier one is ignored.
    pub question: u64,
    pub jobs: Vec<usize>,
    /// Where the first job moves to: coordinate and displacement, for messages.
    pub place: (usize, f64),
}

/// Why a rank is given no more work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// It says nothing.
    Silent,
    /// It lives, but f does not return.
    Overdue,
}

impl Seat {
    pub fn new(rank: i32) -> Self {
        let now = Instant::now();
        Seat {
            rank,
            batches: VecDeque::new(),
            heard: now,
            since: now,
            lost: None,
        }
    }

    pub fn give(&mut self, batch: Batch) {
        if self.batches.is_empty() {
            self.heard = Instant::now();
            self.since = self.heard;
        }
        self.batches.push_back(batch);
    }

    /// Takes back the batch that was done.
    pub fn take(&mut self, id: u64) -> Option<Batch> {
        self.since = Instant::now();
        let at = self.batches.iter().position(|batch| batch.id == id)?;
        self.batches.remove(at)
    }
}
