//! The step at which truncation and noise are in balance, found without knowing a derivative.
//!
//! Whether h is of that size is seen from a difference of order m at points 2h apart, which is
//! 2^m h^m f^(m) and noise; the idea, and the search by lengthening and shortening, are those of Shi,
//! Xie, Xuan and Nocedal, *Adaptive finite-difference interval estimation for noisy derivative-free
//! optimization*, SIAM J. Sci. Comput. 44 (2022).

use super::StepStatus;
use crate::line::Pending;
use crate::scheme::OneOutput;
use crate::scheme::balance::Balance;
use crate::scheme::fixed::Side;
use crate::step::power_of_two;

/// Octaves by which the step changes until it is bracketed: the factor 4 of Shi and others.
const STRIDE: i32 = 2;

/// The smallest step as a power of two of the scale of x: it keeps 12 bits of a coordinate.
const SMALLEST: i32 = -40;

/// The step along a line on which x has the scale `scale`, a power of two. f(x) is finite.
pub(super) fn interval(
    samples: &mut OneOutput<'_>,
    balance: Balance,
    side: Side,
    level: f64,
    scale: f64,
) -> Result<(f64, StepStatus), Pending> {
    let m = balance.order as i32;
    let first = match side {
        Side::Forward => 0,
        Side::Backward => -2 * m,
        Side::Central => -m,
    };
    let reach = f64::from(first.abs().max(first + 2 * m));
    let largest = -(reach.log2().ceil() as i32);
    // A first guess: f varies by its own size over the scale of x.
    let size = samples.value(0.0)?.abs().max(level);
    let guess = power_of_two(balance.step(level / size, 1.0)).log2();
    let mut exponent = (guess as i32).clamp(SMALLEST, largest);
    let width = 0.5 * f64::from(m);
    let (mut below, mut above) = (None, None);
    loop {
        let h = scale * f64::from(exponent).exp2();
        // log2 of the measured h^m |f^(m)| / e over the target.
        let ratio = match difference(samples, first, m, h)? {
            None => f64::INFINITY,
            Some(d) => (d.abs() / level / balance.target).log2() - f64::from(m),
        };
        if ratio.abs() <= width {
            return Ok((h, StepStatus::Balanced));
        }
        if ratio > 0.0 {
            above = Some(exponent);
        } else {
            below = Some(exponent);
        }
        let next = match (below, above) {
            // Between the two there is none: the smaller one, whose error is the noise's.
            (Some(below), Some(above)) if above <= below + 1 => {
                return Ok((scale * f64::from(below).exp2(), StepStatus::Balanced));
            }
            (Some(below), Some(above)) => i32::midpoint(below, above),
            (Some(_), None) if exponent == largest => return Ok((h, StepStatus::Longest)),
            (_, None) => (exponent + STRIDE).min(largest),
            (None, _) if exponent == SMALLEST => return Ok((h, StepStatus::Shortest)),
            (None, _) => (exponent - STRIDE).max(SMALLEST),
        };
        exponent = next;
    }
}

/// The difference of order `m` at points 2h apart, the first of them at `first` h; `None` where a
/// value is not finite or a point not admissible.
fn difference(
    samples: &mut OneOutput<'_>,
    first: i32,
    m: i32,
    h: f64,
) -> Result<Option<f64>, Pending> {
    let at = |k: i32| f64::from(first + 2 * k) * h;
    if !(0..=m).all(|k| samples.line.inside(at(k))) {
        return Ok(None);
    }
    // Of the changes from f(x): the coefficients sum to zero, and so f's size does not round them.
    let base = samples.value(0.0)?;
    // Binomial coefficients of order 22 and less are exact.
    let (mut sum, mut binomial) = (0.0, 1.0);
    for k in 0..=m {
        let value = samples.value(at(k))?;
        if !value.is_finite() {
            return Ok(None);
        }
        sum = binomial * (value - base) - sum;
        binomial *= f64::from(m - k) / f64::from(k + 1);
    }
    Ok(Some(sum))
}
