//! Whether a top level is noise, and how that is confirmed.

use super::fit::{Fit, Task};
use super::power::{exponent, power_of_two};
use super::sampling::{Line, Miss};
use super::vandermonde::Inverse;
use crate::line::Samples;

pub(super) enum Verdict {
    /// One standard deviation in f.
    Noise(f64),
    Structure,
}

/// Whether both parities look like an error of the smallest step alone.
pub(super) fn noise_like(fit: &Fit, task: &Task) -> bool {
    let m = fit.nodes;
    if m < 3 || fit.highest() - fit.lowest() + 1 != m as i32 {
        return false;
    }
    let inverse = Inverse::dyadic(task.power, m);
    let expected = inverse.rows[m - 1][0] / inverse.rows[m - 2][0];
    let matches = |levels: &[f64]| {
        let ratio = levels[m - 1] / levels[m - 2] / expected;
        (0.75..=1.4).contains(&ratio)
    };
    fit.significant[m - 1] && matches(&fit.odd) && (task.power == 1 || matches(&fit.even))
}

/// One pair at a small step tells noise from structure: structure has vanished there.
pub(super) fn confirm<S: Samples>(
    line: &mut Line<'_, S>,
    task: &Task,
    fit: &Fit,
    known: f64,
) -> Result<Verdict, Miss> {
    let level = fit.excess * fit.sigma;
    if level <= 4.0 * known {
        return Ok(Verdict::Noise(level));
    }
    let position = line.place.position;
    let scale = if position > 1.0 || position == 0.0 {
        -8
    } else {
        exponent(position) - 8
    };
    let small = (fit.lowest() - 12).min(scale).max(line.lowest);
    let h = 1.376_381_920_471_173_6 * power_of_two(small);
    let (plus, minus) = match task.power {
        2 => (line.value(h), line.value(-h)),
        _ => {
            let side = match line.sides {
                super::sampling::Sides::One(side) => side,
                _ => 1.0,
            };
            (line.value(side * h), line.value(side * 1.7 * h))
        }
    };
    let (Ok(plus), Ok(minus)) = (plus, minus) else {
        return match (plus, minus) {
            (Err(Miss::Undefined), _) | (_, Err(Miss::Undefined)) => Ok(Verdict::Structure),
            (Err(miss), _) | (_, Err(miss)) => Err(miss),
            _ => Ok(Verdict::Structure),
        };
    };
    let center = line.center;
    let slope = fit.odd[0];
    let deviation = if task.power == 2 {
        let odd = 0.5 * (plus - minus) - slope * 0.5 * (line.moved(h) - line.moved(-h));
        let even = 0.5 * (plus - center) + 0.5 * (minus - center);
        odd.abs().max(even.abs())
    } else {
        let side = match line.sides {
            super::sampling::Sides::One(side) => side,
            _ => 1.0,
        };
        let one = plus - center - slope * line.moved(side * h);
        let two = minus - center - slope * line.moved(side * 1.7 * h);
        one.abs().max(two.abs())
    };
    Ok(if deviation > 0.1 * level {
        Verdict::Noise(level)
    } else {
        Verdict::Structure
    })
}
