//! The noise in f, from differences of values at equally spaced points.
//!
//! Moré and Wild, *Estimating computational noise*, SIAM J. Sci. Comput. 33 (2011): differences of
//! order k of a smooth function vanish like h^k, those of noise grow like sqrt((2k)!) / k!. Where
//! three successive orders agree on a level, it is the noise's.

use crate::line::{Halt, Samples};

/// How a level of noise was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum NoiseVerdict {
    /// Three successive orders of differences agree: the level is the noise's.
    Found,
    /// Half of the values equal their neighbors: the points lie too close for the resolution of f,
    /// or f is constant. The level is a lower bound.
    StepTooSmall,
    /// The differences do not settle: f itself changes too much between the points. The level is an
    /// upper bound.
    StepTooLarge,
    /// f is not finite at the points, on neither side of x. No level.
    Undefined,
}

/// The noise in f near a point.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct NoiseLevel {
    /// One standard deviation, absolute.
    pub level: f64,
    /// What it is worth.
    pub verdict: NoiseVerdict,
    /// Distance of neighboring points.
    pub step: f64,
    /// Evaluations of f, over all distances tried.
    pub evaluations: usize,
}

/// Values per attempt: 7 or more are needed for three orders that agree (Moré and Wild, section 5);
/// 9 put x in the middle and use f(x) at every distance.
pub(crate) const VALUES: usize = 9;

/// Distances tried at most: from 2^-33 of the scale of x up or down by 2^7 each, they span the
/// resolutions from 2^-54 to 1.
const ATTEMPTS: usize = 6;

/// Change of the distance, in octaves: the factor 100 of Moré and Wild, as a power of two.
const STRIDE: i32 = 7;

/// Levels of three orders agree within this factor (eta in the paper).
const AGREEMENT: f64 = 4.0;

/// f may change by this part of its size over the points.
const RANGE: f64 = 0.1;

/// The level that `values`, taken at equally spaced points, show, and its verdict.
///
/// At most [`VALUES`] values count.
pub(crate) fn from_values(values: &[f64]) -> (f64, NoiseVerdict) {
    let n = values.len().min(VALUES);
    let mut table = [0.0; VALUES];
    table[..n].copy_from_slice(&values[..n]);
    let (least, most) = table[..n]
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| {
            (a.min(*v), b.max(*v))
        });
    if n < 2 || values[..n].iter().any(|v| !v.is_finite()) || !(most - least).is_finite() {
        return (f64::NAN, NoiseVerdict::Undefined);
    }
    let mut levels = [0.0_f64; VALUES];
    let mut alternates = [false; VALUES];
    let mut gamma = 1.0;
    let mut equal = 0;
    for k in 1..n {
        let left = n - k;
        for i in 0..left {
            table[i] = table[i + 1] - table[i];
        }
        let differences = &table[..left];
        if k == 1 {
            equal = differences.iter().filter(|d| **d == 0.0).count();
        }
        // gamma_k = (k!)^2 / (2k)!: the variance of a k-th difference of unit noise is 1 / gamma_k.
        gamma *= 0.5 * k as f64 / (2 * k - 1) as f64;
        let largest = differences.iter().fold(0.0_f64, |a, d| a.max(d.abs()));
        if largest > 0.0 {
            // Scaled: squares neither overflow nor vanish.
            let mean = differences
                .iter()
                .map(|d| (d / largest).powi(2))
                .sum::<f64>()
                / left as f64;
            levels[k] = largest * (gamma * mean).sqrt();
        }
        alternates[k] =
            differences.iter().any(|d| *d > 0.0) && differences.iter().any(|d| *d < 0.0);
    }
    if 2 * equal >= n - 1 {
        return (levels[1], NoiseVerdict::StepTooSmall);
    }
    if most - least > RANGE * most.abs().max(least.abs()) {
        return (levels[n - 1], NoiseVerdict::StepTooLarge);
    }
    for k in 1..n.saturating_sub(2) {
        let three = &levels[k..k + 3];
        let (low, high) = three
            .iter()
            .fold((f64::INFINITY, 0.0_f64), |(a, b), v| (a.min(*v), b.max(*v)));
        if high <= AGREEMENT * low && alternates[k] {
            return (levels[k], NoiseVerdict::Found);
        }
    }
    (levels[n - 1], NoiseVerdict::StepTooLarge)
}

