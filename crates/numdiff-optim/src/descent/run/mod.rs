//! One run of a direction with a length.

mod displacement;
mod ending;

use super::{At, Descent};
use crate::convergence::{GradientState, Tested};
use crate::gradients::Linearization;
use crate::interrupt::Interrupt;
use crate::line_search::{Found, Line, search};
use crate::matrix::{dot, norm};
use crate::problem::Problem;
use crate::search::Search;
use crate::status::Status;
use displacement::{changes, misled};

/// The unit of f is 1 where its size, or the inverse of it, is below: products of two derivatives are still finite.
const LARGE: f64 = 1e120;

/// The power of two next to an f that is very large or very small.
fn unit_of(f: f64) -> f64 {
    match f.abs() {
        0.0 => 1.0,
        size if (1.0 / LARGE..=LARGE).contains(&size) => 1.0,
        // Its inverse is finite, too.
        size => size.log2().floor().clamp(-1000.0, 1000.0).exp2(),
    }
}

/// A direction whose angle with the gradient differs from a right one by less is none of descent.
const RIGHT_ANGLE: f64 = 1e-14;

/// The state between two iterations, and buffers.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct DescentRun {
    pub state: GradientState,
    descent: Descent,
    search: Search,
    /// Slope and length of the last search: the next first trial of methods without a scale.
    last: Option<(f64, f64)>,
    radius: f64,
    /// Failed searches since the last step.
    failed_searches: u32,
    /// The slope of a scaled direction at the first of them.
    promise: f64,
    #[cfg_attr(feature = "serde", serde(skip))]
    scratch: Scratch,
}

/// Buffers. A copy of the state begins with empty ones.
#[derive(Debug, Default)]
struct Scratch {
    direction: Vec<f64>,
    next: Linearization,
}

impl Clone for Scratch {
    fn clone(&self) -> Self {
        Scratch::default()
    }
}

impl DescentRun {
    pub fn start(
        x: Vec<f64>,
        f: f64,
        descent: Descent,
        search: Search,
        tolerance: f64,
        problem: &mut Problem<'_>,
    ) -> Result<Self, Interrupt> {
        problem.unit = unit_of(f);
        Ok(DescentRun {
            state: GradientState::start(x, f, tolerance, problem)?,
            descent,
            search,
            last: None,
            // The natural scale of a start is 1 (Nocedal and Wright leave it to the user).
            radius: 1.0,
            failed_searches: 0,
            promise: f64::INFINITY,
            scratch: Scratch::default(),
        })
    }

    /// One iteration, in a unit in which squares of f neither overflow nor vanish.
    pub fn iterate(&mut self, problem: &mut Problem<'_>) -> Result<Option<Status>, Interrupt> {
        let (unit, size) = (self.state.unit, self.state.at.size());
        let vanishes = unit > 1.0 && size > 0.0 && size < 1.0 / LARGE;
        if size.is_finite() && (size > LARGE || vanishes) {
            self.state.change_unit(unit_of(unit * size));
            self.descent.reset();
            (self.last, self.failed_searches, self.promise) = (None, 0, f64::INFINITY);
        }
        problem.unit = self.state.unit;
        let end = self.iterate_in_unit(problem)?;
        Ok(end.map(|status| status.in_unit(self.state.unit)))
    }

    fn iterate_in_unit(&mut self, problem: &mut Problem<'_>) -> Result<Option<Status>, Interrupt> {
        if let Tested::Done(end) = self.converged(problem)? {
            return Ok(end);
        }
        let n = self.state.at.x.len();
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.direction.resize(n, 0.0);
        scratch.next.error.resize(n, 0.0);
        let result = self.advance(problem, &mut scratch);
        self.scratch = scratch;
        result
    }

