//! The noise of f from its values.

use crate::matrix::{difference, largest};

/// Uniform rounding to a multiple of this deviates by that.
pub(crate) fn rounding_to(quantum: f64) -> f64 {
    quantum / 12f64.sqrt()
}

/// The relative deviation of rounding to the quantum that all values share: of a float type shorter than `f64`, or of
/// decimal digits; 0 where the values use every bit, or where there are fewer than three of them.
///
/// By chance, three values of full length share twelve trailing zero bits with a probability of
/// 2^-36.
pub(crate) fn digits(values: &[f64]) -> f64 {
    let mut values: Vec<f64> = values.iter().copied().filter(|v| v.is_normal()).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    if values.len() < 3 {
        return 0.0;
    }
    const LEADING: u64 = 1 << 52;
    let zeros = |v: &f64| ((v.to_bits() & (LEADING - 1)) | LEADING).trailing_zeros();
    let zeros = values.iter().map(zeros).min().unwrap_or(0);
    let binary = if zeros >= 12 {
        0.5f64.powi(52 - zeros as i32)
    } else {
        0.0
    };
    let decimal = (1..=12)
        .find_map(|digits| decimal_quantum(&values, digits))
        .unwrap_or(0.0);
    rounding_to(binary.max(decimal))
}

/// The largest relative quantum when every value has this many significant decimal digits.
fn decimal_quantum(values: &[f64], digits: usize) -> Option<f64> {
    let short = |v: &f64| format!("{v:.*e}", digits - 1).parse::<f64>() == Ok(*v);
    if !values.iter().all(short) {
        return None;
    }
    let quantum = |v: &f64| {
        let magnitude = v.abs().log10().floor() as i32;
        10f64.powi(magnitude + 1 - digits as i32) / v.abs()
    };
    Some(values.iter().map(quantum).fold(0.0, f64::max))
}

/// The standard deviation of the noise in f along a line, by differences of f at seven equidistant
/// points (ECnoise: Moré and Wild, SIAM J. Sci. Comput. 33 (2011) 1292-1314); 0 where none is seen.
///
/// `value(t)` is f at the distance t from x, `f` the value at 0, `scale` the size of x. Six
/// evaluations for each of at most four spacings: the first is a millionth of the scale; wider where
/// fewer than four values differ, narrower where f's own variation hides the noise.
pub(crate) fn ecnoise<E>(
    f: f64,
    scale: f64,
    mut value: impl FnMut(f64) -> Result<f64, E>,
) -> Result<f64, E> {
    let mut reach = 1e-6 * scale;
    let mut all = vec![f];
    for _ in 0..4 {
        let mut values = vec![f];
        for i in 1..=6 {
            values.push(value(reach * f64::from(i) / 6.0)?);
        }
        all.extend(values.iter().skip(1).filter(|v| v.is_finite()));
        if values.iter().any(|v| !v.is_finite()) {
            reach *= 0.01;
            continue;
        }
        let mut distinct = values.clone();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        if distinct.len() < 4 {
            reach *= 100.0;
            continue;
        }
        if let Some(level) = from_table(&values) {
            return Ok(level);
        }
        reach *= 0.1;
    }
    // No noise among the differences, but perhaps a staircase.
    Ok(digits(&all) * f.abs())
}

/// The level at which three columns of the difference table agree within a factor of four, the first
/// of them with differences of both signs.
fn from_table(values: &[f64]) -> Option<f64> {
    let levels = levels(values.iter().map(|v| vec![*v]).collect());
    levels.windows(3).find_map(|three| {
        let most = three.iter().map(|l| l.0).fold(0.0, f64::max);
        let least = three.iter().map(|l| l.0).fold(f64::INFINITY, f64::min);
        (most <= 4.0 * least && three[0].1).then_some(three[0].0)
    })
}

/// The standard deviation of noise that is the same in all values of equidistant rows, by their differences of order 1,
/// 2, …, and whether those have both signs. The variance of independent noise is (k!)^2 / (2k)! of that of its
/// differences of order k.
pub(crate) fn levels(mut rows: Vec<Vec<f64>>) -> Vec<(f64, bool)> {
    let (mut levels, mut share) = (Vec::new(), 1.0);
    for k in 1..rows.len() {
        let pairs = rows.windows(2);
        rows = pairs.map(|pair| difference(&pair[1], &pair[0])).collect();
        share *= 0.5 * k as f64 / (2 * k - 1) as f64;
        let all: Vec<f64> = rows.iter().flatten().copied().collect();
        // Squares of what is divided by the largest neither overflow nor vanish.
        let top = largest(&all).max(f64::MIN_POSITIVE);
        let squares: f64 = all.iter().map(|d| (d / top).powi(2)).sum();
        let level = top * (share * squares / all.len() as f64).sqrt();
        let both_signs = all.iter().any(|d| *d > 0.0) && all.iter().any(|d| *d < 0.0);
        levels.push((level, both_signs));
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steep and smooth: differences of one sign are no noise, though their sizes agree. The spacing of a sixth of 1e-6
    /// makes f grow by e^(3/2) from point to point.
    #[test]
    fn a_steep_function_is_not_noisy() {
        let f = |t: f64| (9e6 * t).exp();
        let level = ecnoise(1.0, 1.0, |t| Ok::<f64, ()>(f(t))).unwrap();
        // The rounding of an exponential, and of its argument.
        assert!(level < 100.0 * f64::EPSILON, "{level:e}");
    }

    /// Noise of a known deviation: uniform on +-1e-6, so 1e-6 / sqrt(3), within the factor of four of the table.
    #[test]
    fn noise_is_measured() {
        let mut state = 1u64;
        let mut uniform = || {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        };
        for _ in 0..50 {
            let first = 3.0 + 1e-6 * uniform();
            let value = |t: f64| Ok::<f64, ()>(3.0 + t + 1e-6 * uniform());
            let level = ecnoise(first, 1.0, value).unwrap();
            let truth = 1e-6 / 3f64.sqrt();
            assert!(level > 0.1 * truth && level < 4.0 * truth, "{level:e}");
        }
    }
}
