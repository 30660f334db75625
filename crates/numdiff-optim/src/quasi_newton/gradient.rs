//! The gradient at x: given, by one-sided or by two-sided differences.

use super::end_slope::EndSlope;
use super::{Accuracy, Before, QuasiNewton};
use crate::differences::Sides;
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

    /// Goes to differences on both sides at x and takes the diagonal of the Hessian from them.
    pub(super) fn recenter(&mut self, problem: &mut Problem<'_>) -> Result<(), Interrupt> {
        let curvature = self.central_gradient(problem)?;
        self.sides = Sides::Both;
        self.adopt_diagonal(&curvature);
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
            return self.probe_forward(problem, &intervals);
        };
        let (s, n) = (&before.step, self.x.len());
        let mut others = intervals.clone();
        others[spared] = 0.0;
        self.probe_forward(problem, &others)?;
        let (mut rest, mut doubt) = (end.value, end.error.powi(2));
        for i in (0..n).filter(|&i| i != spared) {
            rest -= self.gradient[i] * s[i];
            doubt += (self.error[i] * s[i]).powi(2);
        }
        let (slope, error) = (rest / s[spared], doubt.sqrt() / s[spared].abs());
        if slope.is_finite() && error.is_finite() {
            (self.gradient[spared], self.error[spared]) = (slope, error);
            return Ok(());
        }
        // Another coordinate is at the edge of the domain: the sum tells nothing.
        let kept = (self.gradient.clone(), self.error.clone());
        let mut only = vec![0.0; n];
        only[spared] = intervals[spared];
        self.probe_forward(problem, &only)?;
        for i in (0..n).filter(|&i| i != spared) {
            (self.gradient[i], self.error[i]) = (kept.0[i], kept.1[i]);
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

    fn probe_forward(
        &mut self,
        problem: &mut Problem<'_>,
        intervals: &[f64],
    ) -> Result<(), Interrupt> {
        let level = self.level();
        let differences = problem.differences(&self.x, self.f, intervals, Sides::One)?;
        for i in 0..self.x.len() {
            let slope = differences.slope(i, self.hessian.get(i, i), level);
            (self.gradient[i], self.error[i]) = (slope.value, slope.error);
        }
        Ok(())
    }

    /// The gradient from both sides; returns the second derivatives with their errors.
    pub(super) fn central_gradient(
        &mut self,
        problem: &mut Problem<'_>,
    ) -> Result<Vec<(f64, f64)>, Interrupt> {
        let intervals = self.two_sided_intervals();
        self.central_gradient_by(problem, &intervals)
    }

    pub(super) fn central_gradient_by(
        &mut self,
        problem: &mut Problem<'_>,
        intervals: &[f64],
    ) -> Result<Vec<(f64, f64)>, Interrupt> {
        let level = self.level();
        let differences = problem.differences(&self.x, self.f, intervals, Sides::Both)?;
        let mut curvature = Vec::with_capacity(self.x.len());
        for i in 0..self.x.len() {
            let slope = differences.slope(i, self.hessian.get(i, i), level);
            (self.gradient[i], self.error[i]) = (slope.value, slope.error);
            curvature.push((slope.curvature, slope.curvature_error));
        }
        self.accuracy = Accuracy::Best;
        Ok(curvature)
    }

    /// The coordinates with a side on which displacements by these intervals did not change f by more than its last digits.
    pub(super) fn unmoved_by(&self, intervals: &[f64], curvature: &[(f64, f64)]) -> Vec<usize> {
        let still = |i: usize, h: f64| {
            let (slope, bend) = (self.gradient[i] * h, 0.5 * curvature[i].0 * h * h);
            let change = (slope + bend).abs().min((slope - bend).abs());
            change <= (STILL * slope.abs()).max(LAST_DIGITS * f64::EPSILON * self.f.abs())
        };
        (0..intervals.len())
            .filter(|&i| intervals[i] > 0.0 && still(i, intervals[i]))
            .collect()
    }

    /// Lowers the diagonal to what second differences allow: a curvature that no displacement showed must not make
    /// the predicted decrease small.
    pub(super) fn limit_diagonal(&mut self, curvature: &[(f64, f64)]) {
        self.rescale_diagonal(curvature, |b, c, error| {
            let most = c.max(0.0) + 2.0 * error;
            (most > 0.0 && b > most).then_some(most)
        });
    }

    /// Scales rows and columns so that the diagonal agrees with second differences that are above
    /// the noise.
    pub(super) fn adopt_diagonal(&mut self, curvature: &[(f64, f64)]) {
        self.rescale_diagonal(curvature, |b, c, error| {
            (c > 2.0 * error && b > 0.0).then_some(c)
        });
    }

    /// Scales rows and columns so that the diagonal becomes what `wanted` makes of it and a second derivative with its
    /// error, where that is finite.
    fn rescale_diagonal(
        &mut self,
        curvature: &[(f64, f64)],
        wanted: impl Fn(f64, f64, f64) -> Option<f64>,
    ) {
        let ratio = |(b, &(c, error)): (f64, &(f64, f64))| {
            let wanted = wanted(b, c, error).filter(|_| c.is_finite());
            wanted.map_or(1.0, |wanted| (wanted / b).sqrt())
        };
        let diagonal = self.hessian.diagonal().into_iter();
        let ratios: Vec<f64> = diagonal.zip(curvature).map(ratio).collect();
        self.hessian.rescale(&ratios);
    }
}
