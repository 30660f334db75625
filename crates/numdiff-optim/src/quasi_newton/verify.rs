//! The check before success is claimed.

use super::start::FIRST;
use super::{Accuracy, Check, QuasiNewton};
use crate::away::{ran_away, running_away};
use crate::convergence::Tested;
use crate::differences::{Sides, Slope};
use crate::flat::{PROBE_DISTANCE, flat_coordinates};
use crate::interrupt::Interrupt;
use crate::matrix::largest;
use crate::minimality_check::{LEAST, MAX_RECHECKS, Neighborhood, minimality_check, sizes_of};
use crate::problem::Problem;
use crate::status::{Status, Test};
use crate::weak::{GROWN, LARGEST, Surroundings, one_sided_lines, runaway};

/// The decrease that differences over [`PROBE_DISTANCE`] of the size of x may predict by their truncation alone, as a
/// share of what f changes over the size of x: gradients are off by PROBE_DISTANCE^2 / 6 of it for a third derivative
/// of that scale.
const TRUNCATION: f64 = 1e-12;

/// Standard deviations by which the lowest of many noisy values is low by chance.
const CHANCE: f64 = 10.0;
/// A point is lower than x if it is by so many times the decrease that counts.
const LOWER: f64 = 4.0;
/// A decrease by less than this share of f is not worth another gradient.
const TWELVE_DIGITS: f64 = 1e-12;
/// Where unknowns have grown, f's noise is overcome by differences over [`PROBE_DISTANCE`] and their truncation by
/// those over this share of it.
const NEARER: f64 = 0.1;
/// Noise below this share of the decrease that counts does not hide one that would matter.
const HIDES: f64 = 0.1;

/// A model that is so many times steeper than the wide second differences is that of nearer ones.
const STEEPER: f64 = 3.0;

/// The slope at a bound that turns by more than this share over such a difference may be another nearer to it.
const TURNS: f64 = 0.03;

/// An unknown that begins beside 0 is taken for so many times larger.
const SMALL: f64 = 1e2;

/// An unknown runs away alone where it bends f by less than this share of what all do.
const LEVEL: f64 = 1e-3;

