//! The gradient at x: given, by one-sided or by two-sided differences.

use super::end_slope::EndSlope;
use super::{Accuracy, Before, QuasiNewton};
use crate::differences::{Sides, Slope};
use crate::interrupt::Interrupt;
use crate::problem::Problem;

/// A slope along the step replaces a probe when it is sure to this share of the slope before the step,
/// divided by n: a probe is an n-th of a gradient, and its loss must cost less than it saves.
const SURE: f64 = 0.4;

/// A displacement that changes f by no more than this share of what the other one did has left f as it is.
const STILL: f64 = 1e-12;
/// Or by so many roundings of f.
const LAST_DIGITS: f64 = 4.0;

impl QuasiNewton {
    pub(super) fn given_gradient(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        problem.gradient(&self.x, &mut self.gradient)?;
        self.accuracy = Accuracy::Best;
        for (e, g) in self.error.iter_mut().zip(&self.gradient) {
            *e = f64::EPSILON * g.abs();
        }
        Ok(())
    }

    /// The best gradient at x: given, or by differences on both sides from here on, of which the diagonal of the Hessian
    /// is taken, too.
    pub(super) fn recenter(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        if problem.is_analytic() {
            return self.given_gradient(problem);
        }
        let slopes = self.central_gradient(problem)?;
        self.sides = Sides::Both;
        self.adopt_diagonal(&slopes);
        Ok(())
    }

    /// The gradient from one side. The coordinate that moved most needs no probe where the search knows the
    /// slope along the step: it follows from g^T s and the other components.
    pub(super) fn forward_gradient(
        &mut self,
        problem: &mut Problem<'_>,
        before: &Before,
    ) -> Result<(), Interrupt> {
        let intervals = self.one_sided_intervals();
        let Some((end, spared)) = self.spared(before) else {
            self.probe(problem, &intervals, Sides::One)?;
            return Ok(());
        };
        let (s, n) = (&before.step, self.x.len());
        let mut others = intervals.clone();
        others[spared] = 0.0;
        self.probe(problem, &others, Sides::One)?;
        let (mut rest, mut doubt) = (end.value, end.error.powi(2));
        for i in (0..n).filter(|&i| i != spared) {
            rest -= self.gradient[i] * s[i];
            doubt += (self.error[i] * s[i]).powi(2);
        }
        let (slope, error) = (rest / s[spared], doubt.sqrt() / s[spared].abs());
        if slope.is_finite() && error.is_finite() {
            (self.gradient[spared], self.error[spared]) = (slope, error);
        } else {
            // Another coordinate is at the edge of the domain: the sum tells nothing.
            self.probe(problem, &intervals, Sides::One)?;
        }
        Ok(())
    }

    /// The slope along the step, if it is known well enough, and the coordinate that moved most.
    fn spared(&self, before: &Before) -> Option<(EndSlope, usize)> {
        let moved = |i: usize| (before.step[i] / self.x_scale[i]).abs();
        let end = before.end?;
        let most = (0..self.x.len()).max_by(|&i, &j| moved(i).total_cmp(&moved(j)))?;
        (end.doubt * self.x.len() as f64 <= SURE).then_some((end, most))
    }

    /// The gradient from both sides.
    pub(super) fn central_gradient(
        &mut self,
        problem: &mut Problem<'_>,
    ) -> Result<Vec<Slope>, Interrupt> {
        let intervals = self.two_sided_intervals();
        self.probe(problem, &intervals, Sides::Both)
    }

    /// The gradient by these intervals. From both sides it is the best there is, and the slopes are returned.
    pub(super) fn probe(
        &mut self,
        problem: &mut Problem<'_>,
        intervals: &[f64],
        sides: Sides,
    ) -> Result<Vec<Slope>, Interrupt> {
        let level = self.level();
        let differences = problem.differences(&self.x, self.f, intervals, sides)?;
        let mut slopes = Vec::new();
        for i in 0..self.x.len() {
            let slope = differences.slope(i, self.hessian.get(i, i), level);
            (self.gradient[i], self.error[i]) = (slope.value, slope.error);
            if sides == Sides::Both {
                slopes.push(slope);
            }
        }
        if sides == Sides::Both {
            self.accuracy = Accuracy::Best;
        }
        Ok(slopes)
    }

    /// The gradient that these slopes make.
    pub(super) fn take(&mut self, slopes: &[Slope]) {
        for (i, slope) in slopes.iter().enumerate() {
            (self.gradient[i], self.error[i]) = (slope.value, slope.error);
        }
    }

    /// What the first differences, on both sides, left in the gradient and the Hessian.
    pub(super) fn slopes_at_start(&self) -> Vec<Slope> {
        let slope = |(i, curvature): (usize, f64)| Slope {
            value: self.gradient[i],
            error: self.error[i],
            curvature,
            curvature_error: 0.0,
            step: 0.0,
        };
        let diagonal = self.hessian.diagonal().into_iter();
        diagonal.enumerate().map(slope).collect()
    }

    /// The coordinates with a side on which displacements by these intervals did not change f by more than its last digits.
    pub(super) fn unmoved_by(&self, intervals: &[f64], slopes: &[Slope]) -> Vec<usize> {
        let still = |i: usize, h: f64| {
            let (slope, bend) = (self.gradient[i] * h, 0.5 * slopes[i].curvature * h * h);
            let change = (slope + bend).abs().min((slope - bend).abs());
            change <= (STILL * slope.abs()).max(LAST_DIGITS * f64::EPSILON * self.f.abs())
        };
        (0..intervals.len())
            .filter(|&i| intervals[i] > 0.0 && still(i, intervals[i]))
            .collect()
    }

    /// Lowers the diagonal to what second differences allow: a curvature that no displacement showed must not make
    /// the predicted decrease small.
    pub(super) fn limit_diagonal(&mut self, slopes: &[Slope]) {
        self.rescale_diagonal(slopes, |b, c, error| {
            let most = c.max(0.0) + 2.0 * error;
            (most > 0.0 && b > most).then_some(most)
        });
    }

    /// Scales rows and columns so that the diagonal agrees with second differences that are above
    /// the noise.
    pub(super) fn adopt_diagonal(&mut self, slopes: &[Slope]) {
        self.rescale_diagonal(slopes, |b, c, error| {
            (c > 2.0 * error && b > 0.0).then_some(c)
        });
    }

    /// Scales rows and columns so that the diagonal becomes what `wanted` makes of it and a second derivative with its
    /// error, where that is finite.
    fn rescale_diagonal(
        &mut self,
        slopes: &[Slope],
        wanted: impl Fn(f64, f64, f64) -> Option<f64>,
    ) {
        let ratio = |(b, slope): (f64, &Slope)| {
            let (c, error) = (slope.curvature, slope.curvature_error);
            let wanted = wanted(b, c, error).filter(|_| c.is_finite());
            wanted.map_or(1.0, |wanted| (wanted / b).sqrt())
        };
        let diagonal = self.hessian.diagonal().into_iter();
        let ratios: Vec<f64> = diagonal.zip(slopes).map(ratio).collect();
        self.hessian.rescale(&ratios);
    }
}
