//! The first two gradients: extra evaluations here initialize the Hessian's diagonal.

use super::{Accuracy, Before, Check, QuasiNewton};
use crate::differences::{Sides, Slope};
use crate::interrupt::Interrupt;
use crate::matrix::{Matrix, difference, dot, largest, norm, products, quotients};
use crate::problem::Problem;

/// The first interval, relative to max(|x|, 1): the first direction needs two digits, and a wide
/// interval finds them in a noisy f, too.
pub(super) const FIRST: f64 = 1e-5;
/// The second, which must resolve second differences: sqrt(sqrt(eps)), rounded.
const SECOND: f64 = 1e-4;
/// A curvature below this share of the largest is unknown.
const UNKNOWN: f64 = 1e-10;
/// A component of the step this much shorter than the longest tells no secant.
const SHORT: f64 = 1e-3;
/// Secants along the coordinates that agree within this factor make a multiple of the identity.
const EVEN: f64 = 3.0;

/// A start is looked at from both sides where f rises in all coordinates by no more than this share of it: at a minimum
/// it rises with the square of the displacement.
const LEVEL: f64 = 1e-7;
/// And by so many roundings of it at least.
const CLEAR: f64 = 1e3;
/// Or by more than this multiple of an f that is nearly 0, over displacements below this share of x.
const ZERO: f64 = 0.5;
const BESIDE: f64 = 1e-3;

/// What the first differences show.
struct First {
    slopes: Vec<Slope>,
    /// f at x and at all points.
    values: Vec<f64>,
    /// Coordinates that were asked about, and those in which f did not change.
    ties: (usize, usize),
}

impl QuasiNewton {
    /// Differences at the start; its values also tell when f is given to a few digits.
    pub(super) fn first_gradient(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        if problem.is_analytic() {
            self.given_gradient(problem)?;
        } else {
            let mut first = self.first_differences(problem)?;
            if self.may_be_minimum(&first) && self.look_from_both_sides(problem)? {
                return Ok(());
            }
            if self.find_scale(problem, &first.slopes)? {
                first = self.first_differences(problem)?;
            }
            self.take(&first.slopes);
            // Ties in half of the coordinates: the intervals are below the resolution of f.
            let (asked, tied) = first.ties;
            if self.noise.read_digits(&first.values) || 2 * tied > asked {
                return self.curvature_above_noise(problem);
            }
        }
        // A first step of length 1 in units of the typical sizes, shortened by the search.
        let projected = problem.bounds.projected(&self.x, &self.gradient);
        let steepness = norm(&products(&projected, &self.x_scale));
        let scale = if steepness > 0.0 { steepness } else { 1.0 };
        self.hessian = Matrix::from_diagonal(&self.even_diagonal(scale));
        Ok(())
    }

    fn first_differences(&self, problem: &mut Problem<'_>) -> Result<First, Interrupt> {
        let intervals = self.relative(FIRST, 1.0);
        let differences = problem.differences(&self.x, self.f, &intervals, Sides::One)?;
        let slopes = (0..self.x.len()).map(|i| differences.slope(i, 0.0, self.level()));
        Ok(First {
            slopes: slopes.collect(),
            values: std::iter::once(self.f)
                .chain(differences.values())
                .collect(),
            ties: differences.ties(),
        })
    }

    /// Whether the first differences are those of a minimum.
    fn may_be_minimum(&self, first: &First) -> bool {
        let f = self.f.abs();
        let beside = |x: &f64| FIRST * x.abs().max(1.0) <= BESIDE * x.abs();
        // Where f is 0 no unit of x can be read off it.
        let beside = f == 0.0 || self.x.iter().all(beside);
        let rises = |v: &f64| {
            let rise = v - self.f;
            let much = beside && rise > ZERO * f;
            rise > CLEAR * f64::EPSILON * f && (much || rise <= LEVEL * f)
        };
        let (asked, _) = first.ties;
        first.values.len() == asked + 1 && first.values[1..].iter().all(rises)
    }

    /// Completes the first differences by their other sides; says whether f rises there, too, which is the check of a
    /// claim.
    fn look_from_both_sides(&mut self, problem: &mut Problem<'_>) -> Result<bool, Interrupt> {
        let level = self.level();
        let differences = problem.other_side(&self.x)?;
        let n = self.x.len();
        let slopes: Vec<Slope> = (0..n).map(|i| differences.slope(i, 0.0, level)).collect();
        let rises = |s: &Slope| s.step == 0.0 || 2.0 * s.value.abs() < s.curvature * s.step;
        if !slopes.iter().all(rises) {
            return Ok(false);
        }
        self.take(&slopes);
        let bend = |s: &Slope| if s.step > 0.0 { s.curvature } else { 1.0 };
        let diagonal: Vec<f64> = slopes.iter().map(bend).collect();
        self.hessian = Matrix::from_diagonal(&diagonal);
        self.sides = Sides::Both;
        self.accuracy = Accuracy::Best;
        self.check = Check::AtStart;
        Ok(true)
    }

