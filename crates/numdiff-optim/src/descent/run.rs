//! One run of a direction with a length.

use super::Descent;
use crate::Method;
use crate::convergence::{look_around, relative_gradient};
use crate::gradients::Gradients;
use crate::matrix::{dot, largest, norm};
use crate::oracle::{Halt, Oracle};
use crate::search::{Line, Search, gradient_after};
use crate::status::{Divergence, Stall, Status, Test};

/// f below the start by this factor of its scale: there is no minimum to be had.
const UNBOUNDED: f64 = 1e30;

/// The state between two iterations, and buffers.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct DescentRun {
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub x: Vec<f64>,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub f: f64,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub gradient: Vec<f64>,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub error: Vec<f64>,
    pub iteration: usize,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    pub last_step: f64,
    descent: Descent,
    search: Search,
    gradients: Gradients,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    start_value: f64,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    tolerance: f64,
    /// Slope and length of the last search: the next first trial of methods without a scale.
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    last: Option<(f64, f64)>,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    radius: f64,
    looked: u32,
    /// Failed searches since the last step.
    trouble: u32,
    /// The slope of a scaled direction at the first of them.
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    promise: f64,
    #[cfg_attr(feature = "serde", serde(skip))]
    scratch: Scratch,
}

#[derive(Clone, Debug, Default)]
struct Scratch {
    direction: Vec<f64>,
    x: Vec<f64>,
    gradient: Vec<f64>,
    error: Vec<f64>,
}

impl DescentRun {
    pub fn start(
        x: Vec<f64>,
        f: f64,
        method: &Method,
        search: Search,
        tolerance: f64,
        oracle: &mut Oracle<'_>,
    ) -> Result<Self, Halt> {
        let n = x.len();
        let (mut gradient, mut error) = (vec![0.0; n], vec![0.0; n]);
        let mut gradients = Gradients::default();
        gradients.take(oracle, &x, f, &mut gradient, &mut error)?;
        // The natural scale of a start is 1 (Nocedal and Wright leave it to the user).
        let radius = 1.0;
        Ok(DescentRun {
            x,
            f,
            gradient,
            error,
            iteration: 0,
            last_step: 0.0,
            descent: Descent::new(method),
            search,
            gradients,
            start_value: f,
            tolerance,
            last: None,
            radius,
            looked: 0,
            trouble: 0,
            promise: f64::INFINITY,
            scratch: Scratch::default(),
        })
    }

    pub fn iterate(&mut self, oracle: &mut Oracle<'_>) -> Result<Option<Status>, Halt> {
        if let Some(answer) = self.converged(oracle)? {
            return Ok(answer);
        }
        let n = self.x.len();
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.direction.resize(n, 0.0);
        scratch.error.resize(n, 0.0);
        let result = self.advance(oracle, &mut scratch);
        self.scratch = scratch;
        result
    }