impl QuasiNewton {
    /// The model predicts no decrease worth having. Before that is believed, it is checked with the best
    /// gradient, with measured noise, and with differences over a wider interval.
    pub(super) fn verify(
        &mut self,
        problem: &mut Problem<'_>,
        direction: &mut Vec<f64>,
        predicted: &mut f64,
    ) -> Result<Tested, Interrupt> {
        if self.accuracy == Accuracy::Improvable {
            self.recenter(problem)?;
            self.renew(problem, direction, predicted);
            if *predicted > self.target_decrease() {
                return Ok(Tested::Open);
            }
        }
        let at_start = self.check == Check::AtStart;
        if !self.noise.is_known() && !at_start {
            self.measure_noise(problem, direction)?;
        }
        if self.check != Check::Done {
            self.check = Check::Done;
            self.checks += 1;
            let hides = self.level() > HIDES * self.target_decrease();
            if self.noise.is_large(self.f) && hides && !problem.is_analytic() {
                let held = |i: usize| !problem.bounds.is_free(i, self.x[i], self.gradient[i]);
                let held = (0..self.x.len()).map(held).collect();
                if self.looks_closer(problem, held)? {
                    self.check = Check::Due;
                    return Ok(Tested::Done(None));
                }
                self.curvature_above_noise(problem)?;
                return Ok(Tested::Done(None));
            }
            let (believed, mut kept) = (self.gradient.clone(), self.hessian.clone());
            if problem.is_analytic() {
                self.flat = match self.check_minimality(problem)? {
                    Neighborhood::Flat { coordinates } => coordinates,
                    _ => Vec::new(),
                };
            } else {
                let mut intervals = match at_start {
                    true => self.relative(FIRST, 1.0),
                    false => self.wide_intervals(),
                };
                let slopes = match at_start {
                    true => self.slopes_at_start(),
                    false => self.probe(problem, &intervals, Sides::Both)?,
                };
                let held = |i: usize| !problem.bounds.is_free(i, self.x[i], self.gradient[i]);
                let suspect = |i: usize| {
                    let s = &slopes[i];
                    let wide = STEEPER * (s.curvature + s.curvature_error);
                    let turns = s.curvature.abs() * s.step > TURNS * s.value.abs();
                    !(self.hessian.get(i, i) <= wide) || held(i) && turns
                };
                let suspects: Vec<bool> = (0..self.x.len()).map(suspect).collect();
                let found = !at_start
                    && !self.noise.is_large(self.f)
                    && self.find_reach(problem, (&intervals, &slopes), suspects)?;
                if self.move_to_lower(problem)? {
                    return Ok(Tested::Done(None));
                }
                if found {
                    self.check = Check::Due;
                    self.renew(problem, direction, predicted);
                    return match *predicted > self.target_decrease() {
                        true => Ok(Tested::Open),
                        false => self.verify(problem, direction, predicted),
                    };
                }
                let still = self.unmoved_by(&intervals, &slopes);
                self.flat = self.flat_among(problem, &still)?;
                if self.x.len() <= LARGEST && self.flat.is_empty() {
                    let sizes = self.relative(1.0, LEAST);
                    let near = self.surroundings(problem, &mut intervals, &sizes, &slopes);
                    (self.away, self.fall) =
                        problem.around(|value, bounds| one_sided_lines(value, bounds, &near))?;
                }
                self.limit_diagonal(&slopes);
                kept.clone_from(&self.hessian);
                self.adopt_diagonal(&slopes);
            }
            if self.move_to_lower(problem)? {
                return Ok(Tested::Done(None));
            }
            if let Some(status) = self.look_away(problem)? {
                return Ok(Tested::Done(Some(status)));
            }
            if self.move_to_lower(problem)? {
                return Ok(Tested::Done(None));
            }
            self.renew(problem, direction, predicted);
            // What the truncation of wide differences amounts to, or the last digits of f.
            let modest = (TRUNCATION * self.bends(LEAST)).max(TWELVE_DIGITS * self.f.abs());
            if *predicted > self.target_decrease() && *predicted <= modest {
                // Wide differences agree to their own accuracy; narrow ones are better.
                (self.gradient, self.hessian) = (believed, kept);
                self.renew(problem, direction, predicted);
                if *predicted > self.target_decrease() {
                    return Ok(Tested::Open);
                }
            }
        }
        if *predicted > self.target_decrease() {
            return Ok(Tested::Open);
        }
        if self.move_to_lower(problem)? {
            return Ok(Tested::Done(None));
        }
        if self.knows_lower(problem) {
            // Lower points again and again: what the model says of f does not hold.
            let predicted = self.f - problem.best.1;
            return Ok(Tested::Done(Some(self.lost(problem, predicted)?)));
        }
        let tolerance = self.target_decrease();
        let projected = problem.bounds.projected(&self.x, &self.gradient);
        let test = if largest(&projected) == 0.0 {
            Test::Gradient {
                largest: 0.0,
                tolerance: 0.0,
            }
        } else {
            Test::Decrease {
                predicted: predicted.max(self.fall.min(tolerance)),
                tolerance,
            }
        };
        let status = self.claim(problem, test)?;
        Ok(Tested::Done(Some(status)))
    }

    /// The end where f falls or stays as far again from where this attempt began.
    pub(super) fn look_away(&self, problem: &mut Problem<'_>) -> Result<Option<Status>, Interrupt> {
        if !self.flat.is_empty() {
            return Ok(None);
        }
        let (at, sizes) = ((&self.x[..], self.f), self.relative(1.0, LEAST));
        let (start, scale) = (&self.attempt.start, self.bends(LEAST));
        let flat = |i: &usize| self.hessian.get(*i, *i) * sizes[*i] * sizes[*i] <= LEVEL * scale;
        let suspects: Vec<usize> = (0..sizes.len()).filter(flat).collect();
        let known = (scale, &suspects[..]);
        let coordinates = problem
            .around(|value, bounds| running_away(value, bounds, at, start, &sizes, known))?;
        Ok(ran_away(coordinates))
    }

