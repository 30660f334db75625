//! Whether the complex step can be believed: two values of f on the real axis beside x.

use super::ComplexStep;
use super::displaced::plain_products;
use crate::evaluate::axis::{AxisBuffers, size};
use crate::evaluate::complex::Imaginary;
use crate::outcome::ComplexOutputs;
use crate::point::ComplexPoint;
use crate::step::power_of_two;
use crate::{Adaptive, Error, Estimate, Real};
use ndarray::Array1;
use num_complex::Complex;

/// Whether the slopes agree with a central difference on the real axis. It has some ten digits where f
/// varies over the size of x; where it has fewer, a closer look decides.
///
/// `evaluate` pushes the outputs at a copy of x. Returns its evaluations, as an error where it does not.
pub(super) fn looks_right<T, X>(
    x: &X,
    copy: &mut Imaginary<'_, X::ComplexScratch>,
    buffers: &mut AxisBuffers<T>,
    mut evaluate: impl FnMut(
        &Imaginary<'_, X::ComplexScratch>,
        &mut Vec<Complex<T>>,
    ) -> Result<(), Error>,
) -> Result<usize, usize>
where
    T: Real,
    X: ComplexPoint<T> + ?Sized,
{
    let parts = x.numbers().zip(&buffers.v);
    let reach = parts
        .map(|(x, v)| v.abs() / size(x.widen()))
        .fold(0.0, f64::max);
    if reach == 0.0 {
        return Ok(0);
    }
    // The cube root of the rounding.
    let t = power_of_two(T::EPSILON.cbrt()) / reach;
    for (side, (values, t)) in buffers.sides.iter_mut().zip([t, -t]).enumerate() {
        let moved = x.numbers().zip(&buffers.v);
        for (k, (x, v)) in moved.enumerate() {
            copy.place::<T, X>(k, Complex::new(T::round_from(x.widen() + t * v), T::zero()));
        }
        values.clear();
        let done = evaluate(copy, values);
        if done.is_err() || values.len() != buffers.slopes.len() {
            return Err(side + 1);
        }
    }
    let [high, low] = &buffers.sides;
    let agrees = high
        .iter()
        .zip(low)
        .zip(&buffers.slopes)
        .all(|((high, low), slope)| {
            let (up, down) = (high.re.widen(), low.re.widen());
            let difference = (up - down) / (2.0 * t);
            let rounding = 16.0 * T::EPSILON * (up.abs() + down.abs());
            let real = high.im.widen().abs().max(low.im.widen().abs()) <= 4.0 * rounding;
            let tolerance = T::EPSILON.powf(0.4) * (difference.abs() + slope.abs()) + rounding / t;
            real && (difference - slope).abs() <= tolerance
        });
    if agrees { Ok(2) } else { Err(2) }
}

/// One error bar does not hold for all of many functions; four do.
const BARS: f64 = 4.0;

impl<T: Real> ComplexStep<T> {
    /// The closer look: differences with error bars. Returns its evaluations.
    ///
    /// # Errors
    /// [`Error::NotAnalytic`] where the bars exclude what the complex step says along `v`.
    #[cold]
    pub(super) fn refute<F, R, X>(&self, f: F, x: &X, v: &[f64]) -> Result<usize, Error>
    where
        F: FnMut(&X::ComplexSeen) -> R,
        R: ComplexOutputs<T>,
        X: ComplexPoint<T> + ?Sized,
    {
        let v: Vec<T> = v.iter().map(|v| T::round_from(*v)).collect();
        // f that has no values beside x can't be asked there.
        let Ok((complex, real)) = both(f, x, &v) else {
            return Ok(0);
        };
        let contradicted = |k: usize| {
            let (a, b) = (complex[k].widen(), real.value[k].widen());
            let rounding = 64.0 * T::EPSILON * a.abs().max(b.abs());
            (a - b).abs() > BARS * real.error[k].widen() + rounding
        };
        match (0..complex.len()).find(|&k| contradicted(k)) {
            Some(output) if real.status.is_trusted() => Err(Error::NotAnalytic {
                output,
                complex: complex[output].widen(),
                real: real.value[output].widen(),
                error: real.error[output].widen(),
            }),
            _ => Ok(1 + real.evaluations),
        }
    }
}

/// The derivatives along `v`, by the complex step and from real parts on the real axis.
fn both<T, F, R, X>(mut f: F, x: &X, v: &[T]) -> Result<(Vec<T>, Estimate<Array1<T>>), Error>
where
    T: Real,
    F: FnMut(&X::ComplexSeen) -> R,
    R: ComplexOutputs<T>,
    X: ComplexPoint<T> + ?Sized,
{
    let complex = plain_products(&mut f, x, v)?;
    let numbers: Vec<T> = x.numbers().collect();
    let mut copy = x.complex();
    let on_axis = |x: &[T]| {
        let mut values = Vec::new();
        for (slot, &re) in X::complex_slice(&mut copy).iter_mut().zip(x) {
            *slot = Complex::new(re, T::zero());
        }
        f(X::complex_seen(&copy)).push_to(&mut values)?;
        Ok::<_, R::Error>(values.iter().map(|v| v.re).collect::<Vec<T>>())
    };
    let real = Adaptive::with_defaults().jacobian_vector(on_axis, &numbers, v)?;
    if real.value.len() != complex.len() {
        return Err(Error::OutputsChanged {
            found: real.value.len(),
            expected: complex.len(),
        });
    }
    Ok((complex, real))
}
