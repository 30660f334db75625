//! How far a fixed stencil moves a coordinate.

use crate::Error;
use crate::bounds::Numbers;
use crate::error::expect;

/// The step of a fixed stencil, in absolute units or relative to x.
///
/// # Example
/// ```
/// use numdiff_core::{FiniteDifference, Step};
/// use ndarray::array;
/// let forward = FiniteDifference::forward().with_step(Step::Relative(1e-7));
/// let g = forward.gradient(|x| x[0] * x[1], &array![3.0, 4.0])?;
/// assert!((g[0] - 4.0).abs() < 1e-6);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Step {
    /// `eta |x_i|` with `eta = eps^(1/(d + p))`, eps the rounding of the number type, d the order of
    /// the derivative, p the accuracy: it balances rounding, eps |f| / h^d, against truncation,
    /// h^p |f^(d+p)|, for an f that varies over the scale of x. Rounded to a power of two, so that
    /// x + h is exact.
    ///
    /// Below 1 an f may vary over |x_i|, a length in meters, or over 1, beside a number that happens to
    /// be small. `eta |x_i|^(p/(d + p))`, times 2^(1/2) where d > 1, makes the larger error of the two
    /// least: central gradients keep 4 digits from |x_i| = 1e-10 on, Hessians 3 from 1e-6 on, whichever
    /// it is. Where that step would exceed |x_i| / 4, and below 1024 eps, where x_i is rather a zero
    /// with rounding, it is eta. A smaller scale is found by [`Adaptive`](crate::Adaptive).
    ///
    /// With a [`typical`](crate::FiniteDifference::with_typical) size given it is
    /// `eta max(|x_i|, typical)`.
    #[default]
    Automatic,
    /// h in the units of x, the same for every coordinate. A negative h mirrors the stencil: forward
    /// differences look below x then, backward ones above it. Along a direction v the size alone counts.
    Absolute(f64),
    /// `r max(|x_i|, typical)`, typical being 1 unless given.
    Relative(f64),
    /// One absolute step for each coordinate, in row-major order: a negative one mirrors the stencil of its
    /// coordinate, so that each has a side of its own. Along a direction v the sizes alone count.
    PerCoordinate(Vec<f64>),
    /// From the absolute noise level of f (a standard deviation): as [`Automatic`](Self::Automatic)
    /// with the noise in the place of eps, for an f whose derivatives are of the order of one over
    /// the scale of x.
    Noise(f64),
    /// Truncation and noise in balance, where both are known: with the stencil's truncation error
    /// C h^p |f^(d+p)| and weights w, the mean square error is least at
    /// `h = ((d/p)^(1/2) noise |w| / (C derivative))^(1/(d+p))`. That is `8^(1/4) (noise / |f''|)^(1/2)`
    /// for [`forward`](crate::FiniteDifference::forward) and `(3 noise / |f'''|)^(1/3)` for
    /// [`central`](crate::FiniteDifference::central) differences, the steps of J. J. Moré and
    /// S. M. Wild, *Estimating derivatives of noisy simulations*, ACM TOMS 38 (2012). The same for
    /// every coordinate, not rounded.
    /// [`noise_steps`](crate::FiniteDifference::noise_steps) finds such steps from values of f.
    Balanced {
        /// Noise in f: absolute, one standard deviation.
        noise: f64,
        /// Size of the derivative of order d + p: |f''| for forward, |f'''| for central differences
        /// of the default accuracies.
        derivative: f64,
    },
}

/// A number is an absolute step for every coordinate, several are one for each, in row-major order.
impl<V: Numbers> From<V> for Step {
    fn from(steps: V) -> Self {
        match steps.bound().split() {
            Ok(step) => Step::Absolute(step),
            Err(steps) => Step::PerCoordinate(steps),
        }
    }
}

impl Step {
    /// Checks the numbers.
    #[inline]
    pub(crate) fn validate(&self) -> Result<(), Error> {
        match self {
            Step::Automatic => Ok(()),
            _ => self.validate_numbers(),
        }
    }

    fn validate_numbers(&self) -> Result<(), Error> {
        let positive = |argument, v: f64| {
            let fits = v > 0.0 && v.is_finite();
            expect(fits, argument, v, "positive and finite")
        };
        let signed = |argument, v: f64| {
            let fits = v != 0.0 && v.is_finite();
            expect(fits, argument, v, "not 0, and finite")
        };
        match self {
            Step::Automatic => Ok(()),
            Step::Absolute(h) => signed("step", *h),
            Step::Relative(r) => positive("relative step", *r),
            Step::Noise(level) => positive("noise level", *level),
            Step::Balanced { noise, derivative } => {
                positive("noise level", *noise)?;
                positive("size of the derivative", *derivative)
            }
            Step::PerCoordinate(steps) => steps
                .iter()
                .try_for_each(|&h| signed("step per coordinate", h)),
        }
    }

