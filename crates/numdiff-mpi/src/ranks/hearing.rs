//! What the ranks answer, and what the plan is told.

use super::Ranks;
use crate::Error;
use crate::message::{Done, Failure, Reply};
use crate::post::receive;
use numdiff_core::{AskTell, OwnedMoves};
use std::time::{Duration, Instant};

/// An evaluation that failed.
pub(super) struct Attempt {
    pub(super) moves: OwnedMoves,
    /// The rank that tried last; another one tries next.
    pub(super) rank: i32,
    attempts: u32,
    message: String,
}

impl Ranks<'_> {
    /// The next reply, waited for at most `pause`, and whose it is.
    pub(super) fn hear(&mut self, pause: Option<Duration>) -> Option<(usize, Reply)> {
        self.outbox.reap();
        let remote = receive::<Reply>(self.mpi.comm());
        let (rank, reply) = match (remote, &self.own) {
            (Some(remote), _) => remote,
            (None, Some(own)) => {
                let done = own.try_done().or_else(|| own.wait(pause?));
                if done.is_none() && pause.is_none() {
                    std::thread::yield_now();
                }
                (0, Reply::Done(done?))
            }
            (None, None) => {
                match pause {
                    None => std::thread::yield_now(),
                    Some(pause) => std::thread::sleep(pause),
                }
                return None;
            }
        };
        let seat = self.seats.iter().position(|seat| seat.rank == rank)?;
        self.seats[seat].heard = Instant::now();
        Some((seat, reply))
    }

    /// Tells the plan what a rank found; returns the number of jobs told.
    pub(super) fn settle<A>(
        &mut self,
        plan: &mut AskTell<A>,
        x: &[f64],
        k: usize,
        done: Done,
    ) -> Result<usize, Error> {
        let rank = self.seats[k].rank;
        let Some(batch) = self.seats[k].take(done.batch) else {
            // Given up before, and its jobs given to others.
            return Ok(0);
        };
        if batch.question != self.questions {
            return Ok(0);
        }
        let outputs = done.outcomes.iter().flatten().copied().max();
        let jobs = batch.jobs.len();
        self.schedule
            .learn(jobs, done.seconds, outputs.unwrap_or(0));
        self.report.evaluations += jobs;
        self.report.ranks[k].evaluations += jobs;
        self.report.ranks[k].seconds += done.seconds;
        let mut start = 0;
        for (&id, outcome) in batch.jobs.iter().zip(done.outcomes) {
            let failure = match outcome {
                Ok(outputs) => {
                    plan.tell_job(id, Some(&done.values[start..start + outputs]))?;
                    start += outputs;
                    continue;
                }
                Err(failure) => failure,
            };
            let moves = OwnedMoves::from(plan.job(id));
            let (coordinate, displacement) = place(&moves, x);
            match failure {
                Failure::Error(message) => {
                    self.report.failed += 1;
                    self.failed(moves, rank, message);
                    plan.tell_job(id, None)?;
                }
                Failure::Panic(message) => {
                    return Err(Error::Panicked {
                        rank,
                        coordinate,
                        displacement,
                        message,
                    });
                }
                Failure::Begin(message) => return Err(Error::Begin { rank, message }),
            }
        }
        Ok(jobs)
    }

    /// Remembers who failed at what.
    fn failed(&mut self, moves: OwnedMoves, rank: i32, message: String) {
        match self.failures.iter_mut().find(|f| f.moves == moves) {
            Some(attempt) => {
                attempt.rank = rank;
                attempt.attempts += 1;
                attempt.message = message;
            }
            None => self.failures.push(Attempt {
                moves,
                rank,
                attempts: 1,
                message,
            }),
        }
    }

    /// Adds to a plan's error what f said.
    pub(super) fn explain(&self, error: numdiff_core::Error, x: &[f64]) -> Error {
        let numdiff_core::Error::EvaluationFailed {
            coordinate,
            displacement,
            attempts,
        } = error
        else {
            return error.into();
        };
        // The plan's displacement is along its line, ours is what was added to x: the same up to
        // rounding.
        let distance = |attempt: &&Attempt| (place(&attempt.moves, x).1 - displacement).abs();
        let said = self
            .failures
            .iter()
            .filter(|attempt| place(&attempt.moves, x).0 == coordinate)
            .min_by(|a, b| distance(a).total_cmp(&distance(b)));
        match said {
            None => error.into(),
            Some(attempt) => Error::Failed {
                rank: attempt.rank,
                coordinate,
                displacement,
                attempts,
                message: attempt.message.clone(),
            },
        }
    }
}

/// The first coordinate that was moved, and how far; (0, 0) for x itself.
pub(super) fn place(moves: &OwnedMoves, x: &[f64]) -> (usize, f64) {
    let first = match moves {
        OwnedMoves::None => None,
        OwnedMoves::One(i, to) => Some((*i, *to)),
        OwnedMoves::Many(many) => many.first().copied(),
    };
    first.map_or((0, 0.0), |(i, to)| (i, to - x[i]))
}
