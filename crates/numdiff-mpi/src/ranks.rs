//! The leader: plans in, values from the ranks out.

use crate::backoff::Backoff;
use crate::evaluator::Evaluator;
use crate::message::{Done, Failure, PART, Reply, Task, encode};
use crate::post::{Outbox, receive};
use crate::report::{RankReport, Report};
use crate::schedule::Schedule;
use crate::seat::{Batch, Lost, Seat};
use crate::{Error, Mpi};
use ndarray::{Array, Array2, ArrayRef, Dimension};
use numdiff_core::{FiniteDifference, OwnedMoves, Plan, Question};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A busy leader looks after its ranks this often in a timeout: an error comes late by at most 6 %.
const LOOKS: u32 = 16;

/// A leader that did not look after its ranks for this fraction of the timeout was away itself.
const AWAY: u32 = 4;

/// The ranks, seen from rank 0 in [`Mpi::run`]: asks them for derivatives of the function that they
/// hold.
///
/// Every result has the bits of the serial one, whatever the number of ranks and the order in which
/// they answer. After an error the ranks can be asked again.
pub struct Ranks<'a> {
    mpi: &'a Mpi,
    own: Option<Evaluator>,
    seats: Vec<Seat>,
    outbox: Outbox,
    schedule: Schedule,
    questions: u64,
    batches: u64,
    report: Report,
    failures: Vec<Attempt>,
    /// When the leader last looked after its ranks.
    looked: Instant,
}

/// An evaluation that failed.
struct Attempt {
    moves: OwnedMoves,
    /// The rank that tried last; another one tries next.
    rank: i32,
    attempts: u32,
    message: String,
}

impl<'a> Ranks<'a> {
    pub(crate) fn new(mpi: &'a Mpi, own: Option<Evaluator>) -> Self {
        let first = if own.is_some() { 0 } else { 1 };
        let mut seats: Vec<Seat> = (first..mpi.size()).map(Seat::new).collect();
        for seat in &mut seats {
            if mpi.silent.borrow().contains(&seat.rank) {
                seat.lost = Some(Lost::Silent);
            }
        }
        Ranks {
            mpi,
            own,
            seats,
            outbox: Outbox::default(),
            schedule: Schedule::default(),
            questions: 0,
            batches: 0,
            report: Report::default(),
            failures: Vec::new(),
            looked: Instant::now(),
        }
    }

    /// The gradient of a scalar function, of x's shape, by central differences as
    /// [`numdiff_core::gradient`]: 2n evaluations.
    ///
    /// # Errors
    /// As [`solve`](Self::solve).
    pub fn gradient<D: Dimension>(&mut self, x: &ArrayRef<f64, D>) -> Result<Array<f64, D>, Error> {
        self.solve(FiniteDifference::central().plan_gradient(x)?)
    }

    /// The Jacobian of a vector function (m x n), by central differences as
    /// [`numdiff_core::jacobian`]: 2n evaluations.
    ///
    /// # Errors
    /// As [`solve`](Self::solve).
    pub fn jacobian<D: Dimension>(&mut self, x: &ArrayRef<f64, D>) -> Result<Array2<f64>, Error> {
        self.solve(FiniteDifference::central().plan_jacobian(x)?)
    }

    /// The Hessian of a scalar function (n x n), by central differences as
    /// [`numdiff_core::hessian`].
    ///
    /// # Errors
    /// As [`solve`](Self::solve).
    pub fn hessian<D: Dimension>(&mut self, x: &ArrayRef<f64, D>) -> Result<Array2<f64>, Error> {
        self.solve(FiniteDifference::central().plan_hessian(x)?)
    }

    /// Any operator of any method: takes what a `plan_*` method made from where it stands to its
    /// result. A plan that was saved half-way goes on there.
    ///
    /// # Errors
    /// [`Error::Core`] for what the serial operator would say; [`Error::Failed`] when an evaluation
    /// failed as often as the plan asks for it; [`Error::Panicked`], [`Error::Begin`];
    /// [`Error::Silent`] and [`Error::Overdue`] for ranks that are lost beyond
    /// [`with_lost_ranks`](Mpi::with_lost_ranks).
    pub fn solve<Q: Question>(&mut self, mut question: Q) -> Result<Q::Answer, Error> {
        let x = question.x().to_vec();
        self.begin(&x)?;
        let told = (0..question.jobs()).map(|id| question.is_told(id));
        let told = told.collect();
        self.rounds(&mut question, &x, told)?;
        Ok(question.answer()?)
    }

