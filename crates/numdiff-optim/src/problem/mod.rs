//! The problem as solvers see it: evaluations are counted, limited and watched for the target.

mod constraints;
mod counters;
mod derivatives;
mod residuals;

use crate::Error;
use crate::bounds::Bounds;
use crate::budget::EvaluationBudget;
use crate::differences::{Differences, Sides};
use crate::error::failed;
use crate::evaluator::{Constraints, Function, GradientSource, Own};
use crate::flat::Values;
use crate::interrupt::{Cause, Interrupt};
use crate::matrix::is_finite;
use crate::same_function::check_same_function;
use crate::settings::Limits;
use numdiff_core::Workspace;

pub(crate) use counters::{Asked, RunCounters};

/// f, its gradient and its constraints, with the best point seen.
pub(crate) struct Problem<'e> {
    objective: &'e mut dyn Function<Own>,
    pub source: GradientSource<'e>,
    pub constraints: Constraints<'e>,
    /// Makes f that of the next batch; false where there is none.
    pub batches: Option<Box<dyn FnMut() -> bool + 'e>>,
    pub bounds: Bounds,
    pub budget: EvaluationBudget,
    /// The best point seen and its value.
    pub best: (Vec<f64>, f64),
    /// The best before the iteration at hand, which a resumed run repeats.
    best_before: (Vec<f64>, f64),
    /// The best that the saved run had seen.
    best_saved: Option<(Vec<f64>, f64)>,
    pub asked: Asked,
    /// A power of two in which solvers are given f and its derivatives; all that is kept here is in the caller's unit.
    pub unit: f64,
    /// Why a sample could not be taken.
    failure: Option<Error>,
    /// The violation at the best point.
    pub best_violation: f64,
    /// The value at which an accepted point ends the run; that of the limits is for any evaluation.
    pub target: Option<f64>,
    differences: Differences,
    workspace: Workspace<Vec<f64>>,
    buffer: Vec<f64>,
}

impl<'e> Problem<'e> {
    pub fn new(
        objective: &'e mut dyn Function<Own>,
        source: GradientSource<'e>,
        bounds: Bounds,
        limits: Limits,
    ) -> Self {
        Problem {
            objective,
            source,
            constraints: Constraints::default(),
            batches: None,
            bounds,
            budget: EvaluationBudget::new(limits),
            best: (Vec::new(), f64::INFINITY),
            best_before: (Vec::new(), f64::INFINITY),
            best_saved: None,
            asked: Asked::default(),
            unit: 1.0,
            failure: None,
            best_violation: f64::NAN,
            target: None,
            differences: Differences::default(),
            workspace: Workspace::new(),
            buffer: Vec::new(),
        }
    }

    /// Goes to the next batch, where f is a mean over batches.
    pub fn next_batch(&mut self) -> Result<(), Interrupt> {
        match self.batches.as_mut().is_none_or(|next| next()) {
            true => Ok(()),
            false => Err(Interrupt::Batches),
        }
    }

    /// The best point of this run and the saved one before it.
    pub fn best_seen(&self) -> &(Vec<f64>, f64) {
        match &self.best_saved {
            Some(saved) if saved.1 < self.best.1 => saved,
            _ => &self.best,
        }
    }

    /// f(x) where a run begins: a failure ends it.
    pub fn first(&mut self, x: &[f64]) -> Result<f64, Interrupt> {
        let value = self.evaluate(x)?;
        Ok(value.map_err(failed("f", self.budget.spent.evaluations))?)
    }

    fn evaluate(&mut self, x: &[f64]) -> Result<Result<f64, Cause>, Interrupt> {
        self.budget.spent.log.open("f", &[x]);
        let objective = &mut *self.objective;
        let value = self.budget.value(|| Ok(objective.at(x)?.f))?;
        if let Ok(value) = &value {
            keep_lower(&mut self.best, x, *value);
        }
        Ok(value)
    }

    /// f(x) at a trial point: NaN where f failed. f is not asked where x itself has overflowed.
    pub fn value(&mut self, x: &[f64]) -> Result<f64, Interrupt> {
        match is_finite(x) {
            true => self.value_at_finite(x),
            false => Ok(f64::NAN),
        }
    }

    /// As [`value`](Self::value), where x is known to be finite.
    pub fn value_at_finite(&mut self, x: &[f64]) -> Result<f64, Interrupt> {
        let value = self.evaluate(x)?.unwrap_or(f64::NAN);
        self.check_target()?;
        Ok(value / self.unit)
    }

    /// What f returns at several points: together where that is how they are evaluated.
    fn returned(&mut self, points: &[Vec<f64>]) -> Result<Vec<Result<Own, Cause>>, Interrupt> {
        if points.len() == 1 || !self.objective.is_together() {
            return Ok(points.iter().map(|x| self.objective.at(x)).collect());
        }
        let (all, expected) = (self.objective.many(points), points.len());
        match all.len() == expected {
            true => Ok(all),
            false => Err(Interrupt::from(numdiff_core::Error::Length {
                argument: "the values of the batch",
                found: all.len(),
                expected,
            })),
        }
    }

