//! The problem as solvers see it: evaluations are counted, limited and watched for the target.

mod samples;

use crate::Method;
use crate::bounds::Bounds;
use crate::budget::{EvaluationBudget, Limits};
use crate::evaluator::Evaluator;
use crate::flat::flat_coordinates;
use crate::interrupt::{Cause, Interrupt};
use crate::kink::has_kink;
use crate::matrix::is_finite;
use crate::minimality_check::{Neighborhood, minimality_check};
use crate::probe::{Probe, Sides};
use crate::replay_log::ReplayLog;
use crate::run::Limited;
use crate::same_function::check_same_function;
use crate::weak::{Surroundings, one_sided_lines};
use numdiff_core::{FiniteDifference, Moves, Plan};

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
    /// Whether there is a given gradient.
    pub given: bool,
    /// What the caller chose, which a saved run remembers.
    pub method: Method,
    /// A difference that the caller wants instead of the adapted ones.
    pub fixed: Option<FiniteDifference>,
    /// The violation at the best point.
    pub best_violation: f64,
    /// How many residuals come with f.
    residuals: usize,
    probe: Probe,
}

impl<'e> Problem<'e> {
    pub fn new(evaluator: Evaluator<'e, 'e>, bounds: Bounds, limits: Limits, given: bool) -> Self {
        Problem {
            evaluator,
            bounds,
            budget: EvaluationBudget::new(limits),
            best: (Vec::new(), f64::INFINITY),
            best_before: (Vec::new(), f64::INFINITY),
            best_saved: None,
            given,
            method: Method::Automatic,
            fixed: None,
            best_violation: f64::NAN,
            residuals: 0,
            probe: Probe::new(),
        }
    }

