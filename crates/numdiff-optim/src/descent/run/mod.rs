//! One run of a direction with a length.

mod displacement;
mod ending;
mod trust_region;

use super::{At, Descent};
use crate::convergence::GradientState;
use crate::interrupt::Interrupt;
use crate::matrix::{dot, norm};
use crate::problem::Problem;
use crate::search::{Line, Search};
use crate::status::Status;
use displacement::{changes, misled, moves};

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
    x: Vec<f64>,
    gradient: Vec<f64>,
    error: Vec<f64>,
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

    pub fn iterate(&mut self, problem: &mut Problem<'_>) -> Result<Option<Status>, Interrupt> {
        if let Some(answer) = self.converged(problem)? {
            return Ok(answer);
        }
        let n = self.state.x.len();
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.direction.resize(n, 0.0);
        scratch.error.resize(n, 0.0);
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
        let at = At {
            problem,
            x: &self.state.x,
            g: &self.state.gradient,
            radius: trust.then_some(self.radius),
        };
        self.descent.direction(at, &mut scratch.direction)?;
        let p = &mut scratch.direction;
        let mut longest = f64::INFINITY;
        if !problem.bounds.is_none() {
            let bounds = &problem.bounds;
            for (i, p) in p.iter_mut().enumerate() {
                let x = self.state.x[i];
                // A coordinate at a bound may be pushed inward by its gradient and outward by the others.
                let blocked =
                    (*p < 0.0 && x <= bounds.lower(i)) || (*p > 0.0 && x >= bounds.upper(i));
                if blocked || !bounds.is_free(i, x, self.state.gradient[i]) {
                    *p = 0.0;
                }
            }
        }
        let mut slope = dot(&self.state.gradient, p);
        // Less than a right angle by less than rounding is no descent.
        let least = match self.descent.always_descends() {
            true => 0.0,
            false => RIGHT_ANGLE * norm(p) * norm(&self.state.gradient),
        };
        let steepest = !(slope < -least);
        if steepest {
            let projected = problem
                .bounds
                .projected(&self.state.x, &self.state.gradient);
            p.iter_mut().zip(&projected).for_each(|(p, g)| *p = -g);
            slope = dot(&self.state.gradient, p);
        }
        if !problem.bounds.is_none() {
            let moved = self.state.x.iter().zip(p.iter()).enumerate();
            for (i, (x, p)) in moved.filter(|(_, (_, p))| **p != 0.0) {
                longest = longest.min((problem.bounds.ahead(i, *p) - x) / p);
            }
        }
        if trust {
            if steepest {
                self.descent.reset();
            }
            return self.trust_region(problem, scratch);
        }
        let scaled = self.descent.has_scale() && !steepest;
        let wolfe = self.descent.wolfe();
        let first = match self.last {
            _ if scaled => 1.0,
            // The decrease of the last step again (Nocedal and Wright, section 3.5).
            Some((slope_before, t)) => (t * slope_before / slope).clamp(1e-10, 1e10),
            // At most a length of 1, but no less than moves x.
            None => {
                let least = f64::EPSILON.sqrt() * norm(&self.state.x);
                (1.0 / norm(p)).min(1.0).max(least / norm(p))
            }
        };
        let mut line = Line {
            problem,
            x: &self.state.x,
            p,
            f: self.state.f,
            reference: self.descent.reference(self.state.f),
            slope,
            longest,
            wolfe,
            z: &mut scratch.x,
            gradient: &mut scratch.gradient,
            gradient_at: None,
            placed: None,
        };
        let found = if slope < 0.0 {
            self.search.run(&mut line, first)?
        } else {
            None
        };
        let known = found
            .as_ref()
            .is_some_and(|step| line.gradient_at == Some(step.t));
        let placed = found
            .as_ref()
            .is_some_and(|step| line.placed == Some(step.t));
        // The last place to a bound is a step: the coordinate is held from there on.
        let is_step =
            |t: f64| t > 0.0 && (t >= longest || moves(&self.state.x, &scratch.direction, t));
        let Some(step) = found.filter(|step| is_step(step.t)) else {
            if self.failed_searches == 0 {
                self.promise = if scaled { -slope } else { f64::INFINITY };
            }
            return self.after_failed_search(problem, slope);
        };
        if !placed {
            let (x, p) = (&self.state.x, &scratch.direction);
            scratch.x = problem.bounds.along(x, p, step.t);
        }
        scratch.gradient.resize(self.state.x.len(), 0.0);
        // A gradient that the search knows was given: its error stays 0.
        if !known {
            let (g, e) = (&mut scratch.gradient, &mut scratch.error);
            let gradients = &mut self.state.gradients;
            gradients.take(problem, &scratch.x, step.f, g, e)?;
            if !gradients.best {
                let promised = step.t * slope.max(dot(g, &scratch.direction));
                if misled(promised, step.f - self.state.f) {
                    gradients.retake(problem, &scratch.x, step.f, g, e)?;
                }
            }
        }
        if steepest {
            self.descent.reset();
        }
        self.last = Some((slope, step.t));
        self.accept(step.f, scratch);
        Ok(self.state.unbounded())
    }

    /// Takes the point in `scratch` and learns from the step. The old point and gradient become the
    /// step and the change of the gradient in place.
    fn accept(&mut self, f: f64, scratch: &mut Scratch) {
        std::mem::swap(&mut self.state.x, &mut scratch.x);
        std::mem::swap(&mut self.state.gradient, &mut scratch.gradient);
        std::mem::swap(&mut self.state.error, &mut scratch.error);
        let products = changes(
            &mut scratch.x,
            &self.state.x,
            &mut scratch.gradient,
            &self.state.gradient,
        );
        self.state.last_step = products[2].sqrt();
        self.descent
            .learn(&mut scratch.x, &mut scratch.gradient, products);
        self.state.f = f;
        self.state.iteration += 1;
        self.failed_searches = 0;
    }
}
