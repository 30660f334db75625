//! Whether a top level is noise, and how that is confirmed.

use super::fit::{Fit, Task};
use super::power::{exponent, power_of_two};
use super::sampling::{Line, Miss, Sides};
use super::vandermonde::Inverse;
use crate::line::Samples;

/// Whether both parities look like an error of the smallest step alone.
pub(super) fn noise_like(fit: &Fit, task: &Task) -> bool {
    let m = fit.nodes;
    if m < 3 || fit.highest() - fit.lowest() + 1 != m as i32 {
        return false;
    }
    let inverse = Inverse::dyadic(task.power, m);
    let matches = |levels: &[f64], k: usize| {
        let expected = inverse.rows[k][0] / inverse.rows[k - 1][0];
        let ratio = levels[k] / levels[k - 1] / expected;
        (0.75..=1.4).contains(&ratio)
    };
    let second = if task.power == 2 {
        matches(&fit.even, m - 1)
    } else {
        // One parity alone: two ratios instead.
        m >= 4 && matches(&fit.odd, m - 2)
    };
    fit.significant[m - 1] && matches(&fit.odd, m - 1) && second
}

/// Whether a deviation of size `level` is there at a distance where structure has vanished:
/// noise keeps its size at every distance.
///
/// At most two evaluations, 32 octaves below 2^`reach`, or where the slope of `fit` is 64 times the
/// rounding of f: a value that has not moved there at all is a step of a staircase, such as a
/// result rounded to fewer digits, which counts as noise.
pub(super) fn persists<S: Samples>(
    line: &mut Line<'_, S>,
    task: &Task,
    fit: &Fit,
    level: f64,
    reach: i32,
) -> Result<bool, Miss> {
    let slope = fit.odd[0];
    let rounding = task.epsilon * fit.size;
    let detectable = (64.0 * rounding / slope.abs()).clamp(f64::MIN_POSITIVE, f64::MAX);
    let small = (reach - 32)
        .max(exponent(detectable) + 1)
        .min(reach - 8)
        .max(line.lowest);
    let sides: &[f64] = match line.sides {
        Sides::Both => &[1.0, -1.0],
        Sides::One(side) if side > 0.0 => &[1.0, 1.7],
        Sides::One(_) => &[-1.0, -1.7],
    };
    for side in sides {
        // Twice tan(pi/5): full mantissa, so that no rounding inside f is shared.
        let t = side * 1.453_085_056_010_722 * power_of_two(small);
        let value = match line.value(t) {
            Ok(value) => value,
            Err(Miss::Undefined) => continue,
            Err(miss) => return Err(miss),
        };
        let expected = slope * line.moved(t);
        if value == line.center && expected.abs() > 4.0 * rounding {
            return Ok(true);
        }
        if (value - line.center - expected).abs() > 0.1 * level {
            return Ok(true);
        }
    }
    Ok(false)
}
