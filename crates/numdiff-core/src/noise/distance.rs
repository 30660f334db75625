//! The distance between the points at which noise shows.

use super::differences::{Table, VALUES, table};
use super::{NoiseLevel, NoiseStatus};
use crate::line::Pending;
use crate::scheme::OneOutput;
use crate::scheme::adaptive::{AGREEMENT, agree};

/// Distances tried at most. Steps of seven octaves from 2^-33 of the scale of x reach either end
/// in four, a bracket of seven octaves is closed in three.
const ATTEMPTS: usize = 12;

/// Change of the distance, in octaves: the factor 100 of Moré and Wild, as a power of two.
const STRIDE: i32 = 7;

/// The largest distance as a power of two of the scale of x: the points span twice that scale.
const LARGEST: i32 = -2;

/// The golden ratio, whose multiples modulo 1 spread evenly: distances have no short binary or decimal
/// form and no common factor, so that an f which rounds to fewer digits does not see its own grid, at
/// two of them least of all.
const GOLDEN: f64 = 1.618_033_988_749_895;

/// The points, in units of the distance: around x, else on one side of it.
const WINDOWS: [i32; 3] = [-(VALUES as i32 / 2), 0, 1 - VALUES as i32];

/// The level of noise along a line on which x has the scale `scale`; `None` where f is finite on
/// neither side of x. f(x) is finite.
pub(super) fn level(
    samples: &mut OneOutput<'_>,
    scale: f64,
    epsilon: f64,
) -> Result<Option<NoiseLevel>, Pending> {
    let unit = scale.log2().floor() as i32;
    // The grid of x is 2^-52 of its scale, or 2^-23: points are to be exact multiples of a distance
    // of at least a few digits, and f is to change little over them.
    let grid = (unit as f64).exp2() * epsilon * 32.0;
    let first = if epsilon < 1e-10 { -33 } else { -14 };
    let smallest = (epsilon.log2() as i32 + 8).min(first);
    let mut exponent = first;
    // Distances that were too small and too large.
    let (mut below, mut above) = (None, None);
    let (mut lower, mut upper, mut wide) = (None, None, None);
    let mut size = samples.value(0.0)?.abs();
    for attempt in 1..=ATTEMPTS {
        let mantissa = 1.0 + (GOLDEN * attempt as f64).fract();
        let step = (mantissa * f64::from(unit + exponent).exp2() / grid).round() * grid;
        let values = values(samples, step)?;
        if let Some(values) = values {
            size = values.iter().fold(size, |size, v| size.max(v.abs()));
        }
        // A value is rounded to the spacing of its number type: uniform on one such interval, as if
        // it had noise of this deviation.
        let floor = epsilon * size / 12.0_f64.sqrt();
        let answer = |level: f64, status| NoiseLevel {
            level: level.max(floor),
            status,
            step,
            evaluations: 0,
        };
        match values.map_or(Table::Undefined, |values| table(&values)) {
            Table::Plateau(level) if level <= AGREEMENT * floor => {
                return Ok(Some(answer(level, NoiseStatus::Rounding)));
            }
            Table::Plateau(level) => return Ok(Some(answer(level, NoiseStatus::Found))),
            // Where f did not resolve a smaller distance, equal differences are steps of its grid.
            Table::Polynomial(_) if below.is_none() => {
                return Ok(Some(answer(0.0, NoiseStatus::Rounding)));
            }
            Table::Wide(level) => {
                // Noise keeps its level at every distance, structure of f does not.
                if let Some(other) = wide
                    && agree(&[level, other])
                {
                    return Ok(Some(answer(level, NoiseStatus::Found)));
                }
                wide = Some(level);
                upper = Some(answer(level, NoiseStatus::StepTooLarge));
                above = Some(exponent);
            }
            Table::TooLarge(level) => {
                upper = Some(answer(level, NoiseStatus::StepTooLarge));
                above = Some(exponent);
            }
            Table::Undefined => above = Some(exponent),
            Table::Constant if exponent == LARGEST => {
                return Ok(Some(answer(0.0, NoiseStatus::Constant)));
            }
            Table::Constant => {
                lower = Some(answer(0.0, NoiseStatus::StepTooSmall));
                below = Some(exponent);
            }
            Table::TooSmall(level) | Table::Polynomial(level) => {
                lower = Some(answer(level, NoiseStatus::StepTooSmall));
                below = Some(exponent);
            }
        }
        let next = match (below, above) {
            (Some(below), Some(above)) => i32::midpoint(below, above),
            (None, _) => (exponent - STRIDE).max(smallest),
            (_, None) => (exponent + STRIDE).min(LARGEST),
        };
        if next == exponent || Some(next) == below {
            break;
        }
        exponent = next;
    }
    Ok(upper.or(lower))
}

/// f at equally spaced points around x, or on one side of it.
fn values(samples: &mut OneOutput<'_>, step: f64) -> Result<Option<[f64; VALUES]>, Pending> {
    for first in WINDOWS {
        let points: [f64; VALUES] = std::array::from_fn(|i| f64::from(first + i as i32) * step);
        if !points.iter().all(|t| samples.line.inside(*t)) {
            continue;
        }
        samples.source.announce(&points);
        let mut values = [0.0; VALUES];
        for (value, t) in values.iter_mut().zip(points) {
            *value = samples.value(t)?;
            if !value.is_finite() {
                break;
            }
        }
        if values.iter().all(|v| v.is_finite()) {
            return Ok(Some(values));
        }
    }
    Ok(None)
}
