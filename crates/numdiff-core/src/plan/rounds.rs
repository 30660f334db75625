//! The rounds of a plan: its lines in chunks, each chunk in as many rounds as its schemes need.

use super::next_lines;
use super::told_values::ToldValues;
use crate::error::expect_outputs;
use crate::line::{Direction, LineResults, LineSet, LineValues};
use crate::moves::Failure;
use crate::operators::AnyOperator;
use crate::scheme::{LineError, Scheme};
use crate::step::Pace;
use crate::{Error, Moves};

/// Lines that are open at the same time: enough jobs for any number of workers, little memory.
const CHUNK: usize = 256;

/// Points whose lines are open at the same time, and numbers in them: enough to fill a batch.
const POINTS: usize = 1024;
const NUMBERS: usize = 1 << 19;

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
    /// Index of the open line, of f(x) that of the first which asks for it.
    open: usize,
    /// The displacement; 0 for f(x).
    t: f64,
    attempt: u32,
    /// Moves of the point in the plan's list, unless it is x or one coordinate moves.
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
    /// f(x) once it is known: of the points of the open lines, the first of which is `first_point`.
    pub(super) bases: Vec<Vec<f64>>,
    pub(super) first_point: usize,
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
    bases: Vec<usize>,
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

    /// A job that may be the first, f(x) where the open lines ask for it and share it: its id, its line and its
    /// displacement there.
    #[cfg(feature = "rayon")]
    pub fn first(&self) -> (usize, usize, f64) {
        let base = self.jobs.iter().position(|job| job.t == 0.0);
        let id = base
            .filter(|_| !self.line_set.has_several_points())
            .unwrap_or(0);
        let job = &self.jobs[id];
        (id, self.open[job.open].line, job.t)
    }

    /// Whether a job of the round was told.
    pub fn is_told(&self, id: usize) -> bool {
        self.jobs[id].told.is_some()
    }

    /// Opens chunks until one needs evaluations or no line is left.
    pub(super) fn advance(&mut self) -> Result<(), Error> {
        let n = self.line_set.coordinates();
        let chunk = match self.line_set.has_several_points() {
            true => (NUMBERS / n).clamp(1, POINTS * n),
            false => CHUNK,
        };
        while self.jobs.is_empty() {
            let (scheme, results) = (&self.scheme, &self.results);
            let Some(block) =
                next_lines(&mut self.next, chunk, scheme, &mut self.line_set, results)
            else {
                break;
            };
            self.keep_base(block.start);
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

    /// Forgets f(x) but at the point of this line, the first of those that are opened.
    fn keep_base(&mut self, line: usize) {
        let point = self.line_set.point_of(line);
        let kept = point - self.first_point;
        if kept > 0 {
            self.bases[0].clear();
            if kept < self.bases.len() {
                self.bases.swap(0, kept);
            }
            self.bases[1..].iter_mut().for_each(Vec::clear);
            self.first_point = point;
        }
    }

    /// The point of an open line.
    fn point_of(&self, open: usize) -> usize {
        self.line_set.point_of(self.open[open].line)
    }

    /// Runs the scheme over every open line and plans the evaluations that it misses.
    fn run(&mut self) -> Result<(), Error> {
        let pace = self.scheme.pace(&self.line_set);
        let mut wanted = std::mem::take(&mut self.spare.wanted);
        let mut bases = std::mem::take(&mut self.spare.bases);
        bases.clear();
        let repeated = self.jobs.len();
        for k in 0..self.opened {
            if self.open[k].done {
                continue;
            }
            let point = self.point_of(k);
            let open = &mut self.open[k];
            let line = self.scheme.line(&self.line_set, open.line, pace);
            wanted.clear();
            let base = self.bases.get(point - self.first_point);
            let mut told_values = ToldValues {
                cache: &open.cache,
                base: base.map_or(&[], Vec::as_slice),
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
                        if t != 0.0 {
                            self.want(k, t, repeated);
                        } else if bases
                            .last()
                            .is_none_or(|&last| self.point_of(last) != point)
                        {
                            bases.push(k);
                        }
                    }
                }
            }
        }
        bases.iter().for_each(|&k| self.want(k, 0.0, repeated));
        (self.spare.wanted, self.spare.bases) = (wanted, bases);
        Ok(())
    }

    /// Plans an evaluation on an open line, unless it failed and is one of the first jobs, which are asked for again.
    fn want(&mut self, k: usize, t: f64, repeated: usize) {
        let (line, point) = (self.open[k].line, self.point_of(k));
        let is_same = |job: &Evaluation| {
            job.t == t && (job.open == k || t == 0.0 && self.point_of(job.open) == point)
        };
        if self.jobs[..repeated].iter().any(is_same) {
            return;
        }
        let (start, mut buffer) = (self.moves.len(), std::mem::take(&mut self.spare.moves));
        let line = self.scheme.line(&self.line_set, line, Pace::constant(1.0));
        let moves = line.moves(t, &mut buffer);
        if self.line_set.has_several_points() {
            // All coordinates of the point: moves are from the first one.
            let point = self.line_set.point(point).iter().copied();
            self.moves.extend(point.enumerate());
            moves.for_each(|i, to| self.moves[start + i].1 = to);
        } else if let Moves::Many(many) = moves {
            self.moves.extend_from_slice(many);
        }
        self.spare.moves = buffer;
        self.jobs.push(Evaluation {
            open: k,
            t,
            attempt: 1,
            moves: (start, self.moves.len()),
            told: None,
        });
    }

    /// The first coordinate of a job and its displacement, for messages.
    fn place(&self, job: &Evaluation) -> (usize, f64) {
        let pace = Pace::constant(1.0);
        let line = self
            .scheme
            .line(&self.line_set, self.open[job.open].line, pace);
        match job.t == 0.0 {
            true => (self.point_of(job.open) * self.line_set.coordinates(), 0.0),
            false => line.first(job.t),
        }
    }
}

impl LinePlan {
    /// The point x, of several the first.
    pub fn x(&self) -> &[f64] {
        self.line_set.point(0)
    }

    /// The error of a job whose evaluation failed.
    #[cold]
    pub fn failure(&self, id: usize, source: Failure) -> Error {
        let (coordinate, displacement) = self.place(&self.jobs[id]);
        Error::function(coordinate, displacement, source)
    }

    /// The point of a job, as moves from x.
    pub fn job(&self, id: usize) -> Moves<'_> {
        let job = &self.jobs[id];
        if self.line_set.has_several_points() {
            return Moves::Many(&self.moves[job.moves.0..job.moves.1]);
        }
        if job.t == 0.0 {
            return Moves::None;
        }
        let line = self.open[job.open].line;
        match self.line_set.direction(line) {
            Direction::Coordinate(i) => Moves::One(i, self.line_set.moved_to(i, job.t)),
            _ => Moves::Many(&self.moves[job.moves.0..job.moves.1]),
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
                if !self.scheme.is_adaptive() || job.t == 0.0 || self.outputs == 0 {
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
            if job.t == 0.0 {
                let at = self.point_of(job.open) - self.first_point;
                self.bases
                    .resize_with(self.bases.len().max(at + 1), Vec::new);
                self.bases[at].clone_from(&buffer);
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
