//! How far x moves along the imaginary axis, and the derivative that f shows there.

use crate::step::power_of_two;
use crate::{Error, Real};
use num_complex::Complex;

/// h for a coordinate at x: a power of two, so that the division is exact.
///
/// 2^-332 |x|, about 1e-100 |x| (2^-66 |x| in `f32`): h^2 vanishes against x^2, and h f' is far from
/// underflow for all but the smallest derivatives. Where x itself is small, and f' may be as small, h
/// is at least 2^-500 (2^-60), but still at most 2^-27 |x| (2^-13 |x|), whose square vanishes in
/// rounding.
pub(super) fn displacement<T: Real>(x: f64) -> f64 {
    let double = T::EPSILON == f64::EPSILON;
    let (part, least, most) = if double {
        (-332, -500, -27)
    } else {
        (-66, -60, -13)
    };
    let two = |e: i32| f64::from(e).exp2();
    if x == 0.0 {
        return two(part);
    }
    let scale = power_of_two(x.abs());
    let smallest = if double {
        f64::from_bits(1)
    } else {
        f64::from(f32::from_bits(1))
    };
    (scale * two(part))
        .max(two(least).min(scale * two(most)))
        .max(smallest)
}

/// Im f / h times `unit`, a power of two, where f and the result are finite.
#[inline]
pub(super) fn quotient<T: Real>(
    value: Complex<T>,
    (h, unit): (f64, f64),
    coordinate: usize,
    output: usize,
) -> Result<T, Error> {
    // Plus zero: -0, which complex arithmetic likes to leave, is 0.
    let slope = T::round_from(value.im.widen() / h * unit) + T::zero();
    if value.re.is_finite() && slope.is_finite() {
        return Ok(slope);
    }
    let (re, im) = (value.re.widen(), value.im.widen());
    Err(if re.is_finite() && im.is_finite() {
        Error::Overflow { coordinate, output }
    } else {
        Error::NonFiniteComplex {
            re,
            im,
            coordinate,
            displacement: h,
            output,
        }
    })
}
