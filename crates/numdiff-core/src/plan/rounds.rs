//! The rounds of a plan: its lines in chunks, each chunk in as many rounds as its schemes need.

use super::next_block;
use super::told_values::ToldValues;
use crate::error::expect_outputs;
use crate::line::{BASE, LineResults, LineSet, LineValues};
use crate::operators::AnyOperator;
use crate::scheme::{LineError, Scheme};
use crate::step::Pace;
use crate::{Error, Moves};

/// Lines that are open at the same time: enough jobs for any number of workers, little memory.
const CHUNK: usize = 256;

/// How often an evaluation that was told as failed is asked for.
const ATTEMPTS: u32 = 3;

/// A line of the chunk and what was told about it.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Open {
    line: usize,
    cache: LineValues,
    /// Outputs whose estimate was found.
    settled: Vec<bool>,
    done: bool,
}

#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Evaluation {
    /// Index of the open line; `BASE` for f(x).
    open: usize,
    t: f64,
    attempt: u32,
    /// Moves of the point in the plan's list, when there is more than one.
    moves: (usize, usize),
    told: Option<bool>,
}

/// An operator, the lines that are open, and what was told about them.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct LinePlan {
    pub operator: AnyOperator,
    pub vector: Vec<f64>,
    pub scheme: Scheme,
    pub(super) epsilon: f64,
    pub line_set: LineSet,
    pub results: LineResults,
    pub(super) base: Vec<f64>,
    open: Vec<Open>,
    pub(super) opened: usize,
    /// Lines that were opened so far.
    pub(super) next: usize,
    pub(super) jobs: Vec<Evaluation>,
    /// Values of the round, `outputs` for each job.
    pub(super) values: Vec<f64>,
    pub(super) moves: Vec<(usize, f64)>,
    /// Outputs of f before contraction; 0: not known yet.
    pub(super) outputs: usize,
    /// Whether the plan ended with an error: what was found is no answer.
    pub(super) failed: bool,
    /// Jobs of the rounds that are closed.
    pub(super) closed: u64,
    #[cfg_attr(feature = "serde", serde(skip))]
    spare: Spare,
}

/// Buffers without a meaning between calls.
#[derive(Clone, Debug, Default)]
struct Spare {
    wanted: Vec<f64>,
    told: Vec<f64>,
    moves: Vec<(usize, f64)>,
    kept: Vec<(usize, f64)>,
}

impl LinePlan {
    /// Jobs of the round that were not told.
    pub fn untold(&self) -> usize {
        self.jobs.iter().filter(|job| job.told.is_none()).count()
    }

    /// Evaluations that were told.
    pub fn told(&self) -> usize {
        self.results.evaluations + self.jobs.len() - self.untold()
    }

    /// A job that may be the first, f(x) where it is asked for: its id, its line and its displacement there.
    /// No line before it has a job.
    #[cfg(feature = "rayon")]
    pub fn first(&self) -> (usize, usize, f64) {
        let base = self.jobs.iter().position(|job| job.open == BASE);
        let id = base.unwrap_or(0);
        let line = base.map_or_else(|| self.open[self.jobs[id].open].line, |_| 0);
        (id, line, self.jobs[id].t)
    }

    /// Whether a job of the round was told.
    pub fn is_told(&self, id: usize) -> bool {
        self.jobs[id].told.is_some()
    }

    /// Opens chunks until one needs evaluations or no line is left.
    pub(super) fn advance(&mut self) -> Result<(), Error> {
        while self.jobs.is_empty() {
            let (scheme, results) = (&self.scheme, &self.results);
            let Some(block) =
                next_block(&mut self.next, CHUNK, scheme, &mut self.line_set, results)
            else {
                break;
            };
            self.opened = block.len();
            self.open
                .resize_with(self.opened.max(self.open.len()), Open::default);
            for (open, line) in self.open.iter_mut().zip(block) {
                open.line = line;
                open.done = false;
                open.cache.clear();
                open.settled.clear();
            }
            self.run()?;
        }
        Ok(())
    }