    /// Any plan, begun at x. Returns the count of evaluations.
    ///
    /// # Errors
    /// As [`solve`](Self::solve).
    pub fn drive<P: Plan>(&mut self, plan: &mut P, x: &[f64]) -> Result<usize, Error> {
        plan.begin(x)?;
        self.begin(x)?;
        self.rounds(plan, x, Vec::new())?;
        Ok(self.report.evaluations)
    }

    /// What the last question cost.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Sends x to the ranks.
    fn begin(&mut self, x: &[f64]) -> Result<(), Error> {
        self.questions += 1;
        self.schedule = Schedule::default();
        self.failures.clear();
        self.report = Report {
            ranks: self
                .seats
                .iter()
                .map(|seat| RankReport {
                    rank: seat.rank,
                    lost: seat.lost.is_some(),
                    ..RankReport::default()
                })
                .collect(),
            ..Report::default()
        };
        self.live()?;
        for (k, part) in x.chunks(PART).enumerate() {
            let task = Task::Begin {
                start: k * PART,
                length: x.len(),
                part: part.to_vec(),
            };
            // Encoded once for all.
            let bytes = Arc::new(encode(&task));
            for seat in self.seats.iter().filter(|seat| seat.lost.is_none()) {
                if seat.rank != 0 {
                    self.outbox.send_bytes(self.mpi.comm(), seat.rank, &bytes);
                }
            }
            if let Some(own) = &self.own {
                own.send(task);
            }
        }
        Ok(())
    }

    fn live(&self) -> Result<usize, Error> {
        let live = self.seats.iter().filter(|seat| seat.lost.is_none()).count();
        if live == 0 {
            let ranks = self.seats.len();
            return Err(Error::NoRanks { ranks });
        }
        Ok(live)
    }

    /// Runs a plan's rounds. `told`: the jobs of the first round that have been told.
    fn rounds<P: Plan>(
        &mut self,
        plan: &mut P,
        x: &[f64],
        mut told: Vec<bool>,
    ) -> Result<(), Error> {
        let mut backoff = Backoff::new();
        self.rest();
        while plan.jobs() > 0 {
            let is_told = |id: &usize| told.get(*id).copied().unwrap_or(false);
            let mut waiting: VecDeque<usize> = (0..plan.jobs()).filter(|id| !is_told(id)).collect();
            let mut open = waiting.len();
            told.clear();
            while open > 0 {
                self.hand_out(plan, x, &mut waiting)?;
                let heard = self.hear(backoff.pause());
                let idle = heard.is_none();
                if let Some((seat, reply)) = heard {
                    backoff.reset();
                    if let Reply::Done(done) = reply {
                        open -= self.settle(plan, x, seat, done)?;
                    }
                }
                // Also when the others never leave a pause.
                if idle || self.looked.elapsed() > self.mpi.timeout / LOOKS {
                    self.look_after(&mut waiting)?;
                }
            }
            self.report.rounds += 1;
            plan.close().map_err(|error| self.explain(error, x))?;
        }
        Ok(())
    }

    /// Gives jobs to every rank that has room.
    fn hand_out<P: Plan>(
        &mut self,
        plan: &P,
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
    fn choose<P: Plan>(
        &self,
        plan: &P,
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

    fn give<P: Plan>(&mut self, plan: &P, x: &[f64], k: usize, jobs: Vec<usize>) {
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

    /// The next reply, waited for at most `pause`, and whose it is.
    fn hear(&mut self, pause: Option<Duration>) -> Option<(usize, Reply)> {
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
    fn settle<P: Plan>(
        &mut self,
        plan: &mut P,
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
                    plan.tell(id, Some(&done.values[start..start + outputs]))?;
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
                    plan.tell(id, None)?;
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
    fn explain(&self, error: numdiff_core::Error, x: &[f64]) -> Error {
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

    /// Starts all clocks anew, when the leader itself was away.
    fn rest(&mut self) {
        self.looked = Instant::now();
        for seat in &mut self.seats {
            (seat.heard, seat.since) = (self.looked, self.looked);
        }
    }

    /// Gives up ranks that are silent or overdue, and gives their jobs to the others.
    fn look_after(&mut self, waiting: &mut VecDeque<usize>) -> Result<(), Error> {
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

/// The first coordinate that was moved, and how far; (0, 0) for x itself.
fn place(moves: &OwnedMoves, x: &[f64]) -> (usize, f64) {
    let first = match moves {
        OwnedMoves::None => None,
        OwnedMoves::One(i, to) => Some((*i, *to)),
        OwnedMoves::Many(many) => many.first().copied(),
    };
    first.map_or((0, 0.0), |(i, to)| (i, to - x[i]))
}
