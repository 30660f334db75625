//! The problem as solvers see it: evaluations are counted, limited and watched for the target.

mod constraints;
mod counters;
mod residuals;

use crate::bounds::Bounds;
use crate::budget::EvaluationBudget;
use crate::differences::{Differences, Sides};
use crate::evaluator::Evaluator;
use crate::flat::Values;
use crate::interrupt::{Cause, Interrupt};
use crate::matrix::is_finite;
use crate::run::Limited;
use crate::same_function::check_same_function;
use crate::settings::Limits;

pub(crate) use counters::{Asked, RunCounters};

/// f, its gradient and its constraints, with the best point seen.
pub(crate) struct Problem<'e> {
    evaluator: Evaluator<'e, 'e>,
    pub bounds: Bounds,
    pub budget: EvaluationBudget,
    /// The best point seen and its value.
    pub best: (Vec<f64>, f64),
    /// The best before the iteration at hand, which a resumed run repeats.
    best_before: (Vec<f64>, f64),
    /// The best that the saved run had seen.
    best_saved: Option<(Vec<f64>, f64)>,
    pub asked: Asked,
    /// The violation at the best point.
    pub best_violation: f64,
    /// The value at which an accepted point ends the run; that of the limits is for any evaluation.
    pub target: Option<f64>,
    differences: Differences,
}

impl<'e> Problem<'e> {
    pub fn new(evaluator: Evaluator<'e, 'e>, bounds: Bounds, limits: Limits) -> Self {
        Problem {
            evaluator,
            bounds,
            budget: EvaluationBudget::new(limits),
            best: (Vec::new(), f64::INFINITY),
            best_before: (Vec::new(), f64::INFINITY),
            best_saved: None,
            asked: Asked::default(),
            best_violation: f64::NAN,
            target: None,
            differences: Differences::default(),
        }
    }

    /// The best point of this run and the saved one before it.
    pub fn best_seen(&self) -> &(Vec<f64>, f64) {
        match &self.best_saved {
            Some(saved) if saved.1 < self.best.1 => saved,
            _ => &self.best,
        }
    }

    /// f(x) at the start; a failure is returned to the caller.
    pub fn first(&mut self, x: &[f64]) -> Result<Result<f64, Cause>, Interrupt> {
        self.budget.spent.log.open("f", &[x]);
        let evaluator = &mut self.evaluator;
        let value = match self.budget.value(|| evaluator.value(x))? {
            Ok(value) => value,
            Err(cause) => return Ok(Err(cause)),
        };
        keep_lower(&mut self.best, x, value);
        Ok(Ok(value))
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
        let value = self.first(x)?.unwrap_or(f64::NAN);
        self.check_target()?;
        Ok(value)
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
        let (budget, evaluator) = (&mut self.budget, &mut self.evaluator);
        check_same_function(f, noise.unwrap_or(0.0), || {
            budget.check(|| evaluator.value(x).unwrap_or(f64::NAN))
        })
    }

    /// f at the start, where a saved run that had no gradient yet knows it; `sampled` if it came with others.
    pub fn saved_start(&self, sampled: bool) -> Option<f64> {
        let values = self.budget.spent.log.first()?;
        let at = match sampled {
            false => 0,
            // Their length, the number of groups and the size of each stand before f.
            true => 2 + *values.get(1)? as usize,
        };
        values.get(at).copied()
    }

    pub fn check_target(&self) -> Result<(), Interrupt> {
        match self.budget.limits.target {
            Some(target) if self.best_seen().1 <= target => Err(Interrupt::Target),
            _ => Ok(()),
        }
    }

    /// Whether the caller gave the gradient.
    pub fn is_analytic(&self) -> bool {
        self.evaluator.source.is_analytic()
    }

    /// Whether gradients are differences that the caller chose.
    pub fn is_fixed(&self) -> bool {
        self.evaluator.source.is_fixed()
    }

    /// Whether gradients are differences whose intervals follow f.
    pub fn is_adaptive(&self) -> bool {
        self.evaluator.source.is_adaptive()
    }

    /// The gradient as given, or by the caller's difference: the first coordinate whose step vanished. See
    /// [`differences`](Self::differences) for those that follow f.
    pub fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Result<Option<usize>, Interrupt> {
        self.evaluator.gradient(x, out, &mut self.budget)
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
        while !self.differences.jobs().is_empty() {
            let jobs = self.differences.jobs().len();
            let (lower, upper) = self.bounds.slices().unwrap_or_default();
            self.budget
                .spent
                .log
                .open("differences", &[x, intervals, lower, upper, &[jobs as f64]]);
            let (mut k, mut points, mut values) = (0, Vec::new(), Vec::new());
            while k < jobs {
                let known = self.budget.spent.log.recall();
                let now = match known {
                    None if self.evaluator.is_together() => (jobs - k).min(self.budget.left()),
                    _ => 1,
                };
                points.resize_with(now, || x.to_vec());
                for (point, job) in points.iter_mut().zip(&self.differences.jobs()[k..]) {
                    point[job.coordinate] = job.to;
                }
                match known {
                    Some(known) => values = vec![known],
                    None => {
                        self.budget.room()?;
                        self.evaluator.values(&points, &mut values)?;
                        self.budget.spent.evaluations += now;
                        values.iter().for_each(|v| self.budget.spent.log.write(*v));
                    }
                }
                for (point, &value) in points.iter_mut().zip(&values) {
                    keep_lower(&mut self.best, point, value);
                    let i = self.differences.jobs()[k].coordinate;
                    self.differences.tell(k, value);
                    point[i] = x[i];
                    k += 1;
                }
                self.check_target()?;
            }
            self.differences.close();
        }
        Ok(())
    }

    /// The Hessian row by row, or its product with `along`; `None` where f does not allow it.
    pub fn hessian(
        &mut self,
        x: &[f64],
        along: Option<&[f64]>,
    ) -> Result<Option<Vec<f64>>, Interrupt> {
        let (lower, upper) = self.bounds.slices().unwrap_or_default();
        let kind = match self.is_analytic() {
            true => "Hessian of gradients",
            false => "Hessian",
        };
        self.budget
            .spent
            .log
            .open(kind, &[x, along.unwrap_or_default(), lower, upper]);
        let bounds = self.bounds.slices();
        self.evaluator.hessian(x, along, bounds, &mut self.budget)
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

impl Limited for Problem<'_> {
    fn next_iteration(&mut self) {
        self.budget.next_iteration(self.is_analytic());
        if self.can_interrupt() {
            self.best_before.clone_from(&self.best);
        }
    }

    fn can_interrupt(&self) -> bool {
        !self.budget.spent.log.is_off()
    }
}
