//! The claim of the methods that have no model of the Hessian: a test of the gradient, then the check of minimality.

use crate::away::{ran_away, running_away};
use crate::flat::{movable, unmoved};
use crate::gradients::{Gradients, Linearization};
use crate::interrupt::Interrupt;
use crate::matrix::{dot, largest};
use crate::minimality_check::{
    MAX_RECHECKS, Neighborhood, blind, claim, decrease, finer, minimality_check, sizes_of,
};
use crate::problem::Problem;
use crate::status::{Divergence, Stall, Status, Test};

/// f below the start by this factor of its scale: there is no minimum to be had.
const UNBOUNDED: f64 = 1e30;
/// A point that is lower by at most this share of f is lower by rounding.
const ROUNDING: f64 = 100.0 * f64::EPSILON;

/// The status of a run whose f falls without end, f being given in this unit.
pub(crate) fn unbounded(f: f64, start_value: f64, unit: f64, iteration: usize) -> Option<Status> {
    let falls = f < -UNBOUNDED * start_value.abs().max(1.0 / unit);
    falls.then(|| Divergence::Unbounded { value: f }.at(iteration))
}

/// Where such a method is between two iterations.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct GradientState {
    pub at: Linearization,
    pub gradients: Gradients,
    pub iteration: usize,
    pub last_step: f64,
    start: Vec<f64>,
    pub start_value: f64,
    pub tolerance: f64,
    /// Of the gradient test: the tolerance, unless the check found it too coarse.
    pub threshold: f64,
    rechecks: u32,
    /// The power of two in which f and its derivatives are known: that of the problem.
    pub unit: f64,
}

/// What a test of convergence makes of an iteration.
pub(crate) enum Tested {
    /// The test does not hold: the iteration takes a step.
    Open,
    /// The iteration is over, and with a status the run.
    Done(Option<Status>),
}

/// What the check makes of a claim.
pub(crate) enum Verdict {
    /// With the noise of f, its scale, and what it falls by along the lines that were looked along.
    Holds {
        level: f64,
        scale: f64,
        left: f64,
    },
    Kink,
    /// In these coordinates no displacement changed f.
    Flat(Vec<usize>),
    /// f does not rise as these coordinates run away.
    Away(Vec<usize>),
    /// x moved to a lower point, or f would fall by more than the tolerance between the points that were looked at:
    /// with the scale of f if the tolerance was too coarse.
    Again(Option<f64>),
    /// Lower points again and again.
    Refused,
}

impl GradientState {
    pub fn start(
        x: Vec<f64>,
        f: f64,
        tolerance: f64,
        problem: &mut Problem<'_>,
    ) -> Result<Self, Interrupt> {
        let start = x.clone();
        let at = Linearization {
            x,
            f: f / problem.unit,
            ..Linearization::default()
        };
        let mut state = GradientState {
            at,
            gradients: Gradients::new(start.len()),
            start,
            iteration: 0,
            last_step: 0.0,
            start_value: f / problem.unit,
            tolerance,
            threshold: tolerance,
            rechecks: 0,
            unit: problem.unit,
        };
        state.differentiate(problem)?;
        Ok(state)
    }

    /// From here on in another unit.
    pub fn change_unit(&mut self, unit: f64) {
        let ratio = std::mem::replace(&mut self.unit, unit) / unit;
        (self.at.f, self.start_value) = (ratio * self.at.f, ratio * self.start_value);
        let derivatives = self.at.gradient.iter_mut().chain(&mut self.at.error);
        derivatives.for_each(|d| *d *= ratio);
        self.gradients.rescale(ratio);
        self.threshold = self.tolerance;
    }

    /// The gradient at x.
    pub fn differentiate(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        self.gradients.take(problem, &mut self.at)
    }

    /// The best gradient there is at x, and from here on.
    pub fn sharpen(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        self.gradients.sharpen();
        self.differentiate(problem)
    }

    /// Whether the gradient passes the test.
    pub fn passes(&self, problem: &Problem<'_>) -> bool {
        self.relative_gradient(problem) <= self.threshold
    }

