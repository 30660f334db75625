//! Element-wise layers: sigmoid, tanh, ReLU, leaky ReLU, softplus.

use crate::layers::{At, Form};
use crate::simd::{Curve, as_f64, as_f64_mut};
use crate::{Change, Error, Layer, SimdLevel, Spec};
use ndarray::{Array2, Zip, s};
use numdiff_core::Real;

/// An element-wise layer.
///
/// Each knows its slope and its increment `f(a + u) - f(a)` without cancellation:
///
/// | | f(a) | f(a + u) - f(a) |
/// |---|---|---|
/// | sigmoid | z = 1/(1 + e^-a), q = 1/(1 + e^a) | z q E/(1 + z E) |
/// | tanh | 2 s(2a) - 1, with the sigmoid s | 2 (s(2a + 2u) - s(2a)) |
/// | softplus | ln(1 + e^a) | log1p(z E) |
/// | ReLU | max(a, 0) | u, 0, or the part above 0 |
///
/// with E = e^u - 1; where |u| >= 1 the values, or their complements, are subtracted. ReLU and leaky ReLU report a kink when a and a + u differ in sign.
///
/// ```
/// use numdiff_nn::Activation::Sigmoid;
/// let (a, u) = (0.3f64, 1e-12);
/// let y = Sigmoid.value(a);
/// let exact = u * Sigmoid.slope(a, y);                // u is so small that the slope is all there is
/// assert!((Sigmoid.increment(a, u) / exact - 1.0).abs() < 1e-11);
/// assert!(((Sigmoid.value(a + u) - y) / exact - 1.0).abs() > 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Activation {
    /// 1/(1 + e^-a).
    Sigmoid,
    /// Hyperbolic tangent.
    Tanh,
    /// max(a, 0).
    Relu,
    /// a above 0, `slope` times a below.
    LeakyRelu {
        /// Slope below 0; finite.
        slope: f64,
    },
    /// ln(1 + e^a).
    Softplus,
}

impl Activation {
    /// f(a).
    #[inline]
    pub fn value<T: Real>(self, a: T) -> T {
        match self {
            Activation::Sigmoid => sigmoid(a),
            Activation::Tanh => a.tanh(),
            Activation::Relu => a.max(T::zero()),
            Activation::LeakyRelu { slope } => {
                if a > T::zero() {
                    a
                } else {
                    a * T::round_from(slope)
                }
            }
            Activation::Softplus => softplus(a),
        }
    }

    /// f'(a), given y = f(a); at a kink the slope on the left.
    #[inline]
    pub fn slope<T: Real>(self, a: T, y: T) -> T {
        match self {
            Activation::Sigmoid => y * sigmoid(-a),
            Activation::Tanh => tanh_slope(a, y),
            Activation::Relu => {
                if a > T::zero() {
                    T::one()
                } else {
                    T::zero()
                }
            }
            Activation::LeakyRelu { slope } => {
                if a > T::zero() {
                    T::one()
                } else {
                    T::round_from(slope)
                }
            }
            Activation::Softplus => sigmoid(a),
        }
    }

    /// f(a + u) - f(a) to nearly full relative precision.
    #[inline]
    pub fn increment<T: Real>(self, a: T, u: T) -> T {
        let zero = T::zero();
        match self {
            Activation::Sigmoid => sigmoid_increment(a, u),
            // tanh a = 2 s(2a) - 1.
            Activation::Tanh => {
                let change = sigmoid_increment(a + a, u + u);
                change + change
            }
            Activation::Relu => Activation::LeakyRelu { slope: 0.0 }.increment(a, u),
            Activation::LeakyRelu { slope } => {
                let (slope, moved) = (T::round_from(slope), a + u);
                match (a > zero, moved > zero) {
                    (true, true) => u,
                    (false, false) => slope * u,
                    (true, false) => slope * moved - a,
                    (false, true) => moved - slope * a,
                }
            }
            Activation::Softplus => softplus_increment(a, u),
        }
    }

