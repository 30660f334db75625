//! Evaluations with a meter: counted, budgeted, watched for the target, the best point kept.

use crate::evaluator::{Cause, DifferenceFailure, Evaluator, GradientFailure};
use numdiff_core::{FiniteDifference, Plan, Probe, Sides};
use std::time::Instant;

/// Why an iteration was left in the middle.
#[derive(Debug)]
pub(crate) enum Halt {
    Evaluations,
    Time,
    Target,
    /// A given gradient failed.
    Gradient(Cause),
    /// A given gradient returned this many elements.
    Length(usize),
    /// A fixed difference could not be taken.
    Difference(numdiff_core::Error),
}

/// Limits of a run.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub evaluations: usize,
    pub deadline: Option<Instant>,
    pub target: Option<f64>,
}

/// A box; empty for none.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Box1 {
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    lower: Vec<f64>,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    upper: Vec<f64>,
}

impl Box1 {
    pub fn new(lower: Vec<f64>, upper: Vec<f64>) -> Self {
        Box1 { lower, upper }
    }

    pub fn is_none(&self) -> bool {
        self.lower.is_empty()
    }

    #[inline]
    pub fn lower(&self, i: usize) -> f64 {
        self.lower.get(i).copied().unwrap_or(f64::NEG_INFINITY)
    }

    #[inline]
    pub fn upper(&self, i: usize) -> f64 {
        self.upper.get(i).copied().unwrap_or(f64::INFINITY)
    }

    #[inline]
    pub fn clamp(&self, i: usize, v: f64) -> f64 {
        if self.is_none() {
            v
        } else {
            v.clamp(self.lower(i), self.upper(i))
        }
    }

    pub fn is_fixed(&self, i: usize) -> bool {
        !self.is_none() && self.lower(i) == self.upper(i)
    }

    pub fn slices(&self) -> Option<(&[f64], &[f64])> {
        (!self.is_none()).then_some((&self.lower[..], &self.upper[..]))
    }

    /// Whether coordinate `i` may follow the negative gradient.
    pub fn is_free(&self, i: usize, x: f64, g: f64) -> bool {
        self.is_none()
            || !(self.is_fixed(i)
                || (x <= self.lower(i) && g >= 0.0)
                || (x >= self.upper(i) && g <= 0.0))
    }

    /// x + t p, moved into the box.
    pub fn along(&self, x: &[f64], p: &[f64], t: f64) -> Vec<f64> {
        x.iter()
            .zip(p)
            .enumerate()
            .map(|(i, (x, p))| self.clamp(i, x + t * p))
            .collect()
    }

    /// The gradient with the components that push against a bound removed.
    pub fn projected(&self, x: &[f64], g: &[f64]) -> Vec<f64> {
        x.iter()
            .zip(g)
            .enumerate()
            .map(|(i, (&x, &g))| if self.is_free(i, x, g) { g } else { 0.0 })
            .collect()
    }

    /// Bounds that hold x and are pushed against.
    pub fn active(&self, x: &[f64], g: &[f64]) -> usize {
        (0..x.len())
            .filter(|&i| !self.is_free(i, x[i], g[i]))
            .count()
    }
}

/// What the optimizers call.
pub(crate) struct Oracle<'e> {
    evaluator: &'e mut dyn Evaluator,
    pub bounds: Box1,
    pub limits: Limits,
    pub evaluations: usize,
    pub gradients: usize,
    /// The best point seen and its value.
    pub best: (Vec<f64>, f64),
    /// Whether there is a given gradient.
    pub given: bool,
    /// A difference that the caller wants instead of the adapted ones.
    pub fixed: Option<FiniteDifference>,
    probe: Probe,
}

impl<'e> Oracle<'e> {
    pub fn new(
        evaluator: &'e mut dyn Evaluator,
        bounds: Box1,
        limits: Limits,
        given: bool,
    ) -> Self {
        Oracle {
            evaluator,
            bounds,
            limits,
            evaluations: 0,
            gradients: 0,
            best: (Vec::new(), f64::INFINITY),
            given,
            fixed: None,
            probe: Probe::new(),
        }
    }

