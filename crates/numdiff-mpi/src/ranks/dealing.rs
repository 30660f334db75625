//! Which rank is given which jobs.

use super::Ranks;
use super::hearing::place;
use crate::Error;
use crate::message::Task;
use crate::seat::Batch;
use numdiff_core::{AskTell, OwnedMoves};
use std::collections::VecDeque;

impl Ranks<'_> {
    pub(super) fn live(&self) -> Result<usize, Error> {
        let live = self.seats.iter().filter(|seat| seat.lost.is_none()).count();
        if live == 0 {
            let ranks = self.seats.len();
            return Err(Error::NoRanks { ranks });
        }
        Ok(live)
    }

    /// Gives jobs to every rank that has room.
    pub(super) fn hand_out<A>(
        &mut self,
        plan: &AskTell<A>,
        x: &[f64],
        waiting: &mut VecDeque<usize>,
    ) -> Result<(), Error> {
        let live = self.live()?;
        // First one batch for everybody, then a second.
        for depth in 0..2 {
            for k in 0..self.seats.len() {
                if waiting.is_empty() {
                    return Ok(());
                }
                let seat = &self.seats[k];
                let first = seat.batches.front().map_or(0, |batch| batch.jobs.len());
                let room = seat.batches.len() == depth
                    && (depth == 0 || self.schedule.depth(first) > depth);
                if seat.lost.is_some() || !room {
                    continue;
                }
                let most = self.schedule.batch(waiting.len(), live);
                let jobs = self.choose(plan, waiting, seat.rank, most, live > 1);
                if !jobs.is_empty() {
                    self.give(plan, x, k, jobs);
                }
            }
        }
        Ok(())
    }

    /// The next jobs for a rank, without those at which it has just failed if others can try.
    fn choose<A>(
        &self,
        plan: &AskTell<A>,
        waiting: &mut VecDeque<usize>,
        rank: i32,
        most: usize,
        others: bool,
    ) -> Vec<usize> {
        if self.failures.is_empty() || !others {
            return waiting.drain(..most.min(waiting.len())).collect();
        }
        let mut chosen = Vec::new();
        let mut k = 0;
        while k < waiting.len() && chosen.len() < most {
            let moves = OwnedMoves::from(plan.job(waiting[k]));
            if self
                .failures
                .iter()
                .any(|f| f.rank == rank && f.moves == moves)
            {
                k += 1;
            } else {
                chosen.extend(waiting.remove(k));
            }
        }
        chosen
    }

    fn give<A>(&mut self, plan: &AskTell<A>, x: &[f64], k: usize, jobs: Vec<usize>) {
        self.batches += 1;
        self.report.batches += 1;
        let place = place(&plan.job(jobs[0]).into(), x);
        let task = Task::Evaluate {
            batch: self.batches,
            jobs: jobs.iter().map(|&id| plan.job(id).into()).collect(),
        };
        let seat = &mut self.seats[k];
        seat.give(Batch {
            id: self.batches,
            question: self.questions,
            jobs,
            place,
        });
        match &self.own {
            Some(own) if seat.rank == 0 => own.send(task),
            _ => self.outbox.send(self.mpi.comm(), seat.rank, &task),
        }
    }
}