    fn advance(
        &mut self,
        oracle: &mut Oracle<'_>,
        scratch: &mut Scratch,
    ) -> Result<Option<Status>, Halt> {
        let trust = self.search == Search::TrustRegion;
        // All or nothing: an iteration that is cut short leaves the state as it was. L-BFGS only learns
        // from accepted steps, and its memory is what would be dear to copy.
        let mut descent = match &self.descent {
            Descent::Lbfgs(_) => None,
            descent => Some(descent.clone()),
        };
        let source = descent.as_mut().unwrap_or(&mut self.descent);
        let radius = trust.then_some(self.radius);
        source.direction(
            oracle,
            &self.x,
            &self.gradient,
            radius,
            &mut scratch.direction,
        )?;
        let p = &mut scratch.direction;
        let mut longest = f64::INFINITY;
        if !oracle.bounds.is_none() {
            for (i, p) in p.iter_mut().enumerate() {
                if !oracle.bounds.is_free(i, self.x[i], self.gradient[i]) {
                    *p = 0.0;
                }
            }
        }
        let mut slope = dot(&self.gradient, p);
        // Less than a right angle by less than rounding is no descent; L-BFGS is positive definite by
        // construction, and two passes over long vectors are saved.
        let least = match source {
            Descent::Lbfgs(_) => 0.0,
            _ => 1e-14 * norm(p) * norm(&self.gradient),
        };
        let steepest = !(slope < -least);
        if steepest {
            let projected = oracle.bounds.projected(&self.x, &self.gradient);
            p.iter_mut().zip(&projected).for_each(|(p, g)| *p = -g);
            slope = dot(&self.gradient, p);
        }
        if !oracle.bounds.is_none() {
            for (i, (&x, &p)) in self.x.iter().zip(p.iter()).enumerate() {
                if p != 0.0 {
                    let room = if p > 0.0 {
                        oracle.bounds.upper(i) - x
                    } else {
                        oracle.bounds.lower(i) - x
                    };
                    longest = longest.min(room / p);
                }
            }
        }
        if trust {
            if steepest && let Some(source) = &mut descent {
                source.reset();
            }
            return self.trust_region(oracle, scratch, descent);
        }
        let (scaled, wolfe) = (source.has_scale() && !steepest, source.wolfe());
        let first = match self.last {
            _ if scaled => 1.0,
            // The decrease of the last step again (Nocedal and Wright, section 3.5).
            Some((slope_before, t)) => (t * slope_before / slope).clamp(1e-10, 1e10),
            None => (1.0 / norm(p)).min(1.0),
        };
        let mut line = Line {
            oracle,
            x: &self.x,
            p,
            f: self.f,
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
        let is_step = |t: f64| t > 0.0 && (t >= longest || moves(&self.x, &scratch.direction, t));
        let Some(step) = found.filter(|step| is_step(step.t)) else {
            if self.trouble == 0 {
                self.promise = if first == 1.0 { -slope } else { f64::INFINITY };
            }
            return self.after_failed_search(oracle, slope);
        };
        if !placed {
            oracle_point(oracle, &self.x, &scratch.direction, step.t, &mut scratch.x);
        }
        scratch.gradient.resize(self.x.len(), 0.0);
        let mut gradients = self.gradients.clone();
        gradient_after(
            &mut gradients,
            oracle,
            known,
            &scratch.x,
            step.f,
            &mut scratch.gradient,
            &mut scratch.error,
        )?;
        if !known && !gradients.best {
            let promised = step.t * slope.max(dot(&scratch.gradient, &scratch.direction));
            if misled(promised, step.f - self.f) {
                let (g, e) = (&mut scratch.gradient, &mut scratch.error);
                gradients.retake(oracle, &scratch.x, step.f, g, e)?;
            }
        }
        self.gradients = gradients;
        if let Some(descent) = descent {
            self.descent = descent;
        }
        if steepest {
            self.descent.reset();
        }
        self.last = Some((slope, step.t));
        self.accept(step.f, scratch);
        Ok(self.unbounded())
    }

    /// Takes the point in `scratch` and learns from the step. The old point and gradient become the
    /// step and the change of the gradient in place.
    fn accept(&mut self, f: f64, scratch: &mut Scratch) {
        std::mem::swap(&mut self.x, &mut scratch.x);
        std::mem::swap(&mut self.gradient, &mut scratch.gradient);
        std::mem::swap(&mut self.error, &mut scratch.error);
        let products = changes(
            &mut scratch.x,
            &self.x,
            &mut scratch.gradient,
            &self.gradient,
        );
        self.last_step = products[2].sqrt();
        self.descent
            .learn(&mut scratch.x, &mut scratch.gradient, products);
        self.f = f;
        self.iteration += 1;
        self.trouble = 0;
    }

    /// Nocedal and Wright, algorithm 4.1.
    fn trust_region(
        &mut self,
        oracle: &mut Oracle<'_>,
        scratch: &mut Scratch,
        descent: Option<Descent>,
    ) -> Result<Option<Status>, Halt> {
        let p = &scratch.direction;
        let model = descent.as_ref().unwrap_or(&self.descent);
        let predicted = model.predicted(&self.gradient, p).unwrap_or(0.0);
        let length = norm(p);
        scratch.x.clear();
        scratch.x.extend(self.x.iter().zip(p).map(|(x, p)| x + p));
        let f = oracle.value(&scratch.x)?;
        let ratio = if f.is_finite() {
            (self.f - f) / predicted
        } else {
            -1.0
        };
        let radius = if !(ratio >= 0.25) {
            0.25 * length
        } else if ratio > 0.75 && length >= 0.99 * self.radius {
            2.0 * self.radius
        } else {
            self.radius
        };
        if !(ratio > 1e-4 && f < self.f) {
            let slope = dot(&self.gradient, p);
            if !moves(&self.x, p, 1.0) || predicted <= f64::EPSILON * self.f.abs() {
                // Only what is sure to happen may change the state.
                let before = std::mem::replace(&mut self.radius, radius);
                let end = self.after_failed_search(oracle, slope);
                if end.is_err() {
                    self.radius = before;
                }
                return end;
            }
            self.radius = radius;
            return Ok(None);
        }
        scratch.gradient.resize(self.x.len(), 0.0);
        let mut gradients = self.gradients.clone();
        gradients.take(
            oracle,
            &scratch.x,
            f,
            &mut scratch.gradient,
            &mut scratch.error,
        )?;
        self.gradients = gradients;
        if let Some(descent) = descent {
            self.descent = descent;
        }
        self.radius = radius;
        self.accept(f, scratch);
        Ok(self.unbounded())
    }

    fn unbounded(&self) -> Option<Status> {
        (self.f < -UNBOUNDED * self.start_value.abs().max(1.0)).then_some(Status::Diverged {
            iteration: self.iteration,
            cause: Divergence::Unbounded { value: self.f },
        })
    }

    /// Forget the past, then sharpen the gradient, then give up and say what is known.
    fn after_failed_search(
        &mut self,
        oracle: &mut Oracle<'_>,
        slope: f64,
    ) -> Result<Option<Status>, Halt> {
        if self.trouble < 2 && !self.gradients.best {
            self.sharpen(oracle)?;
        }
        self.trouble += 1;
        self.last = None;
        self.radius = self.radius.max(1e-3 * norm(&self.x).max(1e-3));
        if self.trouble <= 2 {
            self.descent.reset();
            return Ok(None);
        }
        let relative = relative_gradient(oracle, &self.x, self.f, &self.gradient);
        // Where differences of f end to tell the slope: the root of the rounding for curvatures of the
        // order of f, or a promised decrease near the rounding of f.
        let rounding = 1e-13 * self.f.abs().max(self.start_value.abs().min(1.0));
        if relative <= 10.0 * f64::EPSILON.sqrt() || self.promise <= rounding {
            let test = Test::Rounding { predicted: -slope };
            let active_bounds = oracle.bounds.active(&self.x, &self.gradient);
            return Ok(Some(Status::Converged {
                test,
                active_bounds,
            }));
        }
        Ok(Some(Status::Stalled {
            cause: Stall::Search { predicted: -slope },
        }))
    }

    /// The best gradient there is at x, and from here on.
    fn sharpen(&mut self, oracle: &mut Oracle<'_>) -> Result<(), Halt> {
        let mut gradients = self.gradients.clone();
        gradients.sharpen();
        let (mut gradient, mut error) = (self.gradient.clone(), self.error.clone());
        gradients.take(oracle, &self.x, self.f, &mut gradient, &mut error)?;
        (self.gradients, self.gradient, self.error) = (gradients, gradient, error);
        Ok(())
    }

    /// The gradient test, verified: `Some(None)` when x moved on instead of stopping.
    fn converged(&mut self, oracle: &mut Oracle<'_>) -> Result<Option<Option<Status>>, Halt> {
        let relative = relative_gradient(oracle, &self.x, self.f, &self.gradient);
        if !(relative <= self.tolerance) {
            return Ok(None);
        }
        if !self.gradients.best {
            self.sharpen(oracle)?;
            return Ok(Some(None));
        }
        let scale = self.f.abs().max(1.0);
        if self.looked < 8 {
            let lower = look_around(oracle, &self.x, self.f, self.tolerance * scale)?;
            if let Some((x, f)) = lower {
                let mut gradients = self.gradients.clone();
                let (mut gradient, mut error) = (self.gradient.clone(), self.error.clone());
                gradients.take(oracle, &x, f, &mut gradient, &mut error)?;
                (self.x, self.f) = (x, f);
                (self.gradients, self.gradient, self.error) = (gradients, gradient, error);
                self.descent.reset();
                self.last = None;
                self.looked += 1;
                return Ok(Some(None));
            }
        }
        let projected = oracle.bounds.projected(&self.x, &self.gradient);
        let test = Test::Gradient {
            largest: largest(&projected),
            tolerance: self.tolerance * scale,
        };
        let active_bounds = oracle.bounds.active(&self.x, &self.gradient);
        Ok(Some(Some(Status::Converged {
            test,
            active_bounds,
        })))
    }
}

/// s <- x - s and y <- g - y; returns y^T s, y^T y and s^T s. Four sums each, so that the additions do not wait for
/// one another.
fn changes(s: &mut [f64], x: &[f64], y: &mut [f64], g: &[f64]) -> [f64; 3] {
    let mut sums = [[0.0; 4]; 3];
    let step = |s: &mut f64, x: f64, y: &mut f64, g: f64| {
        (*s, *y) = (x - *s, g - *y);
        [*y * *s, *y * *y, *s * *s]
    };
    let n = s.len() / 4 * 4;
    let (s, s_tail) = s.split_at_mut(n);
    let (y, y_tail) = y.split_at_mut(n);
    for (((s, x), y), g) in s
        .chunks_exact_mut(4)
        .zip(x.chunks_exact(4))
        .zip(y.chunks_exact_mut(4))
        .zip(g.chunks_exact(4))
    {
        for j in 0..4 {
            let products = step(&mut s[j], x[j], &mut y[j], g[j]);
            (0..3).for_each(|k| sums[k][j] += products[k]);
        }
    }
    for (k, s) in s_tail.iter_mut().enumerate() {
        let products = step(s, x[n + k], &mut y_tail[k], g[n + k]);
        (0..3).for_each(|k| sums[k][0] += products[k]);
    }
    sums.map(|s| (s[0] + s[1]) + (s[2] + s[3]))
}

/// Do the slopes at both ends of a step promise ten times what f fell by? Between two falling ends f falls at least as
/// the lesser slope says, unless it turned twice on the way: so the slopes are wrong, as those of one-sided differences
/// are where f bends otherwise than it did when it was last seen from both sides.
fn misled(promised: f64, change: f64) -> bool {
    promised < 0.0 && change > 0.1 * promised
}

/// Is x + t p another point by more than rounding? Steps of a last place lower f by next to nothing, each at the cost of
/// a search.
fn moves(x: &[f64], p: &[f64], t: f64) -> bool {
    x.iter()
        .zip(p)
        .any(|(x, p)| (t * p).abs() > 2.0 * f64::EPSILON * x.abs())
}

/// x + t p, in the box.
fn oracle_point(oracle: &Oracle<'_>, x: &[f64], p: &[f64], t: f64, z: &mut Vec<f64>) {
    z.clear();
    if oracle.bounds.is_none() {
        z.extend(x.iter().zip(p).map(|(x, p)| x + t * p));
    } else {
        z.extend(
            x.iter()
                .zip(p)
                .enumerate()
                .map(|(i, (x, p))| oracle.bounds.clamp(i, x + t * p)),
        );
    }
}