    /// What the differences just taken by these steps show of f around x.
    fn surroundings<'x>(
        &'x self,
        problem: &Problem<'_>,
        steps: &'x mut [f64],
        sizes: &'x [f64],
        slopes: &[Slope],
    ) -> Surroundings<'x> {
        let known = |i: usize| slopes[i].curvature.is_finite() && self.error[i].is_finite();
        let (mut changes, mut bends) = (Vec::new(), Vec::new());
        for (i, step) in steps.iter_mut().enumerate() {
            // Into the box: what is said of a step that does not fit there would be of another.
            let bounds = &problem.bounds;
            let fits = |step: f64| bounds.clamp(i, self.x[i] + step) == self.x[i] + step;
            // A coordinate that a bound holds by its slope stays where it is.
            let slope = self.gradient[i];
            let held = !bounds.is_free(i, self.x[i], slope)
                && slope.abs() * *step > slopes[i].curvature.abs() * *step * *step;
            *step = match known(i) && !bounds.is_fixed(i) && !held {
                true if fits(*step) => *step,
                true if fits(-*step) => -*step,
                _ => 0.0,
            };
            let bend = if known(i) {
                slopes[i].curvature * *step * *step
            } else {
                0.0
            };
            changes.push(self.gradient[i] * *step + 0.5 * bend);
            bends.push(bend);
        }
        Surroundings {
            x: &self.x,
            f: self.f,
            changes,
            bends,
            steps,
            sizes,
            level: self.level(),
        }
    }

    /// The coordinates of lines along which f hardly bends and unknowns have grown beyond all measure.
    pub(super) fn runaway(&mut self, problem: &mut Problem<'_>) -> Result<Vec<usize>, Interrupt> {
        // An unknown that was not 0 has shown its size, if one that may have been meant to be 0.
        let own = |x: f64| if x == 0.0 { f64::MAX } else { SMALL * x.abs() };
        let first = self.attempt.start.iter().zip(&self.x_scale);
        let first = first.map(|(x, t)| x.abs().max(*t).min(own(*x)));
        let grown: Vec<bool> = first
            .zip(&self.x)
            .map(|(first, x)| x.abs() > GROWN * first)
            .collect();
        if !grown.contains(&true) || problem.is_analytic() || self.x.len() > LARGEST {
            return Ok(Vec::new());
        }
        let kept = (self.gradient.clone(), self.error.clone());
        let sizes = self.relative(1.0, LEAST);
        let mut away = Vec::new();
        for far in [PROBE_DISTANCE, NEARER * PROBE_DISTANCE] {
            let mut steps = self.relative(far, LEAST);
            let slopes = self.probe(problem, &steps, Sides::Both)?;
            let near = self.surroundings(problem, &mut steps, &sizes, &slopes);
            away = problem.around(|value, bounds| runaway(value, bounds, &near, &grown))?;
            if !away.is_empty() {
                break;
            }
        }
        (self.gradient, self.error) = kept;
        Ok(away)
    }

    /// The check that all methods share.
    pub(super) fn check_minimality(
        &self,
        problem: &mut Problem<'_>,
    ) -> Result<Neighborhood, Interrupt> {
        let (at, g, tolerance) = ((&self.x[..], self.f), &self.gradient, self.tolerance);
        let sizes = sizes_of(&self.x);
        problem.around(|value, bounds| minimality_check(value, bounds, at, g, tolerance, &sizes))
    }

    /// Those of the suspects in which no displacement changes f.
    pub(super) fn flat_among(
        &self,
        problem: &mut Problem<'_>,
        suspects: &[usize],
    ) -> Result<Vec<usize>, Interrupt> {
        let at = (&self.x[..], self.f);
        let sizes = self.own_sizes();
        problem.around(|value, bounds| flat_coordinates(value, bounds, at, &sizes, suspects))
    }

    fn renew(&mut self, problem: &Problem<'_>, direction: &mut Vec<f64>, predicted: &mut f64) {
        *direction = self.direction(problem);
        *predicted = self.predicted(direction);
    }

    /// Whether a point is known that is lower than x by more than the tolerance.
    pub(super) fn knows_lower(&self, problem: &Problem<'_>) -> bool {
        problem.best.1 < self.lower()
    }

    /// A value below this is lower by more than the tolerance.
    pub(super) fn lower(&self) -> f64 {
        let chance = if self.noise.is_large(self.f) {
            CHANCE * self.level()
        } else {
            0.0
        };
        self.f - chance.max(LOWER * self.target_decrease())
    }

    /// When the check found a point that is lower by more than the tolerance, x was no minimum.
    pub(super) fn move_to_lower(&mut self, problem: &mut Problem<'_>) -> Result<bool, Interrupt> {
        if !self.knows_lower(problem) || self.checks > MAX_RECHECKS {
            return Ok(false);
        }
        (self.x, self.f) = problem.best.clone();
        self.check = Check::Due;
        self.forget_surroundings();
        self.last_step = f64::INFINITY;
        self.recenter(problem)?;
        Ok(true)
    }

    /// What was seen around another x says nothing of this one.
    pub(super) fn forget_surroundings(&mut self) {
        self.flat.clear();
        self.away.clear();
        self.fall = 0.0;
        self.reach.forget();
    }
}
