//! The noise in f, and steps from it.
//!
//! J. J. Moré and S. M. Wild, *Estimating computational noise*, SIAM J. Sci. Comput. 33 (2011),
//! 1292-1314: differences of order k of a smooth function vanish like h^k, those of noise grow like
//! sqrt((2k)!) / k!. Where three successive orders agree on a level, it is the noise's.

mod differences;
mod distance;
mod interval;
mod printed;
mod step_status;
mod steps;

pub use step_status::StepStatus;
pub use steps::NoiseSteps;

use crate::bounds::{Bound, Bounds};
use crate::evaluate::adapter::{self, Copied, of_number};
use crate::evaluate::along::{along, begin};
use crate::line::Scratch;
use crate::line::{LineKind, LineSet};
use crate::random::SplitMix64;
use crate::scheme::fixed::{Fixed, Side};
use crate::scheme::{Rule, Scheme};
use crate::step::{Pace, power_of_two};
use crate::{Error, Outcome, Point, Real, Step};
use std::marker::PhantomData;

/// How a level of noise was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum NoiseStatus {
    /// Three successive orders of differences agree: the level is the noise's.
    Found,
    /// f is as smooth as its number type lets it be: the level is that of a correctly rounded f.
    Rounding,
    /// All values are the same up to a distance as large as x itself. The level is that of rounding.
    Constant,
    /// At the largest distance tried half of the values still equal their neighbors: f is a staircase
    /// of wide steps. The level is a lower bound.
    StepTooSmall,
    /// The differences do not settle at any distance: f changes too much between the points wherever
    /// its values differ at all, or is undefined there. The level is an upper bound.
    StepTooLarge,
}

impl NoiseStatus {
    /// Whether the level is an estimate rather than a bound.
    pub fn is_estimate(self) -> bool {
        !matches!(self, NoiseStatus::StepTooSmall | NoiseStatus::StepTooLarge)
    }
}

/// The noise in f near a point.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct NoiseLevel {
    /// One standard deviation, absolute, in the units of f. Never below that of rounding, which is
    /// eps |f| / sqrt(12); zero only where f is zero at all points.
    pub level: f64,
    /// How far the level can be trusted.
    pub status: NoiseStatus,
    /// Distance of the points that showed it, in the units of x for one variable; for an array as a
    /// part of the scale of x.
    pub step: f64,
    /// Evaluations of f, over all distances tried.
    pub evaluations: usize,
}

/// The level of the noise in a scalar function near x: [`EcNoise`] at its defaults.
///
/// 9 evaluations where the first distance between the points serves, 8 for each further one: mostly 25
/// in all, seldom above 37, for an f that computes in single precision; 49 for a constant. The direction
/// is drawn at random from a fixed seed.
///
/// # Errors
/// Those of [`EcNoise::level`].
///
/// # Example
/// ```
/// use ndarray::array;
/// use numdiff_core::{Adaptive, FiniteDifference, noise_level};
/// // A function that computes in single precision, which nobody would see from outside.
/// let f = |x: &ndarray::Array1<f64>| f64::from((x[0] as f32).sin() * x[1] as f32);
/// let x = array![0.7, 1.3];
/// let noise = noise_level(f, &x)?;
/// println!("{:e} from {} evaluations", noise.level, noise.evaluations);
/// assert!(noise.level > 1e-9 && noise.level < 1e-6);
/// // What to do with it: the adaptive method takes the level; a fixed stencil takes steps.
/// let g = Adaptive::new().with_noise(noise.level).gradient(f, &x)?;
/// let central = FiniteDifference::central();
/// let steps = central.noise_steps(f, &x, 1, noise.level)?;
/// let h = central.with_step(steps).gradient(f, &x)?;
/// assert!((g.value - &h).iter().all(|difference| difference.abs() < 1e-4));
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn noise_level<F, R, X>(f: F, x: &X) -> Result<NoiseLevel, Error>
where
    F: FnMut(&X::Seen) -> R,
    R: Outcome<f64>,
    X: Point<f64> + ?Sized,
{
    EcNoise::new().level(f, x)
}

