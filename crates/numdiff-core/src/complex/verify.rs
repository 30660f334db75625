//! Whether f is analytic at x: the complex step against differences along the real axis.

use super::ComplexStep;
use super::displaced::plain_products;
use crate::outcome::ComplexOutputs;
use crate::point::ComplexPoint;
use crate::random::SplitMix64;
use crate::step::power_of_two;
use crate::{Adaptive, Error, Estimate, Outcome, Real};
use ndarray::{Array, Ix1};
use num_complex::Complex;
use std::cell::Cell;

/// The complex step against the real axis, along one direction.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ComplexCheck {
    /// Whether every output's derivative agrees with the real axis, the error bar there being one to
    /// be trusted, and every value on the real axis is real.
    pub agrees: bool,
    /// The first output that does not, and whether it is not real on the real axis.
    pub culprit: Option<(usize, NotReal)>,
    /// The derivative of each output by the complex step.
    pub complex: Array<f64, Ix1>,
    /// The derivative of each output by [`Adaptive`], from real parts on the real axis.
    pub real: Estimate<Array<f64, Ix1>>,
    /// Evaluations of f in all.
    pub evaluations: usize,
}

/// Whether an output has an imaginary part on the real axis.
type NotReal = bool;

impl<T: Real> ComplexStep<T> {
    /// Compares the complex step with differences along the real axis.
    ///
    /// # Errors
    /// Those of [`derivative`](Self::derivative), and as
    /// [`Adaptive::derivative`](crate::Adaptive::derivative).
    pub fn verify_derivative<F, R>(&self, mut f: F, x: T) -> Result<ComplexCheck, Error>
    where
        F: FnMut(Complex<T>) -> R,
        R: Outcome<Complex<T>>,
    {
        let f = |z: &[Complex<T>; 1]| f(z[0]).outcome().map(|value| [value]);
        compare(f, &[x], &direction([x].into_iter()))
    }

    /// Compares the complex step of a scalar function with differences along the real axis, in a
    /// direction that moves every coordinate: a dozen evaluations for any number of them.
    ///
    /// A function that is not analytic in some coordinate shows unless errors cancel by chance. The
    /// direction is drawn at random from a fixed seed, the same in every call.
    ///
    /// # Errors
    /// Those of [`gradient`](Self::gradient), and as [`Adaptive::directional`](crate::Adaptive::directional).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use numdiff_core::{ComplexStep, num_complex::Complex64};
    /// let x = array![0.3, -0.8];
    /// let wrong = |z: &ndarray::Array1<Complex64>| z[0].sin() + z[1].norm();
    /// assert!(!ComplexStep::new().verify(wrong, &x)?.agrees);
    /// let abs = |z: Complex64| if z.re < 0.0 { -z } else { z };
    /// let right = |z: &ndarray::Array1<Complex64>| z[0].sin() + abs(z[1]);
    /// assert!(ComplexStep::new().verify(right, &x)?.agrees);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    pub fn verify<F, R, X>(&self, mut f: F, x: &X) -> Result<ComplexCheck, Error>
    where
        F: FnMut(&X::ComplexSeen) -> R,
        R: Outcome<Complex<T>>,
        X: ComplexPoint<T> + ?Sized,
    {
        let v = direction(x.numbers());
        compare(|z| f(z).outcome().map(|value| [value]), x, &v)
    }

    /// Compares the complex step of a vector function with differences along the real axis; see
    /// [`verify`](Self::verify).
    ///
    /// # Errors
    /// Those of [`jacobian`](Self::jacobian), and as
    /// [`Adaptive::jacobian_vector`](crate::Adaptive::jacobian_vector).
    pub fn verify_jacobian<F, R, X>(&self, f: F, x: &X) -> Result<ComplexCheck, Error>
    where
        F: FnMut(&X::ComplexSeen) -> R,
        R: ComplexOutputs<T>,
        X: ComplexPoint<T> + ?Sized,
    {
        compare(f, x, &direction(x.numbers()))
    }
}

/// Compares along `v`.
pub(super) fn compare<T, F, R, X>(mut f: F, x: &X, v: &[T]) -> Result<ComplexCheck, Error>
where
    T: Real,
    F: FnMut(&X::ComplexSeen) -> R,
    R: ComplexOutputs<T>,
    X: ComplexPoint<T> + ?Sized,
{
    let products = plain_products(&mut f, x, v)?;
    let complex: Array<f64, Ix1> = products.into_iter().map(Real::widen).collect();
    let numbers: Vec<T> = x.numbers().collect();
    let mut copy = x.complex();
    // The first output that had an imaginary part where it should have none.
    let not_real = Cell::new(usize::MAX);
    let on_axis = |x: &[T]| {
        let mut values = Vec::new();
        for (slot, &re) in X::complex_slice(&mut copy).iter_mut().zip(x) {
            *slot = Complex::new(re, T::zero());
        }
        f(X::complex_seen(&copy)).push_to(&mut values)?;
        if let Some(output) = values.iter().position(|v| v.im != T::zero()) {
            not_real.set(not_real.get().min(output));
        }
        Ok::<_, R::Error>(values.iter().map(|v| v.re).collect::<Vec<T>>())
    };
    let method = Adaptive::<T>::with_defaults();
    let real = method.jacobian_vector(on_axis, &numbers, v)?;
    let real = Estimate {
        value: real.value.mapv(Real::widen),
        error: real.error.mapv(Real::widen),
        step: real.step.mapv(Real::widen),
        evaluations: real.evaluations,
        status: real.status,
        statuses: real.statuses,
        counts: real.counts,
    };
    if real.value.len() != complex.len() {
        return Err(Error::OutputsChanged {
            found: real.value.len(),
            expected: complex.len(),
        });
    }
    let differs = |k: usize| {
        // The rounding of the complex step: both values come from the same operations, of which
        // there may be some dozens.
        let rounding = 64.0 * T::EPSILON * complex[k].abs().max(real.value[k].abs());
        !((complex[k] - real.value[k]).abs() <= real.error[k] + rounding)
    };
    let not_real = not_real.get();
    let culprit = (0..complex.len())
        .find(|&k| k == not_real || differs(k))
        .map(|k| (k, k == not_real));
    Ok(ComplexCheck {
        agrees: culprit.is_none() && real.status.is_trusted(),
        culprit,
        evaluations: 1 + real.evaluations,
        complex,
        real,
    })
}

/// Every coordinate by a part of its scale, to either side.
fn direction<T: Real>(x: impl Iterator<Item = T>) -> Vec<T> {
    let mut random = SplitMix64::new(0);
    x.map(|x| {
        let size = (0.5 + random.uniform()) * power_of_two(x.widen().abs().max(1.0));
        T::round_from(if random.below(2) == 1 { -size } else { size })
    })
    .collect()
}
