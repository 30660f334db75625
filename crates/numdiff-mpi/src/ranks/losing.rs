//! Ranks that are lost, and the end.

use super::Ranks;
use crate::Error;
use crate::backoff::Backoff;
use crate::message::{Reply, Task};
use crate::post::receive;
use crate::seat::Lost;
use std::collections::VecDeque;
use std::time::Instant;

/// A leader that did not look after its ranks for this fraction of the timeout was away itself.
const AWAY: u32 = 4;

impl Ranks<'_> {
    /// Starts all clocks anew, when the leader itself was away.
    pub(super) fn rest(&mut self) {
        self.looked = Instant::now();
        for seat in &mut self.seats {
            (seat.heard, seat.since) = (self.looked, self.looked);
        }
    }

    /// Gives up ranks that are silent or overdue, and gives their jobs to the others.
    pub(super) fn look_after(&mut self, waiting: &mut VecDeque<usize>) -> Result<(), Error> {
        // Silence is not told from a leader that was stopped and did not listen.
        if self.looked.elapsed() > self.mpi.timeout / AWAY {
            self.rest();
            return Ok(());
        }
        self.looked = Instant::now();
        for k in 0..self.seats.len() {
            let seat = &self.seats[k];
            let Some(batch) = seat.batches.front() else {
                continue;
            };
            if seat.lost.is_some() {
                continue;
            }
            let (rank, (coordinate, displacement)) = (seat.rank, batch.place);
            let (silent, running) = (seat.heard.elapsed(), seat.since.elapsed());
            let limit = self.mpi.evaluation_limit;
            let limit = limit.map(|limit| limit.saturating_mul(batch.jobs.len() as u32));
            // The leader's own thread needs no sign of life.
            let (lost, error) = if rank != 0 && silent > self.mpi.timeout {
                self.mpi.silent.borrow_mut().push(rank);
                let error = Error::Silent {
                    rank,
                    silent,
                    coordinate,
                    displacement,
                };
                (Lost::Silent, error)
            } else if limit.is_some_and(|limit| running > limit) {
                let error = Error::Overdue {
                    rank,
                    running,
                    coordinate,
                    displacement,
                };
                (Lost::Overdue, error)
            } else {
                continue;
            };
            self.seats[k].lost = Some(lost);
            self.report.ranks[k].lost = true;
            for batch in std::mem::take(&mut self.seats[k].batches) {
                if batch.question == self.questions {
                    self.report.reassigned += batch.jobs.len();
                    waiting.extend(batch.jobs);
                }
            }
            let lost = self.seats.iter().filter(|seat| seat.lost.is_some()).count();
            if lost > self.mpi.lost_ranks {
                return Err(error);
            }
        }
        Ok(())
    }
}

/// Releases the other ranks. An evaluation that is running is not waited for, a silent rank neither.
impl Drop for Ranks<'_> {
    fn drop(&mut self) {
        let comm = self.mpi.comm();
        let mut open: Vec<i32> = (1..self.mpi.size()).collect();
        for &rank in &open {
            self.outbox.send(comm, rank, &Task::Stop);
        }
        open.retain(|rank| !self.mpi.silent.borrow().contains(rank));
        let mut backoff = Backoff::new();
        let mut heard = Instant::now();
        while !open.is_empty() {
            self.outbox.reap();
            match receive::<Reply>(comm) {
                Some((rank, reply)) => {
                    heard = Instant::now();
                    backoff.reset();
                    if reply == Reply::Gone {
                        open.retain(|&other| other != rank);
                    }
                }
                None if heard.elapsed() > self.mpi.timeout => {
                    self.mpi.silent.borrow_mut().append(&mut open);
                }
                None => match backoff.pause() {
                    None => std::thread::yield_now(),
                    Some(pause) => std::thread::sleep(pause),
                },
            }
        }
    }
}