    /// The gradient test, verified.
    pub fn converged(&mut self, problem: &mut Problem<'_>) -> Result<Tested, Interrupt> {
        if !self.passes(problem) {
            return Ok(Tested::Open);
        }
        if !self.gradients.best {
            self.sharpen(problem)?;
            return Ok(Tested::Done(None));
        }
        self.verify(problem).map(Tested::Done)
    }

    pub fn unbounded(&self) -> Option<Status> {
        unbounded(self.at.f, self.start_value, self.unit, self.iteration)
    }

    /// max_i |g_i| max(|x_i|, 1) / max(|f|, 1), bounds respected: the relative gradient of Dennis and Schnabel
    /// (Numerical Methods for Unconstrained Optimization, equation 7.2.5) with typical sizes 1.
    pub fn relative_gradient(&self, problem: &Problem<'_>) -> f64 {
        let (x, g, bounds) = (&self.at.x, &self.at.gradient, &problem.bounds);
        let largest = match bounds.is_none() {
            true => largest_product(x, g),
            false => largest_product(x, &bounds.projected(x, g)),
        };
        largest / self.at.f.abs().max(1.0)
    }

    /// The claim where the gradient has passed the test; `None` where the run goes on, from a lower point
    /// or with a finer test.
    fn verify(&mut self, problem: &mut Problem<'_>) -> Result<Option<Status>, Interrupt> {
        let relative = self.relative_gradient(problem);
        if let Some(status) = blind(&self.at.error) {
            return Ok(Some(status));
        }
        let before = self.at.x.clone();
        let held = |i: usize| !problem.bounds.is_free(i, before[i], self.at.gradient[i]);
        let held = (0..before.len()).map(held).collect();
        if self.looks_closer(problem, held)? {
            return Ok(None);
        }
        let verdict = self.check(problem, &sizes_of(&before))?;
        let projected = problem.bounds.projected(&self.at.x, &self.at.gradient);
        let test = Test::Gradient {
            largest: largest(&projected),
            tolerance: self.threshold * self.at.f.abs().max(1.0),
        };
        if let Verdict::Again(Some(scale)) = verdict {
            self.threshold = finer(self.tolerance, scale, self.at.f, relative);
        }
        let predicted = dot(&self.at.gradient, &self.at.gradient);
        Ok(self.end(problem, verdict, test, predicted))
    }

    /// The status that the check leaves of a claim by `test`, where the run is not to go on. `predicted` is the
    /// decrease that is not found.
    pub fn end(
        &self,
        problem: &Problem<'_>,
        verdict: Verdict,
        test: Test,
        predicted: f64,
    ) -> Option<Status> {
        let cause = match verdict {
            Verdict::Holds { level, scale, .. } => {
                let active_bounds = problem.bounds.active(&self.at.x, &self.at.gradient);
                return Some(claim(test, active_bounds, level, self.at.f.abs() + scale));
            }
            Verdict::Flat(flat) => {
                return unmoved(&flat, movable(&problem.bounds, self.at.x.len()));
            }
            Verdict::Again(_) => return None,
            Verdict::Away(coordinates) => return ran_away(coordinates),
            Verdict::Kink => Stall::Kink,
            Verdict::Refused => Stall::Search { predicted },
        };
        Some(cause.status())
    }

    /// The verdict on what is a minimum as far as the neighborhood tells.
    fn held(
        &self,
        problem: &mut Problem<'_>,
        sizes: &[f64],
        (level, scale, left): (f64, f64, f64),
    ) -> Result<Verdict, Interrupt> {
        let (at, start) = ((&self.at.x[..], self.at.f), &self.start);
        let known = (scale, &(0..sizes.len()).collect::<Vec<_>>()[..]);
        let away =
            problem.around(|value, bounds| running_away(value, bounds, at, start, sizes, known))?;
        Ok(match away.is_empty() {
            true => Verdict::Holds { level, scale, left },
            false => Verdict::Away(away),
        })
    }