    /// Runs the scheme over every open line and plans the evaluations that it misses.
    fn run(&mut self) -> Result<(), Error> {
        let pace = self.scheme.pace(&self.line_set);
        let mut wanted = std::mem::take(&mut self.spare.wanted);
        let mut buffer = std::mem::take(&mut self.spare.moves);
        let repeated = self.jobs.len();
        let mut base_wanted = false;
        for k in 0..self.opened {
            if self.open[k].done {
                continue;
            }
            let open = &mut self.open[k];
            let line = self.scheme.line(&self.line_set, open.line, pace);
            wanted.clear();
            let mut told_values = ToldValues {
                cache: &open.cache,
                base: &self.base,
                outputs: self.results.outputs,
                settled: &mut open.settled,
                wanted: &mut wanted,
            };
            match self
                .scheme
                .run(&line, open.line, &mut told_values, &mut self.results)
            {
                Ok(()) => open.done = true,
                Err(LineError::Error(error)) => return Err(error),
                Err(LineError::Pending) => {
                    for &t in &wanted {
                        if t == 0.0 {
                            base_wanted = true;
                            continue;
                        }
                        // A failed evaluation that is asked for again is in the round already.
                        if self.jobs[..repeated]
                            .iter()
                            .any(|job| job.open == k && job.t == t)
                        {
                            continue;
                        }
                        let start = self.moves.len();
                        if let Moves::Many(many) = line.moves(t, &mut buffer) {
                            self.moves.extend_from_slice(many);
                        }
                        let moves = (start, self.moves.len());
                        self.jobs.push(Evaluation {
                            open: k,
                            t,
                            attempt: 1,
                            moves,
                            told: None,
                        });
                    }
                }
            }
        }
        if base_wanted && !self.jobs[..repeated].iter().any(|job| job.open == BASE) {
            self.jobs.push(Evaluation {
                open: BASE,
                t: 0.0,
                attempt: 1,
                moves: (0, 0),
                told: None,
            });
        }
        (self.spare.wanted, self.spare.moves) = (wanted, buffer);
        Ok(())
    }

    /// The first coordinate of a job and its displacement, for messages.
    fn place(&self, job: &Evaluation) -> (usize, f64) {
        if job.open == BASE {
            return (0, 0.0);
        }
        let pace = self.scheme.pace(&self.line_set);
        self.scheme
            .line(&self.line_set, self.open[job.open].line, pace)
            .first(job.t)
    }
}

impl LinePlan {
    /// The point of a job, as moves from x.
    pub fn job(&self, id: usize) -> Moves<'_> {
        let job = &self.jobs[id];
        if job.open == BASE {
            return Moves::None;
        }
        let pace = Pace::constant(1.0);
        let line = self
            .scheme
            .line(&self.line_set, self.open[job.open].line, pace);
        if line.is_coordinate() {
            let (i, t) = line.first(job.t);
            Moves::One(i, self.line_set.moved_to(i, t))
        } else {
            Moves::Many(&self.moves[job.moves.0..job.moves.1])
        }
    }

    /// Takes f's outputs at a job's point; `None` says that the evaluation failed.
    pub fn tell(&mut self, id: usize, values: Option<&[f64]>) -> Result<(), Error> {
        let job = self
            .jobs
            .get_mut(id)
            .ok_or(Error::UnknownJob { id: id as u64 })?;
        if job.told.is_some() {
            return Err(Error::ToldTwice { id: id as u64 });
        }
        if let Some(values) = values {
            self.outputs = expect_outputs(values.len(), self.outputs)?;
            let kept = self.jobs.len() * self.outputs;
            if self.values.len() < kept {
                self.values.resize(kept, f64::NAN);
            }
            self.values[id * self.outputs..(id + 1) * self.outputs].copy_from_slice(values);
        }
        self.jobs[id].told = Some(values.is_some());
        Ok(())
    }

    /// Combines the round, all of whose jobs were told.
    pub(super) fn combine(&mut self) -> Result<(), Error> {
        let mut again = Vec::new();
        let told = std::mem::take(&mut self.jobs);
        let mut values = std::mem::take(&mut self.values);
        let mut buffer = std::mem::take(&mut self.spare.told);
        for (id, job) in told.iter().enumerate() {
            self.results.evaluations += 1;
            if job.told == Some(false) {
                if job.attempt < ATTEMPTS {
                    again.push(Evaluation {
                        attempt: job.attempt + 1,
                        told: None,
                        ..*job
                    });
                    continue;
                }
                if !self.scheme.is_adaptive() || job.open == BASE || self.outputs == 0 {
                    let (coordinate, displacement) = self.place(job);
                    return Err(Error::EvaluationFailed {
                        coordinate,
                        displacement,
                        attempts: job.attempt,
                    });
                }
                // As f that returns NaN: the scheme goes around the point.
                buffer.clear();
                buffer.resize(self.outputs, f64::NAN);
            } else {
                buffer.clear();
                buffer.extend_from_slice(&values[id * self.outputs..(id + 1) * self.outputs]);
            }
            self.line_set.contract(&mut buffer, 0)?;
            self.results.shape(buffer.len())?;
            if job.open == BASE {
                self.base.clone_from(&buffer);
            } else {
                let cache = &mut self.open[job.open].cache;
                cache.ts.push(job.t);
                cache.values.extend_from_slice(&buffer);
            }
        }
        values.clear();
        (self.values, self.spare.told) = (values, buffer);
        let mut jobs = told;
        jobs.clear();
        // The moves of jobs that are asked for again move to the front.
        let mut moves = std::mem::take(&mut self.spare.kept);
        moves.clear();
        for mut job in again {
            let start = moves.len();
            moves.extend_from_slice(&self.moves[job.moves.0..job.moves.1]);
            job.moves = (start, moves.len());
            jobs.push(job);
        }
        self.spare.kept = std::mem::replace(&mut self.moves, moves);
        self.jobs = jobs;
        self.run()?;
        self.advance()
    }
}
