//! How far a fixed stencil moves a coordinate.

use crate::Error;
use ndarray::{ArrayBase, Data, Dimension};

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
    /// `eta max(|x_i|, typical)` with `eta = eps^(1/(d + p))`, eps the rounding of the number type,
    /// d the order of the derivative, p the accuracy: it balances rounding, eps |f| / h^d, against
    /// truncation, h^p |f^(d+p)|, for an f that varies over the scale of x. Rounded to a power of
    /// two, so that x + h is exact.
    #[default]
    Automatic,
    /// h in the units of x, the same for every coordinate.
    Absolute(f64),
    /// `r max(|x_i|, typical)`.
    Relative(f64),
    /// One absolute step for each coordinate, in row-major order.
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

/// The same absolute step for every coordinate.
impl From<f64> for Step {
    fn from(h: f64) -> Self {
        Step::Absolute(h)
    }
}

/// One absolute step for each coordinate.
impl From<Vec<f64>> for Step {
    fn from(steps: Vec<f64>) -> Self {
        Step::PerCoordinate(steps)
    }
}

macro_rules! from_several {
    ($([$($generics:tt)*] $several:ty),*) => {
        $(
            /// One absolute step for each coordinate, in row-major order.
            impl<$($generics)*> From<$several> for Step {
                fn from(steps: $several) -> Self {
                    Step::PerCoordinate(steps.iter().copied().collect())
                }
            }
        )*
    };
}
from_several!(
    [] &[f64],
    [] &Vec<f64>,
    [const N: usize] [f64; N],
    [const N: usize] &[f64; N],
    [S: Data<Elem = f64>, D: Dimension] ArrayBase<S, D>,
    [S: Data<Elem = f64>, D: Dimension] &ArrayBase<S, D>
);

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
        let positive = |argument, value: f64| {
            if value > 0.0 && value.is_finite() {
                Ok(())
            } else {
                Err(Error::OutOfRange {
                    argument,
                    value,
                    expected: "positive and finite",
                })
            }
        };
        match self {
            Step::Automatic => Ok(()),
            Step::Absolute(h) => positive("step", *h),
            Step::Relative(r) => positive("relative step", *r),
            Step::Noise(level) => positive("noise level", *level),
            Step::Balanced { noise, derivative } => {
                positive("noise level", *noise)?;
                positive("size of the derivative", *derivative)
            }
            Step::PerCoordinate(steps) => steps
                .iter()
                .try_for_each(|&h| positive("step per coordinate", h)),
        }
    }

    /// The factor that is common to all coordinates; see [`at`](Self::at).
    pub(crate) fn factor(&self, epsilon: f64, order: usize, accuracy: usize) -> f64 {
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
            // `Balanced` depends on the stencil: see `Fixed::factor`.
            Step::Balanced { .. } | Step::PerCoordinate(_) => 1.0,
        }
    }

    /// The step of coordinate `i` at `x`.
    #[inline]
    pub(crate) fn at(&self, factor: f64, typical: f64, i: usize, x: f64) -> f64 {
        match self {
            Step::Automatic | Step::Noise(_) => power_of_two(factor * x.abs().max(typical)),
            Step::Absolute(h) => *h,
            Step::Balanced { .. } => factor,
            Step::Relative(_) => factor * x.abs().max(typical),
            Step::PerCoordinate(steps) => steps[i],
        }
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
