//! A search on values alone: not the first acceptable point, but one that is good for its price.

use super::QuasiNewton;
use super::end_slope::{EndSlope, at_end};
use crate::differences::Sides;
use crate::interpolation::{Cubic, SHORTER, shorter};
use crate::interrupt::Interrupt;
use crate::line_search::ARMIJO;
use crate::problem::Problem;

/// A further trial must promise this share of the decrease so far, divided by what a gradient costs
/// in trials: what it gains must beat what an iteration gains for the same price, or half of that where
/// a gradient by differences makes iterations dear.
const WORTH: f64 = 0.5;
const WORTH_GIVEN: f64 = 1.0;
/// The first step of all has no scale yet and may be cut more.
const FIRST_SHORTER: f64 = 0.03;
/// A search ends where the slope promises less than this share of the noise.
const LOST: f64 = 0.1;
/// Interpolation needs digits of the decrease: it must be so many noises.
const DIGITS: f64 = 10.0;
/// A trial nearer to the best than this share of it changes nothing that matters, whatever the model says.
const SAME: f64 = 0.05;
/// How far beyond the best point an extrapolation goes at once.
const REACH: f64 = 5.0;
/// Trials that may improve on a first acceptable point.
const IMPROVEMENTS: usize = 8;
/// Trials without an acceptable point: 0.5^30 is past the point where x + t p == x in most cases.
const TRIALS: usize = 30;

pub(super) enum Found {
    Lower {
        x: Vec<f64>,
        f: f64,
        end: Option<EndSlope>,
    },
    Nothing,
}

impl QuasiNewton {
    /// Searches x + t p, moved into the box, for t up to `longest`, beginning with 1. `slope` is
    /// g^T p.
    pub(super) fn search(
        &self,
        problem: &mut Problem<'_>,
        p: &[f64],
        slope: f64,
        longest: f64,
    ) -> Result<Found, Interrupt> {
        let level = self.level();
        let mut failed: Option<(f64, f64)> = None;
        // Every trial that no bound has bent off the line.
        let mut seen: Vec<(f64, f64)> = Vec::new();
        let mut t = longest.min(1.0);
        let mut trials = 0;
        let (mut best_t, mut best_x, mut best_f, mut best) = loop {
            let x = problem.bounds.along(&self.x, p, t);
            let f = problem.value(&x)?;
            let change = f - self.f;
            trials += 1;
            if change.is_finite() && self.is_straight(problem, p, t) {
                seen.push((t, change));
            }
            // Less than the rounding of f is no decrease.
            if change.is_finite() && change <= ARMIJO * t * slope && change < -level {
                break (t, x, f, change);
            }
            if self.looks_noisy((t, change), failed) {
                return Ok(Found::Nothing);
            }
            let least = if self.steps() == 0 {
                FIRST_SHORTER
            } else {
                SHORTER.0
            };
            let share = match change.is_finite() {
                true => (least, SHORTER.1),
                false => SHORTER,
            };
            let next = shorter(slope, (t, change), failed, share);
            if change.is_finite() {
                failed = Some((t, change));
            }
            t = next;
            let still = self
                .x
                .iter()
                .zip(p)
                .all(|(x, p)| (t * p).abs() <= f64::EPSILON * x.abs());
            if still || trials >= TRIALS || (t * slope).abs() < LOST * level {
                return Ok(Found::Nothing);
            }
        };
        let (price, worth) = if problem.is_analytic() {
            (1.0, WORTH_GIVEN)
        } else {
            (self.x.len() as f64, WORTH)
        };
        for _ in 0..IMPROVEMENTS {
            if -best < DIGITS * level {
                break;
            }
            let (candidate, promised) = self.better(best_t, best, slope, failed);
            let candidate = candidate.min(longest);
            let gain = best - promised;
            // The second value tells the slope at the end, which spares a one-sided gradient a probe.
            let free = seen.len() == 1
                && self.steps() > 0
                && self.sides == Sides::One
                && !problem.is_analytic();
            let cost = if free { 0.0 } else { 1.0 / (price + 1.0) };
            let worth_it = gain > worth * cost * -best;
            if !worth_it || (candidate / best_t - 1.0).abs() < SAME || candidate <= 0.0 {
                break;
            }
            let x = problem.bounds.along(&self.x, p, candidate);
            if x == best_x {
                break;
            }
            let f = problem.value(&x)?;
            let change = f - self.f;
            if change.is_finite() && self.is_straight(problem, p, candidate) {
                seen.push((candidate, change));
            }
            if change < best {
                failed = Some((best_t, best));
                (best_t, best_x, best_f, best) = (candidate, x, f, change);
            } else {
                let second = failed.is_some();
                failed = Some((candidate, change));
                if second || !change.is_finite() {
                    break;
                }
            }
        }
        let end = if self.is_straight(problem, p, best_t) {
            let doubt: f64 = self.error.iter().zip(p).map(|(e, p)| (e * p).powi(2)).sum();
            at_end((slope, doubt.sqrt()), (best_t, best), &seen, level)
        } else {
            None
        };
        Ok(Found::Lower {
            x: best_x,
            f: best_f,
            end,
        })
    }

    /// Whether x + t p lies in the box.
    fn is_straight(&self, problem: &Problem<'_>, p: &[f64], t: f64) -> bool {
        let inside = |(i, (x, p)): (usize, (&f64, &f64))| {
            let to = x + t * p;
            problem.bounds.clamp(i, to) == to
        };
        problem.bounds.is_none() || self.x.iter().zip(p).enumerate().all(inside)
    }

    /// Whether a failed trial contradicts a smooth f, which moves along a slope, and which halfway to x or nearer
    /// has changed by less than half as much. A jump of more than a thousandth of f is no noise.
    fn looks_noisy(&self, (t, change): (f64, f64), failed: Option<(f64, f64)>) -> bool {
        let again = failed.is_some_and(|(farther, before)| {
            t <= 0.5 * farther
                && change.abs() > 0.5 * before.abs()
                && change.abs() <= 1e-3 * self.f.abs()
        });
        self.noise.is_stale(self.f) && (change == 0.0 || again)
    }

    /// Where the values so far promise a lower point, and how low.
    fn better(&self, t: f64, change: f64, slope: f64, other: Option<(f64, f64)>) -> (f64, f64) {
        let reach = REACH * t;
        let cubic = other.and_then(|other| Cubic::through(slope, (t, change), other));
        if let (Some(cubic), Some((other, _))) = (cubic, other)
            && let Some(best) = cubic.minimizer()
        {
            let mut candidate = best.min(reach);
            let promised = cubic.at(candidate);
            if other > t {
                // Not back to a point that is known to be worse.
                candidate = candidate.min(0.9 * other + 0.1 * t);
            }
            return (candidate, promised);
        }
        let curvature = 2.0 * (change - slope * t) / (t * t);
        let candidate = if curvature > 0.0 {
            (-slope / curvature).min(reach)
        } else {
            reach
        };
        (candidate, candidate * (slope + 0.5 * curvature * candidate))
    }
}
