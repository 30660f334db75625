//! Gradients for the methods that take any: given, by a fixed difference, or by differences whose
//! intervals and sides are adapted to f.

use crate::bounds::Bounds;
use crate::differences::{
    MISLED, NARROWEST, SHORT, Sides, Slope, one_sided_interval, two_sided_interval,
};
use crate::flat::PROBE_DISTANCE;
use crate::interrupt::Interrupt;
use crate::matrix::{largest, norm};
use crate::minimality_check::sizes_of;
use crate::problem::Problem;
use crate::reach::{Look, Reach};
use numdiff_core::{FiniteDifference, Step};

/// The tutorial's difference: (f(x + h) - f(x - h)) / (2h) with h = 1e-4 in every coordinate.
pub(crate) fn tutorial_difference() -> FiniteDifference {
    FiniteDifference::central()
        .with_step(Step::Absolute(1e-4))
        .with_nominal_divisor()
}

/// A point with f and its gradient there.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Linearization {
    pub x: Vec<f64>,
    pub f: f64,
    pub gradient: Vec<f64>,
    /// Estimated absolute error of each component of `gradient`.
    pub error: Vec<f64>,
}

impl Linearization {
    /// The largest of |f| and of its derivatives.
    pub fn size(&self) -> f64 {
        largest(&self.gradient).max(self.f.abs())
    }
}

/// What a difference gradient remembers between points.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Gradients {
    /// Second derivatives along the coordinates, from the last differences on both sides.
    curvature: Vec<f64>,
    pub reach: Reach,
    central: bool,
    /// The gradient last asked for is the best there is at that point.
    pub best: bool,
    /// The coordinate in which the fixed step vanished at the last point.
    pub vanished: Option<usize>,
}

impl Gradients {
    pub fn new(n: usize) -> Self {
        Gradients {
            curvature: Vec::new(),
            reach: Reach::unknown(n),
            central: false,
            best: false,
            vanished: None,
        }
    }

    /// The gradient at x, and the error of each component.
    pub fn take(
        &mut self,
        problem: &mut Problem<'_>,
        at: &mut Linearization,
    ) -> Result<(), Interrupt> {
        self.best = true;
        at.gradient.resize(at.x.len(), 0.0);
        at.error.resize(at.x.len(), 0.0);
        if !problem.source.is_adaptive() {
            self.vanished = problem.gradient(&at.x, &mut at.gradient)?;
            // The rounding of a given gradient is the caller's: its error stays 0.
            if !problem.is_analytic() {
                let errors = at.error.iter_mut().zip(&at.gradient);
                errors.for_each(|(e, g)| *e = f64::EPSILON * g.abs());
            }
            return Ok(());
        }
        if !self.curvature.is_empty() && !self.central {
            self.differences(problem, at, Sides::One)?;
            let projected = problem.bounds.projected(&at.x, &at.gradient);
            self.central = norm(&projected) < MISLED * norm(&at.error);
            if !self.central {
                self.best = false;
                return Ok(());
            }
        }
        self.differences(problem, at, Sides::Both)
    }

    /// f is `ratio` times what it was.
    pub fn rescale(&mut self, ratio: f64) {
        self.curvature.iter_mut().for_each(|c| *c *= ratio);
    }

    /// From here on on both sides.
    pub fn sharpen(&mut self) {
        self.central = true;
    }

    /// Once more and on both sides, to see how f bends here.
    pub fn retake(
        &mut self,
        problem: &mut Problem<'_>,
        at: &mut Linearization,
    ) -> Result<(), Interrupt> {
        self.curvature.clear();
        self.take(problem, at)
    }

    /// Looks whether f varies over less than some `open` unknown is large, where a value below `lower` is not known; the
    /// gradient is taken anew then.
    pub fn look_closer(
        &mut self,
        problem: &mut Problem<'_>,
        at: &mut Linearization,
        lower: f64,
        open: Vec<bool>,
    ) -> Result<bool, Interrupt> {
        let level = f64::EPSILON * at.f.abs();
        let sizes = sizes_of(&at.x).into_iter().enumerate();
        let step = |(i, size)| match open[i] {
            true => PROBE_DISTANCE * self.reach.limit(i, size),
            false => 0.0,
        };
        let steps: Vec<f64> = sizes.map(step).collect();
        let wide = problem.differences(&at.x, at.f, &steps, Sides::Both)?;
        let wide: Vec<Slope> = (0..steps.len())
            .map(|i| wide.slope(i, 0.0, level))
            .collect();
        let look = Look {
            x: &at.x,
            f: at.f,
            level,
            lower,
        };
        let Some(seen) = self
            .reach
            .look_closer(problem, &look, (&steps, &wide), open)?
        else {
            return Ok(false);
        };
        self.curvature.resize(seen.len(), 0.0);
        for (kept, slope) in self.curvature.iter_mut().zip(&seen) {
            if slope.curvature.abs() > 2.0 * slope.curvature_error {
                *kept = slope.curvature;
            }
        }
        self.take(problem, at)?;
        Ok(true)
    }

    fn intervals(&self, bounds: &Bounds, at: &Linearization, sides: Sides) -> Vec<f64> {
        let level = f64::EPSILON * at.f.abs();
        let (root, cubic) = (f64::EPSILON.sqrt(), f64::EPSILON.cbrt());
        let interval = |(i, c): (usize, &f64)| {
            let size = |least: f64| self.reach.limit(i, at.x[i].abs().max(least));
            match sides {
                // As in Gill, Murray, Saunders, Wright, within a factor of ten of the usual sqrt(eps), since the
                // curvature is that of another point: where it was 0 and is no more, the interval would mislead.
                Sides::One => one_sided_interval(level, *c)
                    .clamp(0.1 * root * size(0.01), 10.0 * root * size(1.0)),
                // Beside a bound f may bend otherwise over the distance from it.
                Sides::Both => {
                    let (usual, short) = (cubic * size(0.1), self.reach.is_short(i));
                    if !short && bounds.room(i, at.x[i]) >= size(0.1) {
                        return usual;
                    }
                    let widest = if short { SHORT * size(0.1) } else { usual };
                    let least = NARROWEST * cubic * size(0.01);
                    two_sided_interval(level, *c, size(0.01)).clamp(least, widest)
                }
            }
        };
        self.curvature.iter().enumerate().map(interval).collect()
    }

    fn differences(
        &mut self,
        problem: &mut Problem<'_>,
        at: &mut Linearization,
        sides: Sides,
    ) -> Result<(), Interrupt> {
        let level = f64::EPSILON * at.f.abs();
        self.curvature.resize(at.x.len(), 0.0);
        let intervals = self.intervals(&problem.bounds, at, sides);
        let differences = problem.differences(&at.x, at.f, &intervals, sides)?;
        for (i, curvature) in self.curvature.iter_mut().enumerate() {
            let slope = differences.slope(i, *curvature, level);
            (at.gradient[i], at.error[i]) = (slope.value, slope.error);
            if sides == Sides::Both && slope.curvature.is_finite() {
                *curvature = slope.curvature;
            }
        }
        Ok(())
    }
}