    /// What the check makes of x; a point that is lower is moved to.
    pub fn check(
        &mut self,
        problem: &mut Problem<'_>,
        sizes: &[f64],
    ) -> Result<Verdict, Interrupt> {
        let tolerance = decrease(self.tolerance);
        let (at, g) = ((&self.at.x[..], self.at.f), &self.at.gradient);
        let found = problem
            .around(|value, bounds| minimality_check(value, bounds, at, g, tolerance, sizes))?;
        let exhausted = self.rechecks >= MAX_RECHECKS;
        let (x, f, scale) = match found {
            Neighborhood::Minimum {
                rounding,
                scale,
                left,
            } => {
                let level = rounding * self.at.f.abs();
                return self.held(problem, sizes, (level, scale, left));
            }
            // A point that is left again and again for another is a minimum, if that is lower by rounding or the tolerance.
            Neighborhood::Beside { f, scale, .. } if exhausted => {
                let left = self.at.f - f;
                let is_more = left > (ROUNDING * f.abs()).max(tolerance * scale);
                return Ok(match self.held(problem, sizes, (0.0, scale, left))? {
                    Verdict::Holds { .. } if is_more => Verdict::Refused,
                    verdict => verdict,
                });
            }
            Neighborhood::Kink => return Ok(Verdict::Kink),
            Neighborhood::Flat { coordinates } => return Ok(Verdict::Flat(coordinates)),
            _ if exhausted => return Ok(Verdict::Refused),
            Neighborhood::Between { scale } => {
                self.rechecks += 1;
                return Ok(Verdict::Again(Some(scale)));
            }
            Neighborhood::Beside { x, f, .. } => (x, f, None),
            Neighborhood::Lower { x, f, scale } => (x, f, Some(scale)),
        };
        self.move_to(problem, x, f)?;
        Ok(Verdict::Again(scale))
    }

    /// A lower point was seen around x.
    fn move_to(&mut self, problem: &mut Problem<'_>, x: Vec<f64>, f: f64) -> Result<(), Interrupt> {
        (self.at.x, self.at.f) = (x, f);
        self.gradients.reach.forget();
        self.rechecks += 1;
        self.differentiate(problem)
    }

    /// Whether f varies over less than some `open` unknown is large, or is lower beside x: with the gradient taken anew.
    pub fn looks_closer(
        &mut self,
        problem: &mut Problem<'_>,
        open: Vec<bool>,
    ) -> Result<bool, Interrupt> {
        if !problem.source.is_adaptive() || !open.contains(&true) {
            return Ok(false);
        }
        let lower = self.at.f - ROUNDING * self.at.f.abs();
        if self
            .gradients
            .look_closer(problem, &mut self.at, lower, open)?
        {
            return Ok(true);
        }
        let (x, f) = problem.best.clone();
        let moves = f < lower * problem.unit && self.rechecks < MAX_RECHECKS;
        if moves {
            self.move_to(problem, x, f / problem.unit)?;
        }
        Ok(moves)
    }
}

/// max_i |g_i| max(|x_i|, 1), NaN if a g_i is. Four maxima and counts, so that nothing waits for one another.
fn largest_product(x: &[f64], g: &[f64]) -> f64 {
    let (mut most, mut defects) = ([0.0f64; 4], [0.0f64; 4]);
    let n = x.len() / 4 * 4;
    for (x, g) in x[..n].chunks_exact(4).zip(g[..n].chunks_exact(4)) {
        for j in 0..4 {
            most[j] = most[j].max(g[j].abs() * x[j].abs().max(1.0));
            defects[j] += f64::from(u8::from(g[j].is_nan()));
        }
    }
    for (x, g) in x[n..].iter().zip(&g[n..]) {
        most[0] = most[0].max(g.abs() * x.abs().max(1.0));
        defects[0] += f64::from(u8::from(g.is_nan()));
    }
    if defects.iter().any(|d| *d > 0.0) {
        return f64::NAN;
    }
    most.into_iter().fold(0.0, f64::max)
}