/// The level of the noise in a function of one variable near x: [`EcNoise`] at its defaults.
///
/// # Errors
/// Those of [`EcNoise::level`].
///
/// # Example
/// ```
/// use numdiff_core::{NoiseStatus, noise_level_univariate};
/// // Six decimal digits, as a program might print them.
/// let f = |x: f64| (x.exp() * 1e6).round() / 1e6;
/// let noise = noise_level_univariate(f, 0.5)?;
/// assert_eq!(noise.status, NoiseStatus::Found);
/// // Rounding to a grid of 1e-6: 1e-6 / sqrt(12) if it were random.
/// assert!(noise.level > 1e-7 && noise.level < 1e-6);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
pub fn noise_level_univariate<F, R>(f: F, x: f64) -> Result<NoiseLevel, Error>
where
    F: FnMut(f64) -> R,
    R: Outcome<f64>,
{
    EcNoise::new().level_univariate(f, x)
}

/// The noise in f from its values: ECnoise of Moré and Wild.
///
/// f is evaluated at nine equally spaced points around x (on one side of it where f is undefined or
/// not to be evaluated on the other), along a direction that moves every coordinate by a part of its
/// scale. Noise is whatever does not shrink with the distance: rounding inside f, an f that computes
/// in single precision, digits lost in printing, tolerances of solvers, random numbers. Where the
/// first distance, 2^-33 of the scale of x, is too small or too large, others are tried. The direction is
/// drawn at random from a fixed seed: the same for every call with as many coordinates.
///
/// How good it is, over made-up functions with noise of relative size 1e-3 to 1e-12: within a factor
/// of 4 in 99 % and of 2 in 95 % of the cases, as the crate's tests measure it.
///
/// # Example
/// ```
/// use numdiff_core::{EcNoise, NoiseStatus};
/// // Not to be evaluated below one.
/// let noise = EcNoise::new().with_bounds(1.0, f64::INFINITY);
/// let level = noise.level_univariate(|x: f64| x.sqrt() + (x - 1.0).powi(3), 1.0)?;
/// assert_eq!(level.status, NoiseStatus::Rounding);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct EcNoise<T = f64> {
    typical: f64,
    bounds: Option<Bounds>,
    number: PhantomData<fn() -> T>,
}

impl Default for EcNoise<f64> {
    fn default() -> Self {
        Self::new()
    }
}

impl EcNoise<f64> {
    /// Without bounds, x of a typical size of 1.
    pub fn new() -> Self {
        EcNoise {
            typical: 1.0,
            bounds: None,
            number: PhantomData,
        }
    }

    /// The same for functions of `f32` arrays.
    pub fn single(self) -> EcNoise<f32> {
        EcNoise {
            typical: self.typical,
            bounds: self.bounds,
            number: PhantomData,
        }
    }
}

impl<T: Real> EcNoise<T> {
    /// The floor of the scale of x; 1 by default.
    pub fn with_typical(mut self, typical: f64) -> Self {
        self.typical = typical;
        self
    }

    /// f is evaluated at points with lower <= x <= upper only; see
    /// [`Adaptive::with_bounds`](crate::Adaptive::with_bounds).
    pub fn with_bounds(mut self, lower: impl Into<Bound>, upper: impl Into<Bound>) -> Self {
        self.bounds = Some(Bounds {
            lower: lower.into(),
            upper: upper.into(),
        });
        self
    }