    fn advance(
        &mut self,
        problem: &mut Problem<'_>,
        scratch: &mut Scratch,
    ) -> Result<Option<Status>, Interrupt> {
        let trust = self.search == Search::TrustRegion;
        let here = &self.state.at;
        let at = At {
            problem,
            x: &here.x,
            g: &here.gradient,
            radius: trust.then_some(self.radius),
        };
        self.descent.direction(at, &mut scratch.direction)?;
        let p = &mut scratch.direction;
        let mut longest = f64::INFINITY;
        if !problem.bounds.is_none() {
            let bounds = &problem.bounds;
            for (i, p) in p.iter_mut().enumerate() {
                let x = here.x[i];
                // A coordinate at a bound may be pushed inward by its gradient and outward by the others.
                let blocked =
                    (*p < 0.0 && x <= bounds.lower(i)) || (*p > 0.0 && x >= bounds.upper(i));
                if blocked || !bounds.is_free(i, x, here.gradient[i]) {
                    *p = 0.0;
                }
            }
        }
        let mut slope = dot(&here.gradient, p);
        // Less than a right angle by less than rounding is no descent.
        let least = match self.descent.always_descends() {
            true => 0.0,
            false => RIGHT_ANGLE * norm(p) * norm(&here.gradient),
        };
        let steepest = !(slope < -least);
        if steepest {
            let projected = problem.bounds.projected(&here.x, &here.gradient);
            p.iter_mut().zip(&projected).for_each(|(p, g)| *p = -g);
            slope = dot(&here.gradient, p);
        }
        let mut region = None;
        if trust {
            if steepest {
                self.descent.reset();
            }
            let predicted = self.descent.predicted(&here.gradient, p);
            if predicted.is_none() {
                // No model but the slope: a direction of which the radius is the length, or the most.
                let share = self.radius / norm(p);
                if share < 1.0 || !self.descent.has_scale() {
                    p.iter_mut().for_each(|p| *p *= share);
                }
                slope = dot(&here.gradient, p);
            }
            region = Some((&mut self.radius, predicted.unwrap_or(-slope)));
        }
        if !problem.bounds.is_none() {
            let moved = here.x.iter().zip(p.iter()).enumerate();
            for (i, (x, p)) in moved.filter(|(_, (_, p))| **p != 0.0) {
                longest = longest.min((problem.bounds.ahead(i, *p) - x) / p);
            }
        }
        let scaled = self.descent.has_scale() && !steepest && !trust;
        let wolfe = self.descent.wolfe();
        let first = match self.last {
            _ if scaled => 1.0,
            // The decrease of the last step again (Nocedal and Wright, section 3.5).
            Some((slope_before, t)) => (t * slope_before / slope).clamp(1e-10, 1e10),
            // At most a length of 1, but no less than moves x.
            None => {
                let least = f64::EPSILON.sqrt() * norm(&here.x);
                (1.0 / norm(p)).min(1.0).max(least / norm(p))
            }
        };
        let next = &mut scratch.next;
        let mut line = Line {
            problem,
            x: &here.x,
            p,
            f: here.f,
            reference: self.descent.reference(here.f),
            slope,
            longest,
            wolfe,
            region,
            z: &mut next.x,
            gradient: &mut next.gradient,
            gradient_at: None,
            placed: None,
        };
        let found = search(self.search, &mut line, first)?;
        let (gradient_at, placed) = (line.gradient_at, line.placed);
        let (t, f) = match found {
            Found::Step { t, f } => (t, f),
            Found::Shorter => return Ok(None),
            Found::Nothing => {
                if self.failed_searches == 0 {
                    self.promise = if scaled { -slope } else { f64::INFINITY };
                }
                return self.after_failed_search(problem, slope);
            }
        };
        if placed != Some(t) {
            next.x = problem.bounds.along(&here.x, &scratch.direction, t);
        }
        next.f = f;
        // A gradient that the search knows was given: its error stays 0.
        if gradient_at != Some(t) {
            let gradients = &mut self.state.gradients;
            gradients.reach.leave(&here.x, &next.x);
            gradients.take(problem, next)?;
            if !gradients.best && !trust {
                let promised = t * slope.max(dot(&next.gradient, &scratch.direction));
                if misled(promised, f - here.f) {
                    gradients.retake(problem, next)?;
                }
            }
        }
        if steepest {
            self.descent.reset();
        }
        self.last = Some((slope, t));
        self.accept(scratch);
        Ok(self.state.unbounded())
    }

    /// Takes the point in `scratch` and learns from the step. The old point and gradient become the
    /// step and the change of the gradient in place.
    fn accept(&mut self, scratch: &mut Scratch) {
        let before = &mut scratch.next;
        std::mem::swap(&mut self.state.at, before);
        let after = &self.state.at;
        let (s, y) = (&mut before.x, &mut before.gradient);
        let products = changes(s, &after.x, y, &after.gradient);
        self.state.last_step = products[2].sqrt();
        self.descent.learn(s, y, products);
        self.state.iteration += 1;
        self.failed_searches = 0;
    }
}