    /// Has `look` evaluate f around a point, in the box.
    pub fn around<T>(&mut self, look: impl FnOnce(Values<'_>, &Bounds) -> T) -> T {
        let bounds = self.bounds.clone();
        look(&mut |z| self.value(z), &bounds)
    }

    /// Refuses another f than that of the saved run, which was `f` at x.
    pub fn check_same_function(
        &mut self,
        (x, f): (&[f64], f64),
        noise: Option<f64>,
    ) -> Result<(), Interrupt> {
        check_same_function(f, noise.unwrap_or(0.0), || {
            self.budget
                .check(|| self.objective.at(x).map_or(f64::NAN, |own| own.f))
        })
    }

    /// f at the start, where a saved run that had no gradient yet knows it; `sampled` if it came with others, whose
    /// number stands before it.
    pub fn saved_start(&self, sampled: bool) -> Option<f64> {
        let values = self.budget.spent.log.first()?;
        values.get(usize::from(sampled)).copied()
    }

    pub fn check_target(&self) -> Result<(), Interrupt> {
        match self.budget.limits.target {
            Some(target) if self.best_seen().1 <= target => Err(Interrupt::Target),
            _ => Ok(()),
        }
    }

    /// An iteration is over, or the start: its values are not needed any more.
    pub fn next_iteration(&mut self) {
        self.budget
            .next_iteration(self.is_analytic(), self.best.0.len());
        if self.can_interrupt() {
            self.best_before.clone_from(&self.best);
        }
    }

    /// Whether a limit can end an iteration in its middle.
    pub fn can_interrupt(&self) -> bool {
        !self.budget.spent.log.is_off()
    }

    /// Whether the caller gave the gradient.
    pub fn is_analytic(&self) -> bool {
        self.source.is_analytic()
    }

    /// Differences at x, whose value is `f`, by the given intervals.
    pub fn differences(
        &mut self,
        x: &[f64],
        f: f64,
        intervals: &[f64],
        sides: Sides,
    ) -> Result<&Differences, Interrupt> {
        let bounds = self.bounds.slices();
        self.differences.begin(x, f, bounds, intervals, sides);
        self.evaluate_differences(x, intervals)?;
        Ok(&self.differences)
    }

    /// The other side of finished one-sided differences at x.
    pub fn other_side(&mut self, x: &[f64]) -> Result<&Differences, Interrupt> {
        self.differences.begin_other_side();
        self.evaluate_differences(x, &[])?;
        Ok(&self.differences)
    }

    /// Has the open points evaluated, as many as there is room for: a run that is resumed needs the others only.
    fn evaluate_differences(&mut self, x: &[f64], intervals: &[f64]) -> Result<(), Interrupt> {
        let (mut point, together) = (x.to_vec(), self.objective.is_together());
        while !self.differences.jobs().is_empty() {
            let jobs = self.differences.jobs().len();
            let (lower, upper) = self.bounds.slices().unwrap_or_default();
            let at = [x, intervals, lower, upper, &[jobs as f64]];
            self.budget.spent.log.open("differences", &at);
            // Values of a batch that was evaluated together.
            let mut ahead = Vec::new().into_iter();
            for k in 0..jobs {
                let job = self.differences.jobs()[k];
                point[job.coordinate] = job.to;
                let value = match ahead.next() {
                    Some(value) => value,
                    None if together => match self.budget.spent.log.recall() {
                        Some(value) => value,
                        None => {
                            ahead = self.values_from(k, x)?.into_iter();
                            ahead.next().unwrap_or(f64::NAN)
                        }
                    },
                    None => {
                        let objective = &mut *self.objective;
                        let value = self.budget.value(|| Ok(objective.at(&point)?.f))?;
                        value.unwrap_or(f64::NAN)
                    }
                };
                keep_lower(&mut self.best, &point, value);
                self.differences.tell(k, value / self.unit);
                point[job.coordinate] = x[job.coordinate];
                if ahead.as_slice().is_empty() {
                    self.check_target()?;
                }
            }
            self.differences.close();
        }
        Ok(())
    }

    /// f at the open points from the k-th on, evaluated together; NaN where it failed.
    fn values_from(&mut self, k: usize, x: &[f64]) -> Result<Vec<f64>, Interrupt> {
        self.budget.room()?;
        let jobs = self.differences.jobs()[k..].iter();
        let moved = jobs.take(self.budget.left()).map(|job| {
            let mut point = x.to_vec();
            point[job.coordinate] = job.to;
            point
        });
        let all = self.returned(&moved.collect::<Vec<_>>())?.into_iter();
        let values: Vec<f64> = all.map(|own| own.map_or(f64::NAN, |own| own.f)).collect();
        self.budget.spent.evaluations += values.len();
        let log = &mut self.budget.spent.log;
        values.iter().for_each(|value| log.write(*value));
        Ok(values)
    }
}

/// Takes the point over where it is lower than the best.
fn keep_lower(best: &mut (Vec<f64>, f64), x: &[f64], value: f64) {
    if value.is_finite() && value < best.1 {
        best.0.clear();
        best.0.extend_from_slice(x);
        best.1 = value;
    }
}