    /// The level of the noise in a scalar function near x.
    ///
    /// # Errors
    /// x that is empty or not finite; settings that make no sense; f that fails, is not finite at x
    /// ([`Error::NonFiniteValue`]) or at no points around it ([`Error::NoFiniteDifference`]); bounds
    /// that hold every coordinate in place ([`Error::NoRoom`]).
    pub fn level<F, R, X>(&self, f: F, x: &X) -> Result<NoiseLevel, Error>
    where
        F: FnMut(&X::Seen) -> R,
        R: Outcome<T>,
        X: Point<T> + ?Sized,
    {
        let f = &mut adapter::scalar_closure(f, x, Copied::default());
        let mut line_set = LineSet::default();
        line_set.begin(
            x.numbers().map(Real::widen),
            T::EPSILON,
            LineKind::Directions,
            1,
        )?;
        let scheme = scheme(self.typical, self.bounds.clone());
        scheme.validate(&line_set)?;
        self.direction(&mut line_set)?;
        let mut scratch = Scratch::default();
        begin(f, &line_set)?;
        let line = scheme.line(&line_set, 0, Pace::constant(1.0));
        let (found, evaluations) = along(&line, f, &mut scratch, |samples| {
            if !samples.value(0.0)?.is_finite() {
                return Ok(None);
            }
            distance::level(samples, 1.0, T::EPSILON)
        })?;
        let value = scratch.base[0];
        let Some(found) = found else {
            return Err(undefined(value, line.first(0.0).0));
        };
        Ok(NoiseLevel {
            evaluations,
            ..found
        })
    }

    /// The level of the noise in a function of one variable near x.
    ///
    /// # Errors
    /// Those of [`level`](Self::level).
    pub fn level_univariate<F, R>(&self, f: F, x: T) -> Result<NoiseLevel, Error>
    where
        F: FnMut(T) -> R,
        R: Outcome<T>,
    {
        let mut noise = self.level(of_number(f), &x)?;
        noise.step *= power_of_two(x.widen().abs().max(self.typical));
        Ok(noise)
    }

    /// The direction: every coordinate moves by one to two times the power of two nearest to its
    /// scale, to either side, away from a bound that is close. The factors are eighths: multiples of
    /// the distance stay exact.
    fn direction(&self, line_set: &mut LineSet) -> Result<(), Error> {
        let mut random = SplitMix64::new(0);
        let only = line_set.x.len() == 1;
        for i in 0..line_set.x.len() {
            let x = line_set.x[i];
            let scale = power_of_two(x.abs().max(self.typical));
            let factor = if only {
                1.0
            } else {
                (8 + random.below(8)) as f64 / 8.0
            };
            let mut d = scale * factor;
            if !only && random.below(2) == 1 {
                d = -d;
            }
            if let Some(bounds) = &self.bounds {
                let (below, above) = (x - bounds.lower.at(i), bounds.upper.at(i) - x);
                if below + above == 0.0 {
                    continue;
                }
                if below.min(above) < scale {
                    d = if above < below { -d.abs() } else { d.abs() };
                }
            }
            line_set.entries.push((i, d));
        }
        if let (true, Some(bounds)) = (line_set.entries.is_empty(), &self.bounds) {
            return Err(Error::NoRoom {
                coordinate: 0,
                x: line_set.x[0],
                lower: bounds.lower.at(0),
                upper: bounds.upper.at(0),
                nodes: differences::VALUES,
            });
        }
        line_set.ends.push(line_set.entries.len());
        line_set.factors.push([1.0, 1.0]);
        Ok(())
    }
}

/// Bounds and the typical size of x, for lines on which no derivative is taken.
fn scheme(typical: f64, bounds: Option<Bounds>) -> Scheme {
    let rule = Rule::Fixed(Fixed {
        side: Side::Central,
        accuracy: 2,
        step: Step::Automatic,
        typical: Some(typical),
        nominal: false,
    });
    Scheme { rule, bounds }
}

/// f(x) is not finite, or f is not at any point around x.
fn undefined(value: f64, coordinate: usize) -> Error {
    if value.is_finite() {
        Error::NoFiniteDifference {
            coordinate,
            output: 0,
        }
    } else {
        Error::NonFiniteValue {
            value,
            coordinate: 0,
            displacement: 0.0,
            output: 0,
        }
    }
}