/// The noise in f along a line, at most 6 x 8 + 1 evaluations; 9 where the first distance serves.
///
/// The points lie on both sides of x, or on one where the other is out of bounds or undefined.
pub(crate) fn along<S: Samples>(samples: &mut S) -> Result<NoiseLevel, Halt> {
    let place = samples.place();
    let scale = place.position.max(place.typical);
    // The grid of x is 2^-52: from 2^-33 of its scale the points are exact multiples.
    let mut exponent = if scale > 0.0 && scale.is_finite() {
        scale.log2().floor() as i32 - 33
    } else {
        -33
    };
    if place.epsilon > 1e-10 {
        // f32: the same place between the spacing of x and its scale.
        exponent += 19;
    }
    let mut found = NoiseLevel {
        level: f64::NAN,
        verdict: NoiseVerdict::Undefined,
        step: 0.0,
        evaluations: 0,
    };
    let mut evaluations = 1;
    let mut went_up = false;
    for attempt in 0..ATTEMPTS {
        let step = f64::from(exponent).exp2();
        let mut defined = false;
        // The middle one of 9 points is x; else x is the first or the last.
        for first in [-(VALUES as i32 / 2), 0, 1 - VALUES as i32] {
            let mut points = [0.0; VALUES];
            for (i, point) in points.iter_mut().enumerate() {
                *point = f64::from(first + i as i32) * step;
            }
            if !points.iter().all(|t| samples.inside(*t)) {
                continue;
            }
            samples.announce(&points)?;
            let mut values = [0.0; VALUES];
            for (value, t) in values.iter_mut().zip(points) {
                *value = samples.value(t)?;
            }
            // f(x) is shared by all attempts.
            evaluations += VALUES - 1;
            if values.iter().all(|v| v.is_finite()) {
                let (level, verdict) = from_values(&values);
                found = NoiseLevel {
                    level,
                    verdict,
                    step,
                    evaluations,
                };
                defined = true;
                break;
            }
        }
        found.evaluations = evaluations;
        let up = match (defined, found.verdict) {
            (true, NoiseVerdict::Found) => return Ok(found),
            (true, NoiseVerdict::StepTooSmall) => true,
            // Down again after up: the answer lies between two distances and none is better.
            _ if went_up => return Ok(found),
            _ => false,
        };
        went_up |= up;
        if attempt + 1 < ATTEMPTS {
            exponent += if up { STRIDE } else { -STRIDE };
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fixed stream, uniform on [-1, 1): SplitMix64.
    fn uniform(i: u64) -> f64 {
        let mut z = i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        (z >> 11) as f64 * f64::EPSILON - 1.0
    }

    #[test]
    fn level_of_known_noise() {
        // Of 200 tables of 9 values most must find the level within the agreement factor 4.
        for sigma in [1e-3, 1e-9, 1e-14] {
            let mut within = 0;
            for trial in 0..200_u64 {
                let mut values = [0.0; VALUES];
                for (i, value) in values.iter_mut().enumerate() {
                    let t = i as f64 * 1e-3 * sigma;
                    let noise = sigma * 3.0_f64.sqrt() * uniform(1000 * trial + i as u64);
                    *value = 1.0 + t + noise;
                }
                let (level, verdict) = from_values(&values);
                if verdict == NoiseVerdict::Found && level < 4.0 * sigma && level > 0.25 * sigma {
                    within += 1;
                }
            }
            assert!(within > 160, "sigma {sigma:e}: {within} of 200");
        }
    }

    #[test]
    fn smooth_or_flat_values_are_told() {
        let smooth: Vec<f64> = (0..VALUES).map(|i| (1.0 + 0.1 * i as f64).exp()).collect();
        assert_eq!(from_values(&smooth).1, NoiseVerdict::StepTooLarge);
        assert_eq!(
            from_values(&[2.5; VALUES]),
            (0.0, NoiseVerdict::StepTooSmall)
        );
        assert_eq!(
            from_values(&[1.0, f64::NAN, 2.0]).1,
            NoiseVerdict::Undefined
        );
        assert_eq!(from_values(&[1.0]).1, NoiseVerdict::Undefined);
    }

    #[test]
    fn scales_with_f() {
        let mut values = [0.0; VALUES];
        for (i, value) in values.iter_mut().enumerate() {
            *value = 1.0 + 1e-8 * uniform(i as u64);
        }
        let (level, verdict) = from_values(&values);
        for factor in [-2.0_f64.powi(300), 2.0_f64.powi(-300)] {
            let scaled = values.map(|v| factor * v);
            assert_eq!(from_values(&scaled), (factor.abs() * level, verdict));
        }
    }
}
