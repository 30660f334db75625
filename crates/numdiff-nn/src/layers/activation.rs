//! Element-wise layers: sigmoid, tanh, ReLU, leaky ReLU, softplus.

use crate::curves::Curve;
use crate::error::require;
use crate::layers::{At, Form};
use crate::simd::{as_f64, as_f64_mut};
use crate::{Change, Error, Layer, SimdLevel, Spec};
use ndarray::{Array2, Zip, s};
use numdiff_core::Real;

/// An element-wise layer y = f(a).
///
/// Each activation computes its increment f(a + u) - f(a) without cancellation, with E = e^u - 1:
///
/// | Activation | f(a) | f(a + u) - f(a) |
/// |---|---|---|
/// | sigmoid | z = 1/(1 + e^-a), and q = 1/(1 + e^a) | z q E/(1 + z E) |
/// | tanh | 2 s(2a) - 1, with the sigmoid s | 2 (s(2a + 2u) - s(2a)) |
/// | softplus | ln(1 + e^a) | log1p(z E) |
/// | ReLU | max(a, 0) | u, 0, or the part above 0 |
///
/// For |u| >= 1 the values, or their complements, are subtracted. ReLU and leaky ReLU report a kink if 0 lies between
/// the two sides of a difference.
///
/// # Example
/// ```
/// use numdiff_nn::Activation::Sigmoid;
/// let (a, u) = (0.3f64, 1e-12);
/// let y = Sigmoid.value(a);
/// let exact = u * Sigmoid.slope(a, y);                // u is so small that the slope is all there is
/// println!("error by the identity {:.0e}", (Sigmoid.increment(a, u) / exact - 1.0).abs());
/// println!("error by subtraction {:.0e}", ((Sigmoid.value(a + u) - y) / exact - 1.0).abs());
/// assert!((Sigmoid.increment(a, u) / exact - 1.0).abs() < 1e-11);
/// assert!(((Sigmoid.value(a + u) - y) / exact - 1.0).abs() > 1e-6);
/// ```
/// ```text
/// error by the identity 7e-14
/// error by subtraction 5e-5
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Activation {
    /// 1/(1 + e^-a).
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// max(a, 0).
    Relu,
    /// a for a > 0 and `slope` times a below.
    LeakyRelu {
        /// The slope below 0; finite.
        slope: f64,
    },
    /// ln(1 + e^a).
    Softplus,
}

impl Activation {
    /// Returns f(a).
    #[inline]
    pub fn value<T: Real>(self, a: T) -> T {
        Curve::from(self).value(a)
    }

    /// Returns f'(a), given y = f(a); at a kink the slope on the left.
    #[inline]
    pub fn slope<T: Real>(self, a: T, y: T) -> T {
        Curve::from(self).slope(a, y)
    }

    /// Returns f(a + u) - f(a) to nearly full relative precision.
    #[inline]
    pub fn increment<T: Real>(self, a: T, u: T) -> T {
        Curve::from(self).increment(a, u)
    }

    fn has_kink(self) -> bool {
        Curve::from(self).has_kink()
    }
}

impl From<Activation> for Curve {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Sigmoid => Curve::Sigmoid,
            Activation::Tanh => Curve::Tanh,
            Activation::Relu => Curve::Relu(0.0),
            Activation::LeakyRelu { slope } => Curve::Relu(slope),
            Activation::Softplus => Curve::Softplus,
        }
    }
}

impl<T: Real> Layer<T> for Activation {
    fn name(&self) -> String {
        match self {
            Activation::LeakyRelu { slope } => format!("LeakyRelu {slope}"),
            other => format!("{other:?}"),
        }
    }

    fn check(&self) -> Result<(), Error> {
        match *self {
            Activation::LeakyRelu { slope } => {
                require(slope.is_finite(), "LeakyRelu", ("slope", slope), "finite")
            }
            _ => Ok(()),
        }
    }

    fn forward(&self, _parameters: &[T], x: &Array2<T>) -> Array2<T> {
        // Exponentials by the widest registers of the machine, when the numbers are `f64`.
        if let Some(a) = x.as_slice().and_then(as_f64).filter(|_| !self.has_kink()) {
            let mut y = Array2::zeros(x.dim());
            if let Some(out) = y.as_slice_mut().and_then(as_f64_mut) {
                Curve::from(*self).activate(a, out, SimdLevel::best());
                return y;
            }
        }
        x.mapv(|a| self.value(a))
    }

    fn backward(&self, at: &At<'_, T>, dy: &Array2<T>, _dp: &mut [T]) -> Option<Array2<T>> {
        let mut dx = dy.to_owned();
        Zip::from(&mut dx)
            .and(at.x)
            .and(at.y)
            .for_each(|d, &a, &y| *d *= self.slope(a, y));
        Some(dx)
    }

    fn push(&self, at: &At<'_, T>, mut change: Change<T>, form: Form) -> Change<T> {
        let moved = s![.., change.columns()];
        Zip::from(&mut change.d)
            .and(at.x.slice(moved))
            .and(at.y.slice(moved))
            .for_each(|d, &a, &y| {
                *d = match form {
                    Form::Subtract => self.value(a + *d) - y,
                    Form::Algebra => self.increment(a, *d),
                }
            });
        change
    }

    fn kink(&self, at: &At<'_, T>, a: &Change<T>, b: &Change<T>) -> bool {
        if !self.has_kink() {
            return false;
        }
        // Whether 0 lies between an input moved by `a` and the same input moved by `b`.
        let differ = |n: usize, k: usize| {
            let (x, a, b) = (at.x[[n, k]], a.at(n, k), b.at(n, k));
            a != b && (x + a > T::zero()) != (x + b > T::zero())
        };
        let mut columns = a.columns().chain(b.columns());
        columns.any(|k| (0..a.rows()).any(|n| differ(n, k)))
    }

    fn mixes_samples(&self) -> bool {
        false
    }

    fn spec(&self) -> Option<Spec> {
        Some(Spec::Activation(*self))
    }
}
