//! Steps for a noisy function.

use super::{StepStatus, interval, undefined};
use crate::evaluate::adapter::{self, Copied};
use crate::evaluate::along::{along, begin};
use crate::line::{LineKind, LineSet, Scratch};
use crate::method::Method;
use crate::scheme::Rule;
use crate::step::{Pace, power_of_two};
use crate::{Error, FiniteDifference, Outcome, Point, Real, Step};
use ndarray::Array1;

/// Steps for a fixed stencil from a level of noise, one for each coordinate; made by
/// [`FiniteDifference::noise_steps`](crate::FiniteDifference::noise_steps).
///
/// Turns into a [`Step`] with `into()`. They serve at other points nearby as well: f's noise and its
/// higher derivatives seldom change as fast as f does.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NoiseSteps {
    /// The steps, absolute, one for each coordinate in row-major order; powers of two.
    pub steps: Array1<f64>,
    /// What each rests on.
    pub status: Array1<StepStatus>,
    /// Evaluations of f.
    pub evaluations: usize,
}

impl From<NoiseSteps> for Step {
    fn from(found: NoiseSteps) -> Self {
        Step::PerCoordinate(found.steps.to_vec())
    }
}

impl<T: Real> FiniteDifference<T> {
    /// Steps for this stencil and noise of absolute level `level` in f, from values of f: where the
    /// mean square of the errors from truncation and from noise is least, to within a factor of
    /// sqrt 2, for derivatives of order `order` along the coordinates (1 for gradients and Jacobians,
    /// 2 for Hessians).
    ///
    /// No derivative needs to be known; where one is, [`Step::Balanced`] computes the step. Two to four
    /// steps are tried along each coordinate, each with two to four new evaluations for the default
    /// accuracies. f(x) is evaluated once.
    ///
    /// # Source
    /// Moré and Wild (2012) for the steps, Shi, Xie, Xuan and Nocedal (2022), section 3, for the way to
    /// find them.
    ///
    /// # Errors
    /// Those of [`gradient`](Self::gradient); a level that is not positive and finite
    /// ([`NoiseLevel::level`](crate::NoiseLevel::level) is zero where f is); f that is not finite at x.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_core::FiniteDifference;
    /// // Four digits after the point.
    /// let f = |x: &ndarray::Array1<f64>| (1e4 * (x[0].exp() + x[1] * x[1])).round() / 1e4;
    /// let x = array![0.3, 2.0];
    /// let forward = FiniteDifference::forward();
    /// let steps = forward.noise_steps(f, &x, 1, 3e-5)?;
    /// println!("{} from {} evaluations", steps.steps, steps.evaluations);
    /// let g = forward.with_step(steps).gradient(f, &x)?;
    /// assert!((g[0] - 0.3f64.exp()).abs() < 0.05 && (g[1] - 4.0).abs() < 0.05);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn noise_steps<F, R, X>(
        &self,
        f: F,
        x: &X,
        order: usize,
        level: f64,
    ) -> Result<NoiseSteps, Error>
    where
        F: FnMut(&X::Seen) -> R,
        R: Outcome<T>,
        X: Point<T> + ?Sized,
    {
        let (mut line_set, mut scratch) = (LineSet::default(), Scratch::default());
        let points = x.numbers().map(Real::widen);
        line_set.begin(points, T::EPSILON, LineKind::Coordinates, order)?;
        let method = self.scheme();
        method.validate(&line_set)?;
        if !(level > 0.0 && level.is_finite()) {
            return Err(Error::OutOfRange {
                argument: "noise level",
                value: level,
                expected: "positive and finite",
            });
        }
        let Rule::Fixed(fixed) = &method.rule else {
            unreachable!("a finite difference holds a fixed rule")
        };
        let balance = fixed.balance(order);
        let mut f = adapter::scalar_closure(f, x, Copied::default());
        begin(&mut f, &line_set)?;
        let (mut steps, mut status) = (Vec::new(), Vec::new());
        let mut evaluations = 0;
        for i in 0..line_set.x.len() {
            let line = method.line(&line_set, i, Pace::constant(1.0));
            let scale = power_of_two(line_set.x[i].abs().max(fixed.typical.unwrap_or(1.0)));
            if line.is_fixed() {
                steps.push(scale);
                status.push(StepStatus::Fixed);
                continue;
            }
            let (found, count) = along(&line, &mut f, &mut scratch, |samples| {
                if !samples.value(0.0)?.is_finite() {
                    return Ok(None);
                }
                interval::interval(samples, balance, fixed.side, level, scale).map(Some)
            })?;
            evaluations += count;
            let Some((h, outcome)) = found else {
                return Err(undefined(scratch.base[0], i));
            };
            steps.push(h);
            status.push(outcome);
        }
        Ok(NoiseSteps {
            steps: steps.into(),
            status: status.into(),
            evaluations,
        })
    }
}