    fn room(&self, needed: usize) -> Result<(), Halt> {
        if self.limits.evaluations.saturating_sub(self.evaluations) < needed {
            return Err(Halt::Evaluations);
        }
        match self.limits.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(Halt::Time),
            _ => Ok(()),
        }
    }

    /// f(x) at the start, where a failure is the caller's to hear of.
    pub fn first(&mut self, x: &[f64]) -> Result<Result<f64, Cause>, Halt> {
        self.room(1)?;
        self.evaluations += 1;
        let value = match self.evaluator.value(x) {
            Ok(value) => value,
            Err(cause) => return Ok(Err(cause)),
        };
        if value < self.best.1 {
            self.best = (x.to_vec(), value);
        }
        Ok(Ok(value))
    }

    /// f(x) at a trial point: NaN where f failed.
    pub fn value(&mut self, x: &[f64]) -> Result<f64, Halt> {
        self.room(1)?;
        self.evaluations += 1;
        let value = self.evaluator.value(x).unwrap_or(f64::NAN);
        if value < self.best.1 {
            self.best.0.clear();
            self.best.0.extend_from_slice(x);
            self.best.1 = value;
        }
        self.check_target()?;
        Ok(value)
    }

    pub fn check_target(&self) -> Result<(), Halt> {
        match self.limits.target {
            Some(target) if self.best.1 <= target => Err(Halt::Target),
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
    ) -> Result<Probe, Halt> {
        let mut probe = std::mem::take(&mut self.probe);
        probe.ask(x, f, self.bounds.slices(), intervals, sides);
        self.finish(x, probe)
    }

    /// The other side of a finished one-sided probe at x.
    pub fn other_side(&mut self, x: &[f64], mut probe: Probe) -> Result<Probe, Halt> {
        probe.ask_other_side();
        self.finish(x, probe)
    }

    fn finish(&mut self, x: &[f64], mut probe: Probe) -> Result<Probe, Halt> {
        while probe.jobs() > 0 {
            self.room(probe.jobs())?;
            let (evaluations, best) = (&mut self.evaluations, &mut self.best);
            let target = self.limits.target;
            let finished = self.evaluator.probe(x, &mut probe, &mut |z, value| {
                *evaluations += 1;
                if value < best.1 {
                    best.0.clear();
                    best.0.extend_from_slice(z);
                    best.1 = value;
                }
                !target.is_some_and(|target| best.1 <= target)
            });
            if !finished {
                return Err(Halt::Target);
            }
            probe.close().map_err(Halt::Difference)?;
        }
        Ok(probe)
    }

    /// Gives the buffers of a probe back.
    pub fn keep(&mut self, probe: Probe) {
        self.probe = probe;
    }

    /// The given gradient at x. Only to be called when there is one.
    pub fn gradient(&mut self, x: &[f64], out: &mut [f64]) -> Result<(), Halt> {
        self.room(0)?;
        self.gradients += 1;
        match self.evaluator.gradient(x, out) {
            Some(Ok(())) => Ok(()),
            Some(Err(GradientFailure::Cause(cause))) => Err(Halt::Gradient(cause)),
            Some(Err(GradientFailure::Length(found))) => Err(Halt::Length(found)),
            None => unreachable!("asked for a gradient that was not given"),
        }
    }

    /// The gradient by the fixed difference; returns the first coordinate whose step vanished. Only
    /// to be called when there is one.
    pub fn difference(&mut self, x: &[f64], out: &mut [f64]) -> Result<Option<usize>, Halt> {
        self.room(1)?;
        let Some(method) = &self.fixed else {
            unreachable!("asked for a fixed difference that was not set")
        };
        let room = self.limits.evaluations - self.evaluations;
        let evaluations = &mut self.evaluations;
        let run = self
            .evaluator
            .difference(method, x, out, room, &mut |_| *evaluations += 1);
        run.map_err(|failure| match failure {
            DifferenceFailure::Room => Halt::Evaluations,
            DifferenceFailure::Error(error) => Halt::Difference(error),
        })
    }

    /// The Hessian row by row, or its product with `along`; `None` where f does not allow it.
    pub fn hessian(&mut self, x: &[f64], along: Option<&[f64]>) -> Result<Option<Vec<f64>>, Halt> {
        self.room(usize::from(!self.given))?;
        // Gradients that the caller gave have no budget of their own.
        let room = if self.given {
            usize::MAX
        } else {
            self.limits.evaluations - self.evaluations
        };
        let mut spent = 0;
        let run = self
            .evaluator
            .hessian(x, along, self.bounds.slices(), room, &mut spent);
        *(if self.given {
            &mut self.gradients
        } else {
            &mut self.evaluations
        }) += spent;
        match run {
            Ok(entries) => Ok(Some(entries)),
            Err(DifferenceFailure::Room) => Err(Halt::Evaluations),
            Err(DifferenceFailure::Error(_)) => Ok(None),
        }
    }
}
