//! How noisy f is: read off its digits, or measured when something does not fit.

use super::{Accuracy, QuasiNewton};
use crate::differences::{Sides, Slope};
use crate::interrupt::Interrupt;
use crate::matrix::{Matrix, norm, quotients};
use crate::minimality_check::LEAST;
use crate::noise::{digits, ecnoise, rounding_to};
use crate::problem::Problem;
use crate::scale::TURN;

/// The noise is measured once the predicted decrease is this share of the decrease so far: rounding in f is
/// often no smaller.
const LATE: f64 = 1e-13;

/// A line along which noise is measured reaches so many times the distance to a bound at most, of which the points take
/// a millionth.
const BESIDE_BOUND: f64 = 100.0;
/// Noise is large from so many roundings of f on.
const LARGE: f64 = 100.0;
/// Noise that was measured counts if it is so many times what was assumed.
const MATTERS: f64 = 3.0;
/// Beyond this share of f the noise is taken to be absolute: f is near a zero of its own.
const RELATIVE: f64 = 1e-3;
/// Rounds of the search for intervals whose second differences stand out of the noise: each changes one eightfold.
const ROUNDS: usize = 6;
/// Second differences tell a curvature from so many noises on; from the second on they are good enough to stop, and the
/// square of the third is best, since the truncation grows beyond.
const VISIBLE: f64 = 4.0;
const STANDS_OUT: f64 = 16.0;
const BEST: f64 = 10.0;
/// From one interval to the next: wider where nothing stands out, nearer where f is not finite.
const GROW: f64 = 8.0;
const NEARER: f64 = 0.25;
/// Intervals end at so many sizes of x.
const FARTHEST: f64 = 10.0;
/// A curvature is taken for this share of the largest at least.
const FLATTEST: f64 = 1e-12;

/// The noise of f: relative to its value, or absolute where f is smaller than its noise.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Noise {
    relative: f64,
    absolute: f64,
    /// |f| where it was measured; `None` while rounding is assumed.
    measured_at: Option<f64>,
}

impl Noise {
    /// The rounding of f's value.
    pub fn unknown() -> Self {
        Noise {
            relative: f64::EPSILON,
            absolute: 0.0,
            measured_at: None,
        }
    }

    /// The absolute level where f has this value. Noise that was measured at a small |f| is not taken
    /// to grow with |f|.
    pub fn at(&self, f: f64) -> f64 {
        let f = f.abs();
        let known = self.measured_at.map_or(f, |then| f.min(2.0 * then));
        (self.relative * known)
            .max(self.absolute)
            .max(f64::EPSILON * f)
    }

    /// The level relative to f, of which a tenth is the most that differences can deal with.
    pub fn relative(&self, f: f64) -> f64 {
        let level = self.at(f);
        if level > 0.0 {
            (level / f.abs()).min(0.1)
        } else {
            f64::EPSILON
        }
    }

    /// Far above the rounding of a value: differences must be wider, and steps may look uphill.
    pub fn is_large(&self, f: f64) -> bool {
        self.at(f) > LARGE * f64::EPSILON * f.abs()
    }

    pub fn is_known(&self) -> bool {
        self.measured_at.is_some()
    }

    /// Not measured yet, or not at an f of this size.
    pub fn is_stale(&self, f: f64) -> bool {
        self.measured_at
            .is_none_or(|then| f.abs() < 0.5 * then || f.abs() > 2.0 * then)
    }

    /// Reads the level off values that use few digits; says whether they do.
    pub fn read_digits(&mut self, values: &[f64]) -> bool {
        let relative = digits(values);
        if relative <= LARGE * f64::EPSILON {
            return false;
        }
        self.relative = relative;
        self.measured_at = values.first().map(|f| f.abs());
        true
    }

    fn measured(&mut self, level: f64, f: f64) {
        let matters = level > MATTERS * self.at(f);
        self.measured_at = Some(f.abs());
        if matters && level <= RELATIVE * f.abs() {
            self.relative = level / f.abs();
        } else if matters {
            self.absolute = level;
        }
    }
}