    /// What the steps of all coordinates have in common; see [`at`](Self::at).
    pub(crate) fn pace(
        &self,
        epsilon: f64,
        order: usize,
        accuracy: usize,
        typical: Option<f64>,
    ) -> Pace {
        let rounding = match self {
            Step::Noise(level) => level.max(epsilon),
            _ => epsilon,
        };
        Pace {
            factor: self.factor(epsilon, order, accuracy),
            typical,
            share: accuracy as f64 / (order + accuracy) as f64,
            widened: if order > 1 { SECOND } else { 1.0 },
            smallest: ROUNDED_ZERO * rounding,
        }
    }

    fn factor(&self, epsilon: f64, order: usize, accuracy: usize) -> f64 {
        let root = |v: f64| match (order + accuracy, v == f64::EPSILON) {
            // Known beforehand: a gradient of two coordinates takes less time than a root.
            (2, true) => ROOTS[0],
            (3, true) => ROOTS[1],
            (4, true) => ROOTS[2],
            (sum, _) => v.powf(1.0 / sum as f64),
        };
        match self {
            Step::Automatic => root(epsilon),
            // Beyond 1 the "step" would leave the scale of x.
            Step::Noise(level) => root(level.max(epsilon)).min(1.0),
            Step::Absolute(h) | Step::Relative(h) => *h,
            // `Balanced` depends on the stencil: see `Fixed::pace`.
            Step::Balanced { .. } | Step::PerCoordinate(_) => 1.0,
        }
    }

    /// The step of coordinate `i`, counted through all points where there are several, at `x`.
    #[inline]
    pub(crate) fn at(&self, pace: Pace, i: usize, x: f64) -> f64 {
        match self {
            Step::Automatic | Step::Noise(_) => pace.automatic(x),
            Step::Absolute(h) => *h,
            Step::Balanced { .. } => pace.factor,
            Step::Relative(_) => pace.factor * x.abs().max(pace.typical.unwrap_or(1.0)),
            Step::PerCoordinate(steps) => steps[i % steps.len()],
        }
    }
}

/// What the steps of all coordinates have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pace {
    /// The step at |x| = 1, where it depends on x.
    pub factor: f64,
    /// The floor of the scale of x, where the caller gave one.
    typical: Option<f64>,
    /// The power of |x| that the step follows below 1.
    share: f64,
    /// Factor of steps below |x| = 1.
    widened: f64,
    /// Below it x is taken for a zero with rounding.
    smallest: f64,
}

/// What is left of terms of some hundreds that cancel, in units of eps.
const ROUNDED_ZERO: f64 = 1024.0;

/// Second differences make more of the rounding of f than of its fourth derivative: for exp, sin, 1/x
/// and their like the two errors are equal at 1.6 (eps x^2)^(1/4).
const SECOND: f64 = std::f64::consts::SQRT_2;

/// The largest step as a part of |x|: with a larger one f is not seen on the scale of x.
const LARGEST_PART: f64 = 0.25;

impl Pace {
    /// Of steps that do not depend on x.
    pub(crate) fn constant(step: f64) -> Self {
        Pace {
            factor: step,
            typical: None,
            share: 1.0,
            widened: 1.0,
            smallest: 0.0,
        }
    }

    /// The automatic step at x: a power of two.
    #[inline(always)]
    pub(crate) fn automatic(self, x: f64) -> f64 {
        let size = x.abs();
        let scale = if size >= 1.0 && self.typical.is_none() {
            size
        } else {
            self.scale(size)
        };
        power_of_two(self.factor * scale)
    }

    fn scale(self, size: f64) -> f64 {
        if let Some(typical) = self.typical {
            return size.max(typical);
        }
        if size < self.smallest {
            return 1.0;
        }
        // |x|^share to 6 %: the bits of a number grow as its logarithm does.
        const ONE: u64 = 1.0_f64.to_bits();
        let below = self.share * (ONE - size.to_bits()) as f64;
        let scale = self.widened * f64::from_bits(ONE - below as u64);
        if self.factor * scale > LARGEST_PART * size {
            return 1.0;
        }
        scale
    }
}

/// The square, cube and fourth root of `f64::EPSILON`.
const ROOTS: [f64; 3] = [
    1.490_116_119_384_765_6e-8,
    6.055_454_452_393_339_5e-6,
    1.220_703_125e-4,
];

/// The power of two nearest to a positive normal number (in ratio; ties at sqrt 2).
#[inline(always)]
pub(crate) fn power_of_two(h: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
    let scaled = h * std::f64::consts::SQRT_2;
    let bits = scaled.to_bits() & EXPONENT;
    if bits == 0 || bits == EXPONENT {
        h
    } else {
        f64::from_bits(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_of_epsilon() {
        assert_eq!(ROOTS[0], f64::EPSILON.sqrt());
        // A cube root of the standard library may differ by an ulp between platforms.
        let cbrt = f64::EPSILON.cbrt();
        assert!(
            (ROOTS[1] - cbrt).abs() <= 4.0 * f64::EPSILON * cbrt,
            "{cbrt:e}"
        );
        assert_eq!(ROOTS[2], f64::EPSILON.sqrt().sqrt());
    }
}
