//! The leader: plans in, values from the ranks out.

mod dealing;
mod hearing;
mod losing;

use crate::backoff::Backoff;
use crate::evaluator::Evaluator;
use crate::message::{PART, Reply, Task, encode};
use crate::post::Outbox;
use crate::report::{RankReport, Report};
use crate::schedule::Schedule;
use crate::seat::{Lost, Seat};
use crate::{Error, Mpi};
use hearing::Attempt;
use ndarray::Array2;
use numdiff_core::{AskTell, FiniteDifference, Point};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

/// A busy leader looks after its ranks this often in a timeout: an error comes late by at most 6 %.
const LOOKS: u32 = 16;

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
    /// Those of [`solve`](Self::solve).
    pub fn gradient<X: Point<f64> + ?Sized>(&mut self, x: &X) -> Result<X::Like, Error> {
        let gradient = self.solve(FiniteDifference::central().plan().gradient(x).ask_tell()?)?;
        Ok(x.like(gradient.to_vec()))
    }

    /// The Jacobian of a vector function (m x n), by central differences as
    /// [`numdiff_core::jacobian`]: 2n evaluations.
    ///
    /// # Errors
    /// Those of [`solve`](Self::solve).
    pub fn jacobian<X: Point<f64> + ?Sized>(&mut self, x: &X) -> Result<Array2<f64>, Error> {
        self.solve(FiniteDifference::central().plan().jacobian(x).ask_tell()?)
    }

    /// The Hessian of a scalar function (n x n), by central differences as
    /// [`numdiff_core::hessian`].
    ///
    /// # Errors
    /// Those of [`solve`](Self::solve).
    pub fn hessian<X: Point<f64> + ?Sized>(&mut self, x: &X) -> Result<Array2<f64>, Error> {
        self.solve(FiniteDifference::central().plan().hessian(x).ask_tell()?)
    }

    /// Any operator of any method: takes what `.ask_tell()` made from where it stands to its
    /// result. A plan that was saved half-way goes on there.
    ///
    /// # Errors
    /// [`Error::Core`] for what the serial operator would say; [`Error::Failed`] when an evaluation
    /// failed as often as the plan asks for it; [`Error::Panicked`], [`Error::Begin`];
    /// [`Error::Silent`] and [`Error::Overdue`] for ranks that are lost beyond
    /// [`with_lost_ranks`](Mpi::with_lost_ranks).
    pub fn solve<A>(&mut self, mut plan: AskTell<A>) -> Result<A, Error> {
        let x = plan.x().to_vec();
        self.begin(&x)?;
        let told = (0..plan.jobs()).map(|id| plan.is_told(id)).collect();
        self.rounds(&mut plan, &x, told)?;
        Ok(plan.finish()?)
    }

    /// A plan, begun again at x. Returns the count of evaluations.
    ///
    /// # Errors
    /// Those of [`solve`](Self::solve).
    pub fn drive<A>(&mut self, plan: &mut AskTell<A>, x: &[f64]) -> Result<usize, Error> {
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

    /// Runs a plan's rounds. `told`: the jobs of the first round that have been told.
    fn rounds<A>(
        &mut self,
        plan: &mut AskTell<A>,
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
}
