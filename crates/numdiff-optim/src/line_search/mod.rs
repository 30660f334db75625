//! How far to go along a direction: line searches, and steps within a trust region.

mod backtracking;
mod hager_zhang;
mod strong_wolfe;
mod trust_region;

use crate::differences::{Differences, Sides};
use crate::interrupt::Interrupt;
use crate::matrix::{dot, is_finite};
use crate::problem::Problem;
use crate::search::Search;

/// What a search finds.
pub(crate) enum Found {
    /// The point x + t p.
    Step {
        t: f64,
        f: f64,
    },
    /// A shorter step is to be tried, in another direction.
    Shorter,
    Nothing,
}

/// A place on the line, with f and its slope there.
#[derive(Clone, Copy, Debug)]
struct End {
    t: f64,
    f: f64,
    slope: f64,
}

/// f along x + t p.
pub(crate) struct Line<'l, 'e> {
    pub problem: &'l mut Problem<'e>,
    pub x: &'l [f64],
    pub p: &'l [f64],
    /// f(x) and g^T p.
    pub f: f64,
    /// The value that a point must be below: f(x), or a higher one of a nonmonotone search.
    pub reference: f64,
    pub slope: f64,
    /// The longest t inside the bounds.
    pub longest: f64,
    /// The curvature constant of Wolfe's condition.
    pub wolfe: f64,
    /// The radius of a trust region, and the decrease that the model predicts for p.
    pub region: Option<(&'l mut f64, f64)>,
    /// The point last evaluated.
    pub z: &'l mut Vec<f64>,
    /// The gradient at the t last asked for, when one is given.
    pub gradient: &'l mut Vec<f64>,
    pub gradient_at: Option<f64>,
    /// The t whose point is in `z`.
    pub placed: Option<f64>,
}

impl Line<'_, '_> {
    /// Puts x + t p into `z`; says whether it is finite. A block at a time, which is looked at while it is near.
    fn place(&mut self, t: f64) -> bool {
        if self.placed == Some(t) {
            return true;
        }
        let bounds = &self.problem.bounds;
        self.z.clear();
        let mut finite = true;
        if bounds.is_none() {
            for (x, p) in self.x.chunks(512).zip(self.p.chunks(512)) {
                let from = self.z.len();
                self.z.extend(x.iter().zip(p).map(|(x, p)| x + t * p));
                finite &= is_finite(&self.z[from..]);
            }
        } else {
            let moved = self.x.iter().zip(self.p).enumerate();
            self.z
                .extend(moved.map(|(i, (x, p))| bounds.moved(i, *x, t * p)));
            finite = is_finite(self.z);
        }
        self.placed = finite.then_some(t);
        finite
    }

    /// f at t; NaN outside f's domain.
    pub fn value(&mut self, t: f64) -> Result<f64, Interrupt> {
        match self.place(t) {
            true => self.problem.value_at_finite(self.z),
            false => Ok(f64::NAN),
        }
    }

    /// The slope at t, where f is `f`: from the given gradient, or by a difference along the line.
    pub fn slope(&mut self, t: f64, f: f64) -> Result<f64, Interrupt> {
        if self.problem.is_analytic() {
            self.place(t);
            self.gradient.resize(self.x.len(), 0.0);
            self.problem.gradient(self.z, self.gradient)?;
            self.gradient_at = Some(t);
            return Ok(dot(self.gradient, self.p));
        }
        // The line as a function of one variable, t in units of itself.
        let mut differences = Differences::default();
        let room = if self.longest.is_finite() {
            self.longest
        } else {
            f64::MAX
        };
        let h = f64::EPSILON.cbrt() * t.abs().max(1e-3);
        let bounds: (&[f64], &[f64]) = (&[0.0], &[room]);
        differences.begin(&[t], f, Some(bounds), &[h], Sides::Both);
        while !differences.jobs().is_empty() {
            for k in 0..differences.jobs().len() {
                let value = self.value(differences.jobs()[k].to)?;
                differences.tell(k, value);
            }
            differences.close();
        }
        Ok(differences.slope(0, 0.0, f64::EPSILON * f.abs()).value)
    }

    /// Armijo's condition, with the decrease measured by f itself.
    pub fn decreases(&self, t: f64, f: f64) -> bool {
        f.is_finite() && f <= self.reference + ARMIJO * t * self.slope
    }
}

/// c1 of Armijo's condition: the usual value.
pub(crate) const ARMIJO: f64 = 1e-4;
/// A step on values alone may be at most this many times as long as the one before it: far enough to accelerate down
/// a slope in a few iterations, not so far that one bad model throws x out of the basin.
pub(crate) const GROWTH: f64 = 10.0;

/// Searches in this way from the trial `t`.
pub(crate) fn search(kind: Search, line: &mut Line<'_, '_>, t: f64) -> Result<Found, Interrupt> {
    if let Some((radius, predicted)) = line.region.take() {
        return trust_region::search(line, radius, predicted);
    }
    if !(line.slope < 0.0) {
        return Ok(Found::Nothing);
    }
    let t = t.min(line.longest);
    let found = match kind {
        Search::StrongWolfe => strong_wolfe::search(line, t)?,
        Search::HagerZhang => hager_zhang::search(line, t)?,
        Search::Backtracking | Search::TrustRegion => backtracking::search(line, t)?,
    };
    // The last place to a bound is a step: the coordinate is held from there on.
    let is_step = |t: f64| t > 0.0 && (t >= line.longest || moves(line.x, line.p, t));
    Ok(match found {
        Some((t, f)) if is_step(t) => Found::Step { t, f },
        _ => Found::Nothing,
    })
}

/// Is x + t p another point by more than rounding? Steps of a last place lower f by next to nothing, each at the cost of
/// a search.
fn moves(x: &[f64], p: &[f64], t: f64) -> bool {
    x.iter()
        .zip(p)
        .any(|(x, p)| (t * p).abs() > 2.0 * f64::EPSILON * x.abs())
}