impl QuasiNewton {
    /// Near the end the noise decides when to stop: differences on both sides whose model promises next to
    /// nothing of the way already made.
    pub(super) fn should_know_noise(&self, problem: &Problem<'_>, predicted: f64) -> bool {
        let total = (self.start_value - self.f).max(0.0);
        self.sides == Sides::Both
            && !problem.is_analytic()
            && !self.noise.is_known()
            && total > 0.0
            && predicted <= LATE * total
    }

    /// Measures the noise along a direction: six evaluations as a rule.
    pub(super) fn measure_noise(
        &mut self,
        problem: &mut Problem<'_>,
        direction: &[f64],
    ) -> Result<(), Interrupt> {
        // In units of each unknown's own size: along a line that moves one of them by many times its size f is no table
        // of a smooth function any more.
        let sizes = self.relative(1.0, 1.0);
        let scaled = |v: &[f64]| quotients(v, &sizes);
        // Where the differences see no way down, any way will do that moves every unknown.
        let still = direction.iter().all(|p| *p == 0.0);
        let direction = if still { &sizes } else { direction };
        let length = norm(&scaled(direction)).max(f64::MIN_POSITIVE);
        // Beside a bound f may vary over the distance from it: no noise.
        let bounds = &problem.bounds;
        let short = |(i, p): (usize, &f64)| {
            let room = BESIDE_BOUND * bounds.room(i, self.x[i]);
            (p / length).clamp(-room, room)
        };
        let mut line: Vec<f64> = direction.iter().enumerate().map(short).collect();
        if line.iter().all(|p| *p == 0.0) {
            // All that move stand at a bound: away from it.
            for (i, size) in sizes.iter().enumerate() {
                let (below, above) = (self.x[i] - bounds.lower(i), bounds.upper(i) - self.x[i]);
                line[i] = if below > above {
                    -below.min(*size)
                } else {
                    above.min(*size)
                };
            }
        }
        if line.iter().all(|p| *p == 0.0) {
            return Ok(());
        }
        let inside = self
            .x
            .iter()
            .zip(&sizes)
            .map(|(x, s)| (x.abs() / s).min(1.0));
        let scale = norm(&inside.collect::<Vec<f64>>()).max(1.0);
        let level = ecnoise(self.f, scale, |t| {
            problem.value(&problem.bounds.along(&self.x, &line, t))
        })?;
        self.noise.measured(level, self.f);
        Ok(())
    }

    /// The gradient and the diagonal of the Hessian at intervals whose second differences stand out
    /// of the noise (the criterion of Moré and Wild, ACM TOMS 38 (2012) 19, for the difference
    /// parameter), found in up to six rounds of 2n evaluations; then B is that diagonal.
    pub(super) fn curvature_above_noise(
        &mut self,
        problem: &mut Problem<'_>,
    ) -> Result<(), Interrupt> {
        let n = self.x.len();
        let mut search: Vec<Interval> = (0..n)
            .map(|i| {
                Interval::first(
                    self.size(i, LEAST),
                    (problem.bounds.room(i, self.x[i]), self.x[i]),
                    self.noise.relative(self.f),
                    !problem.bounds.is_fixed(i),
                )
            })
            .collect();
        let (mut gradient, mut error) = (vec![0.0; n], vec![0.0; n]);
        let mut curvature = vec![f64::NAN; n];
        for _ in 0..ROUNDS {
            let intervals: Vec<f64> = search
                .iter()
                .map(|s| if s.open { s.h } else { 0.0 })
                .collect();
            if search.iter().all(|s| !s.open) {
                break;
            }
            let differences = problem.differences(&self.x, self.f, &intervals, Sides::Both)?;
            if !self.noise.is_known() {
                // Near x there were too few different values to tell.
                let values: Vec<f64> = std::iter::once(self.f)
                    .chain(differences.values())
                    .collect();
                self.noise.read_digits(&values);
            }
            let level = self.level();
            for i in 0..n {
                if !search[i].open {
                    continue;
                }
                let slope = differences.slope(i, 0.0, level);
                let level = level.max(search[i].stair(&slope));
                if slope.curvature.is_nan() {
                    // One side is outside f's domain: nearer, unless that was tried.
                    if curvature[i].is_nan() {
                        (gradient[i], error[i]) = (slope.value, slope.error);
                    }
                    search[i].outside();
                    continue;
                }
                (gradient[i], error[i]) = (slope.value, level / slope.step);
                let second = slope.curvature.abs() * slope.step * slope.step;
                curvature[i] = if second < VISIBLE * level {
                    f64::NAN
                } else {
                    slope.curvature
                };
                search[i].judge(second, slope.curvature.abs(), slope.step, level);
                if slope.step <= search[i].room && second >= STANDS_OUT * level {
                    self.reach.see(i, slope.step);
                }
            }
        }
        let level = self.level();
        let most = curvature
            .iter()
            .filter(|c| c.is_finite())
            .fold(0.0, |m: f64, c| m.max(c.abs()));
        let diagonal: Vec<f64> = (0..n)
            .map(|i| {
                if curvature[i].is_finite() && curvature[i] != 0.0 {
                    return curvature[i].abs();
                }
                // Flat as far as one can see: the curvature that would just have shown.
                let far = FARTHEST * self.size(i, LEAST);
                (level / (far * far))
                    .max(FLATTEST * most)
                    .max(f64::MIN_POSITIVE)
            })
            .collect();
        self.flat = (0..n).filter(|&i| search[i].is_flat()).collect();
        self.hessian = Matrix::from_diagonal(&diagonal);
        self.secants.forget();
        (self.gradient, self.error) = (gradient, error);
        self.accuracy = Accuracy::Best;
        self.last_step = f64::INFINITY;
        Ok(())
    }
}