    fn has_kink(self) -> bool {
        matches!(self, Activation::Relu | Activation::LeakyRelu { .. })
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
            Activation::LeakyRelu { slope } if !slope.is_finite() => Err(Error::Setting {
                layer: "LeakyRelu".into(),
                argument: "slope",
                value: slope,
                expected: "finite",
            }),
            _ => Ok(()),
        }
    }

    fn outputs(&self, inputs: usize) -> usize {
        inputs
    }

    fn forward(&self, _parameters: &[T], x: &Array2<T>) -> Array2<T> {
        // Exponentials by the widest registers of the machine, when the numbers are `f64`.
        if let Some(a) = x.as_slice().and_then(as_f64).filter(|_| !self.has_kink()) {
            let mut y = Array2::zeros(x.dim());
            if let Some(out) = y.as_slice_mut().and_then(as_f64_mut) {
                crate::simd::activate((*self).into(), a, out, SimdLevel::best());
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
        let columns = change.columns();
        let (x, y) = (
            at.x.slice(s![.., columns.clone()]),
            at.y.slice(s![.., columns]),
        );
        Zip::from(&mut change.d)
            .and(x)
            .and(y)
            .for_each(|d, &a, &y| {
                *d = match form {
                    Form::Subtract => self.value(a + *d) - y,
                    Form::Algebra => self.increment(a, *d),
                }
            });
        change
    }

    fn kink(&self, at: &At<'_, T>, a: &Change<T>, b: &Change<T>) -> bool {
        self.has_kink() && signs_differ(at, a, b)
    }

    fn mixes_samples(&self) -> bool {
        false
    }

    fn spec(&self) -> Option<Spec> {
        Some(Spec::Activation(*self))
    }
}

/// Whether 0 lies between an input moved by `a` and the same input moved by `b`.
fn signs_differ<T: Real>(at: &At<'_, T>, a: &Change<T>, b: &Change<T>) -> bool {
    let x = at.x.slice(s![.., a.columns()]);
    if a.columns() != b.columns() {
        return a
            .applied(at.x)
            .iter()
            .zip(&b.applied(at.x))
            .any(|(&a, &b)| a != b && (a > T::zero()) != (b > T::zero()));
    }
    let mut differ = false;
    Zip::from(&x).and(&a.d).and(&b.d).for_each(|&x, &a, &b| {
        differ |= a != b && ((x + a) > T::zero()) != ((x + b) > T::zero());
    });
    differ
}

/// 1/(1 + e^-a), without overflow.
#[inline]
pub(crate) fn sigmoid<T: Real>(a: T) -> T {
    T::one() / (T::one() + (-a).exp())
}

/// ln(1 + e^a), without overflow.
#[inline]
pub(crate) fn softplus<T: Real>(a: T) -> T {
    a.max(T::zero()) + (-a.abs()).exp().ln_1p()
}

/// (1 - y)(1 + y) loses its digits where |y| is nearly 1: 4 z q there, with the sigmoid z of 2a and
/// its complement q.
#[inline]
fn tanh_slope<T: Real>(a: T, y: T) -> T {
    if y.abs() < T::round_from(0.5) {
        (T::one() - y) * (T::one() + y)
    } else {
        let twice = a + a;
        T::round_from(4.0) * sigmoid(twice) * sigmoid(-twice)
    }
}

/// s(a + u) - s(a) without cancellation. From |u| = 1 on the two values, or their complements, differ
/// by more than a third, and subtracting them loses nothing.
#[inline]
fn sigmoid_increment<T: Real>(a: T, u: T) -> T {
    let (zero, moved) = (T::zero(), a + u);
    if u.abs() < T::one() {
        let e = u.exp_m1();
        let z = sigmoid(a);
        z * sigmoid(-a) * e / (T::one() + z * e)
    } else if a > zero && moved > zero {
        sigmoid(-a) - sigmoid(-moved)
    } else {
        sigmoid(moved) - sigmoid(a)
    }
}

/// softplus(a + u) - softplus(a) without cancellation; where |u| is at least 1, softplus(a) = a +
/// softplus(-a) takes out what both have in common.
#[inline]
pub(crate) fn softplus_increment<T: Real>(a: T, u: T) -> T {
    let (zero, moved) = (T::zero(), a + u);
    if u.abs() < T::one() {
        (sigmoid(a) * u.exp_m1()).ln_1p()
    } else if a > zero && moved > zero {
        u + (softplus(-moved) - softplus(-a))
    } else {
        softplus(moved) - softplus(a)
    }
}