    /// The diagonal of a Hessian that is this multiple of the identity in units of the typical sizes.
    fn even_diagonal(&self, scale: f64) -> Vec<f64> {
        self.x_scale.iter().map(|t| scale / (t * t)).collect()
    }

    /// The curvature along the first direction, by a second gradient, where a search along it found nothing: the length
    /// of that step was a guess.
    pub(super) fn curvature_along(
        &mut self,
        problem: &mut Problem<'_>,
        direction: &[f64],
    ) -> Result<(), Interrupt> {
        let length = norm(&quotients(direction, &self.x_scale));
        let size = norm(&quotients(&self.x, &self.x_scale)).max(1.0);
        let near = problem
            .bounds
            .along(&self.x, direction, FIRST * size / length);
        let mut gradient = vec![0.0; near.len()];
        problem.gradient(&near, &mut gradient)?;
        let step = difference(&near, &self.x);
        let scaled = quotients(&step, &self.x_scale);
        let along = dot(&difference(&gradient, &self.gradient), &step) / dot(&scaled, &scaled);
        if along > 0.0 && along.is_finite() {
            self.hessian = Matrix::from_diagonal(&self.even_diagonal(along));
        }
        Ok(())
    }

    /// The gradient after the first step, by wide intervals. Where the secants y_i / s_i are even,
    /// the Hessian is near a multiple of the identity; where not, n more evaluations on the other side
    /// give its diagonal.
    pub(super) fn second_gradient(
        &mut self,
        problem: &mut Problem<'_>,
        before: &Before,
    ) -> Result<(), Interrupt> {
        let n = self.x.len();
        let s = &before.step;
        // Curvature along the step, from the values at its ends: removes the truncation on average.
        let along = dot(&before.gradient, s);
        let scaled = quotients(s, &self.x_scale);
        // In units of the typical sizes, here and below.
        let along = (2.0 * (self.f - before.value - along) / dot(&scaled, &scaled)).abs();
        let bend = self.even_diagonal(along);
        let intervals = self.relative(SECOND, 1.0);
        let differences = problem.differences(&self.x, self.f, &intervals, Sides::One)?;
        let level = self.level();
        for i in 0..n {
            let slope = differences.slope(i, bend[i], level);
            // The truncation is removed as well as it can be: no reason to go to both sides yet.
            self.gradient[i] = slope.value;
            self.error[i] = if slope.error.is_finite() {
                0.0
            } else {
                slope.error
            };
        }
        let y = difference(&self.gradient, &before.gradient);
        let change = products(&y, &self.x_scale);
        if even(&scaled, &change, |i| problem.bounds.is_fixed(i)) {
            let ys = dot(&y, s);
            let scale = if ys > 0.0 {
                ys / dot(&scaled, &scaled)
            } else {
                along.max(f64::MIN_POSITIVE)
            };
            self.hessian = Matrix::from_diagonal(&self.even_diagonal(scale));
        } else {
            let differences = problem.other_side(&self.x)?;
            let slopes: Vec<_> = (0..n)
                .map(|i| differences.slope(i, bend[i], level))
                .collect();
            let in_units = slopes.iter().zip(&self.x_scale);
            let in_units = in_units.map(|(s, t)| s.curvature * t * t);
            let seen: Vec<f64> = in_units.filter(|c| c.is_finite()).collect();
            let most = self.even_diagonal(largest(&seen));
            let bend = |(s, most): (&Slope, f64)| {
                // Below its own noise, too.
                let unknown = s.curvature_error.max(UNKNOWN * most);
                let known = s.curvature.abs().max(unknown);
                let bend = if known.is_finite() { known } else { most };
                bend.max(f64::MIN_POSITIVE)
            };
            let diagonal: Vec<f64> = slopes.iter().zip(most).map(bend).collect();
            for (i, slope) in slopes.iter().enumerate() {
                self.gradient[i] = slope.value;
            }
            self.hessian = Matrix::from_diagonal(&diagonal);
        }
        self.update(before, false);
        Ok(())
    }
}
/// Whether the secants are positive and agree. Two often agree by chance, and tell nothing.
fn even(s: &[f64], y: &[f64], fixed: impl Fn(usize) -> bool) -> bool {
    let longest = largest(s);
    let free: Vec<usize> = (0..s.len()).filter(|&i| !fixed(i)).collect();
    if free.len() == 2 || free.iter().any(|&i| s[i].abs() < SHORT * longest) {
        return false;
    }
    let secants = || free.iter().map(|&i| y[i] / s[i]);
    let low = secants().fold(f64::INFINITY, f64::min);
    let high = secants().fold(f64::NEG_INFINITY, f64::max);
    low > 0.0 && high <= EVEN * low
}