/// The search for one coordinate's interval: it grows or shrinks, never both.
struct Interval {
    h: f64,
    usual: f64,
    /// The distance to a bound that is less than `scale`, or 0.
    room: f64,
    scale: f64,
    /// The first change of f after displacements that changed nothing: the height of a stair, while it is not known
    /// better.
    stair: Option<f64>,
    tied: bool,
    moved: bool,
    open: bool,
    growing: bool,
    shrinking: bool,
}

impl Interval {
    /// Where a second difference of a function of this scale meets the noise: its fourth root.
    fn first(scale: f64, (room, x): (f64, f64), noise: f64, open: bool) -> Self {
        let share = noise.sqrt().sqrt();
        // f may vary over the distance to a bound, if that is more than the rounding of x.
        let is_near = TURN * room < scale && share * room > 1e3 * f64::EPSILON * x.abs();
        let room = if is_near { room } else { 0.0 };
        Interval {
            h: share * if room > 0.0 { room } else { scale },
            usual: share * scale,
            room,
            scale,
            stair: None,
            tied: false,
            moved: false,
            open,
            growing: false,
            shrinking: false,
        }
    }

    /// The noise that this coordinate shows: an f that stood still at an eighth of the distance and then moved has
    /// moved by a stair.
    fn stair(&mut self, slope: &Slope) -> f64 {
        let bend = slope.curvature.abs() * slope.step * slope.step;
        let change = (slope.value.abs() * slope.step).max(0.5 * bend);
        self.moved |= change != 0.0;
        if change == 0.0 {
            self.tied = true;
        } else if self.tied && self.stair.is_none() && change.is_finite() {
            self.stair = Some(change);
        }
        rounding_to(self.stair.unwrap_or(0.0))
    }

    /// Whether no displacement changed f.
    fn is_flat(&self) -> bool {
        self.tied && !self.moved
    }

    fn outside(&mut self) {
        if self.growing {
            self.open = false;
        } else {
            self.h *= NEARER;
            self.shrinking = true;
        }
    }

    /// `second` is the second difference h^2 f''.
    fn judge(&mut self, second: f64, curvature: f64, step: f64, level: f64) {
        let best = BEST * (level / curvature.max(f64::MIN_POSITIVE)).sqrt();
        if second < STANDS_OUT * level && !self.shrinking && step < FARTHEST * self.scale {
            self.h = (GROW * step).max(self.usual);
            self.growing = true;
        } else if step > 4.0 * best && !self.growing {
            self.h = (2.0 * best).clamp(0.05 * step, 0.5 * step);
            self.shrinking = true;
        } else {
            self.open = false;
        }
    }
}