    /// What is saved with the state of the solver.
    pub fn counters(&self) -> RunCountersRef<'_> {
        let best_before = match self.can_interrupt() {
            true => &self.best_before,
            false => &self.best,
        };
        RunCountersRef {
            evaluations: self.budget.evaluations,
            checks: self.budget.checks,
            gradient_evaluations: self.budget.gradients,
            method: &self.method,
            bounds: self.bounds.slices().unwrap_or_default(),
            best: self.best_seen(),
            best_before,
            log: &self.budget.log,
        }
    }

    /// Goes on from saved counters: the iteration that was cut short begins anew.
    pub fn resume(&mut self, counters: RunCounters) {
        self.method = counters.method;
        self.budget.evaluations = counters.evaluations;
        self.budget.checks = counters.checks;
        self.budget.gradients = counters.gradient_evaluations;
        self.budget.log = counters.log;
        self.budget.log.rewind();
        self.best = counters.best_before.clone();
        self.best_before = counters.best_before;
        self.best_saved = Some(counters.best);
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
        self.budget.log.open("f", &[x]);
        let evaluator = &mut self.evaluator;
        let value = match self.budget.value(|| evaluator.value(x))? {
            Ok(value) => value,
            Err(cause) => return Ok(Err(cause)),
        };
        if value.is_finite() && value < self.best.1 {
            self.best.0.clear();
            self.best.0.extend_from_slice(x);
            self.best.1 = value;
        }
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

    /// The check before a claim: see [`minimality_check`].
    pub fn minimality_check(
        &mut self,
        (x, f): (&[f64], f64),
        gradient: &[f64],
        tolerance: f64,
        least: f64,
    ) -> Result<Neighborhood, Interrupt> {
        let bounds = self.bounds.clone();
        let value = &mut |z: &[f64]| self.value(z);
        minimality_check(value, &bounds, (x, f), gradient, tolerance, least)
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

    /// f at the start, where a saved run that had no gradient yet knows it.
    pub fn saved_start(&self) -> Option<f64> {
        let values = self.budget.log.first()?;
        let at = match self.evaluator.constraints.is_empty() {
            true => 0,
            // Their length, the number of groups and the size of each stand before f.
            false => 2 + *values.get(1)? as usize,
        };
        values.get(at).copied()
    }

    /// Those of these coordinates in which no displacement changes f: see [`flat_coordinates`].
    pub fn flat_coordinates(
        &mut self,
        x: &[f64],
        f: f64,
        sizes: &[f64],
        suspects: &[usize],
    ) -> Result<Vec<usize>, Interrupt> {
        let bounds = self.bounds.clone();
        flat_coordinates(&mut |z| self.value(z), &bounds, (x, f), sizes, suspects)
    }

    /// The coordinates of lines on which f stands still on one side of x: see [`one_sided_lines`].
    pub fn one_sided_lines(&mut self, near: &Surroundings<'_>) -> Result<Vec<usize>, Interrupt> {
        let bounds = self.bounds.clone();
        one_sided_lines(&mut |z| self.value(z), &bounds, near)
    }

    /// Whether f has a kink at x: see [`has_kink`].
    pub fn has_kink(
        &mut self,
        x: &[f64],
        f: f64,
        sizes: &[f64],
        level: f64,
    ) -> Result<bool, Interrupt> {
        let bounds = self.bounds.clone();
        has_kink(&mut |z| self.value(z), &bounds, (x, f), sizes, level)
    }

    pub fn check_target(&self) -> Result<(), Interrupt> {
        match self.budget.limits.target {
            Some(target) if self.best_seen().1 <= target => Err(Interrupt::Target),
            _ => Ok(()),
        }
    }

    /// Differences at x, whose value is `f`, by the given intervals.
    pub fn probe(
        &mut self,
        x: &[f64],
        f: f64,
        intervals: &[f64],
        sides: Sides,
    ) -> Result<Probe, Interrupt> {
        let mut probe = std::mem::take(&mut self.probe);
        probe.ask(x, f, self.bounds.slices(), intervals, sides);
        self.finish(x, intervals, probe)
    }

    /// The other side of a finished one-sided probe at x.
    pub fn other_side(&mut self, x: &[f64], mut probe: Probe) -> Result<Probe, Interrupt> {
        probe.ask_other_side();
        self.finish(x, &[], probe)
    }

    /// Has the open jobs evaluated, as many as there is room for: a run that is resumed needs the others only.
    fn finish(
        &mut self,
        x: &[f64],
        intervals: &[f64],
        mut probe: Probe,
    ) -> Result<Probe, Interrupt> {
        while probe.jobs() > 0 {
            let jobs = probe.jobs();
            let (lower, upper) = self.bounds.slices().unwrap_or_default();
            self.budget
                .log
                .open("differences", &[x, intervals, lower, upper, &[jobs as f64]]);
            let mut known = 0;
            while known < jobs
                && let Some(value) = self.budget.log.recall()
            {
                self.see(x, probe.job(known), value);
                probe.tell(known, Some(&[value]))?;
                known += 1;
            }
            self.check_target()?;
            if known < jobs {
                self.budget.room()?;
                let end = known.saturating_add(self.budget.left()).min(jobs);
                let (budget, best) = (&mut self.budget, &mut self.best);
                let mut todo = end - known;
                self.evaluator
                    .probe(x, &mut probe, known..end, &mut |z, value| {
                        budget.evaluations += 1;
                        budget.log.write(value);
                        todo -= 1;
                        if value.is_finite() && value < best.1 {
                            best.0.clear();
                            best.0.extend_from_slice(z);
                            best.1 = value;
                        }
                        match budget.limits.target {
                            Some(target) if best.1 <= target => Err(Interrupt::Target),
                            _ if todo > 0 => budget.in_time(),
                            _ => Ok(()),
                        }
                    })?;
                if end < jobs {
                    return Err(Interrupt::Evaluations);
                }
            }
            probe.close()?;
        }
        Ok(probe)
    }

    /// A value that is known from the log may be the best.
    fn see(&mut self, x: &[f64], moves: Moves<'_>, value: f64) {
        if value.is_finite()
            && value < self.best.1
            && let Moves::One(i, to) = moves
        {
            self.best.0.clear();
            self.best.0.extend_from_slice(x);
            self.best.0[i] = to;
            self.best.1 = value;
        }
    }

    /// Gives the buffers of a probe back.
    pub fn keep(&mut self, probe: Probe) {
        self.probe = probe;
    }

    /// The given gradient at x. Only to be called when there is one.
    pub fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), Interrupt> {
        self.budget.log.open("gradient", &[x]);
        self.evaluator.gradient(x, out, &mut self.budget)
    }

    /// The gradient by the fixed difference; returns the first coordinate whose step vanished. Only
    /// to be called when there is one.
    pub fn difference(&mut self, x: &[f64], out: &mut [f64]) -> Result<Option<usize>, Interrupt> {
        let Some(method) = &self.fixed else {
            unreachable!("asked for a fixed difference that was not set")
        };
        self.budget.log.open(&format!("{method:?}"), &[x]);
        self.evaluator.difference(method, x, out, &mut self.budget)
    }

    /// The Hessian row by row, or its product with `along`; `None` where f does not allow it.
    pub fn hessian(
        &mut self,
        x: &[f64],
        along: Option<&[f64]>,
    ) -> Result<Option<Vec<f64>>, Interrupt> {
        let (lower, upper) = self.bounds.slices().unwrap_or_default();
        let kind = match self.given {
            true => "Hessian of gradients",
            false => "Hessian",
        };
        self.budget
            .log
            .open(kind, &[x, along.unwrap_or_default(), lower, upper]);
        let bounds = self.bounds.slices();
        self.evaluator.hessian(x, along, bounds, &mut self.budget)
    }
}

impl Limited for Problem<'_> {
    fn next_iteration(&mut self) {
        self.budget.next_iteration(self.given);
        if self.can_interrupt() {
            self.best_before.clone_from(&self.best);
        }
    }

    fn can_interrupt(&self) -> bool {
        !self.budget.log.is_off()
    }
}

/// What was counted, the best points, and the values of an iteration that was cut short.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct RunCounters {
    pub evaluations: usize,
    checks: usize,
    /// What the caller chose.
    pub method: Method,
    /// The box; empty without bounds.
    pub bounds: (Vec<f64>, Vec<f64>),
    gradient_evaluations: usize,
    best: (Vec<f64>, f64),
    best_before: (Vec<f64>, f64),
    log: ReplayLog,
}

/// Counters of a run that goes on.
#[derive(Clone, Copy)]
pub(crate) struct RunCountersRef<'o> {
    pub evaluations: usize,
    checks: usize,
    pub gradient_evaluations: usize,
    method: &'o Method,
    bounds: (&'o [f64], &'o [f64]),
    best: &'o (Vec<f64>, f64),
    best_before: &'o (Vec<f64>, f64),
    log: &'o ReplayLog,
}

impl RunCountersRef<'_> {
    pub fn owned(&self) -> RunCounters {
        RunCounters {
            evaluations: self.evaluations,
            checks: self.checks,
            method: self.method.clone(),
            bounds: (self.bounds.0.to_vec(), self.bounds.1.to_vec()),
            gradient_evaluations: self.gradient_evaluations,
            best: self.best.clone(),
            best_before: self.best_before.clone(),
            log: self.log.clone(),
        }
    }
}
