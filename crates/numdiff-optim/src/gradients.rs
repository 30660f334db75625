//! Gradients for the methods that take any: given, by a fixed difference, or by differences whose
//! intervals and sides are adapted to f.

use crate::differences::{MISLED, Sides, one_sided_interval};
use crate::interrupt::Interrupt;
use crate::matrix::norm;
use crate::problem::Problem;
use numdiff_core::{FiniteDifference, Step};

/// The tutorial's difference: (f(x + h) - f(x - h)) / (2h) with h = 1e-4 in every coordinate.
pub(crate) fn tutorial_difference() -> FiniteDifference {
    FiniteDifference::central()
        .with_step(Step::Absolute(1e-4))
        .with_nominal_divisor()
}

/// What a difference gradient remembers between points.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Gradients {
    /// Second derivatives along the coordinates, from the last differences on both sides.
    curvature: Vec<f64>,
    central: bool,
    /// The gradient last asked for is the best there is at that point.
    pub best: bool,
    /// The coordinate in which the fixed step vanished at the last point.
    pub vanished: Option<usize>,
}

impl Gradients {
    /// The gradient at x, where f is `f`, and the error of each component.
    pub fn take(
        &mut self,
        problem: &mut Problem<'_>,
        x: &[f64],
        f: f64,
        g: &mut [f64],
        e: &mut [f64],
    ) -> Result<(), Interrupt> {
        self.best = true;
        if problem.source.is_adaptive() {
            if self.curvature.is_empty() || self.central {
                return self.both_sides(problem, x, f, g, e);
            }
            self.one_side(problem, x, f, g, e)?;
            if norm(&problem.bounds.projected(x, g)) < MISLED * norm(e) {
                self.central = true;
                return self.both_sides(problem, x, f, g, e);
            }
            self.best = false;
            return Ok(());
        }
        self.vanished = problem.gradient(x, g)?;
        // The rounding of a given gradient is the caller's: its error stays 0.
        if !problem.is_analytic() {
            let errors = e.iter_mut().zip(g.iter());
            errors.for_each(|(e, g)| *e = f64::EPSILON * g.abs());
        }
        Ok(())
    }

    /// From here on on both sides.
    pub fn sharpen(&mut self) {
        self.central = true;
    }

    /// Once more and on both sides, to see how f bends here.
    pub fn retake(
        &mut self,
        problem: &mut Problem<'_>,
        x: &[f64],
        f: f64,
        g: &mut [f64],
        e: &mut [f64],
    ) -> Result<(), Interrupt> {
        self.curvature.clear();
        self.take(problem, x, f, g, e)
    }

    /// Intervals as in Gill, Murray, Saunders, Wright: 2 sqrt(noise / |f''|), within a factor of ten of the usual
    /// sqrt(eps), since f'' is that of another point: where it was 0 and is no more, the interval would mislead.
    fn one_side(
        &mut self,
        problem: &mut Problem<'_>,
        x: &[f64],
        f: f64,
        g: &mut [f64],
        e: &mut [f64],
    ) -> Result<(), Interrupt> {
        let level = f64::EPSILON * f.abs();
        let root = f64::EPSILON.sqrt();
        let intervals: Vec<f64> = x
            .iter()
            .zip(&self.curvature)
            .map(|(x, c)| {
                let h = one_sided_interval(level, *c);
                h.clamp(
                    0.1 * root * x.abs().max(0.01),
                    10.0 * root * x.abs().max(1.0),
                )
            })
            .collect();
        self.differences(problem, (x, f), &intervals, Sides::One, (g, e))
    }

    fn both_sides(
        &mut self,
        problem: &mut Problem<'_>,
        x: &[f64],
        f: f64,
        g: &mut [f64],
        e: &mut [f64],
    ) -> Result<(), Interrupt> {
        // eps^(1/3) of the scale of x: the rounding eps f / h meets the truncation h^2 f''' / 6.
        let intervals: Vec<f64> = x
            .iter()
            .map(|x| f64::EPSILON.cbrt() * x.abs().max(0.1))
            .collect();
        self.differences(problem, (x, f), &intervals, Sides::Both, (g, e))
    }

    fn differences(
        &mut self,
        problem: &mut Problem<'_>,
        (x, f): (&[f64], f64),
        intervals: &[f64],
        sides: Sides,
        (g, e): (&mut [f64], &mut [f64]),
    ) -> Result<(), Interrupt> {
        let level = f64::EPSILON * f.abs();
        let differences = problem.differences(x, f, intervals, sides)?;
        self.curvature.resize(x.len(), 0.0);
        for i in 0..x.len() {
            let slope = differences.slope(i, self.curvature[i], level);
            (g[i], e[i]) = (slope.value, slope.error);
            if sides == Sides::Both && slope.curvature.is_finite() {
                self.curvature[i] = slope.curvature;
            }
        }
        Ok(())
    }
}
