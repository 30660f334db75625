//! What values at equally spaced points say about the noise in them.

use crate::scheme::adaptive::{NoiseSeen, agree};

/// Values per attempt: 7 or more are needed for three orders that agree (Moré and Wild, section 5);
/// 9 put x in the middle and use f(x) at every distance.
pub(super) const VALUES: usize = 9;

/// f may change by this part of its size over the points before a level needs to be confirmed at
/// another distance (the paper gives up there; but the values of an f near one of its zeros are all
/// noise at every distance).
const RANGE: f64 = 0.1;

/// What a table of differences shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Table {
    /// Three successive orders agree on this level.
    Plateau(f64),
    /// They do, but f changes by more than a tenth of its size over the points.
    Wide(f64),
    /// From some order on all differences are exactly zero: a polynomial without any rounding, or one
    /// grid that happens to be a multiple of the other. The level is that of first differences.
    Polynomial(f64),
    /// All values are equal.
    Constant,
    /// Half of the values equal their neighbors. The level is a lower bound.
    TooSmall(f64),
    /// No three orders agree: f itself changes too much. The level is an upper bound.
    TooLarge(f64),
    /// A value is not finite, or their differences are not.
    Undefined,
}

/// The table of differences of `values`, taken at equally spaced points.
///
/// At most [`VALUES`] values count.
pub(super) fn table(values: &[f64]) -> Table {
    let n = values.len().min(VALUES);
    let mut table = [0.0; VALUES];
    table[..n].copy_from_slice(&values[..n]);
    let (least, most) = table[..n]
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| {
            (a.min(*v), b.max(*v))
        });
    // 2^8 is the largest factor by which differences of order 8 grow.
    let overflows = !((most - least) * 256.0).is_finite();
    if n < 2 || table[..n].iter().any(|v| !v.is_finite()) || overflows {
        return Table::Undefined;
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
            let samples = differences.iter().map(|d| Some(d / largest));
            let seen = samples.fold(NoiseSeen::default(), NoiseSeen::and);
            levels[k] = largest * (gamma * seen.mean_square(0.0)).sqrt();
        }
        alternates[k] =
            differences.iter().any(|d| *d > 0.0) && differences.iter().any(|d| *d < 0.0);
    }
    if equal == n - 1 {
        return Table::Constant;
    }
    if 2 * equal >= n - 1 {
        return Table::TooSmall(levels[1]);
    }
    // The last order is a single difference, which may be zero by chance.
    if levels[2..n - 1].contains(&0.0) {
        return Table::Polynomial(levels[1]);
    }
    let wide = most - least > RANGE * most.abs().max(least.abs());
    for k in 1..n.saturating_sub(2) {
        if agree(&levels[k..k + 3]) && alternates[k] {
            return if wide {
                Table::Wide(levels[k])
            } else {
                Table::Plateau(levels[k])
            };
        }
    }
    // Each order's level is above that of the noise but for chance: the largest of those that rest on
    // few differences and hold the least of f itself.
    let last = levels[n.saturating_sub(3).max(1)..n].iter();
    Table::TooLarge(last.fold(0.0, |a, v| a.max(*v)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SplitMix64;
    use crate::scheme::adaptive::AGREEMENT;

    fn noisy(random: &mut SplitMix64, sigma: f64) -> [f64; VALUES] {
        // Uniform on an interval of this half width has the standard deviation sigma.
        let width = sigma * 3.0_f64.sqrt();
        std::array::from_fn(|_| 1.0 + width * (2.0 * random.uniform() - 1.0))
    }

    #[test]
    fn level_of_known_noise() {
        let mut random = SplitMix64::new(1);
        for sigma in [1e-3, 1e-9, 1e-14] {
            let mut within = 0;
            for _ in 0..1000 {
                let mut values = noisy(&mut random, sigma);
                for (i, value) in values.iter_mut().enumerate() {
                    *value += i as f64 * 1e-3 * sigma;
                }
                if let Table::Plateau(level) = table(&values)
                    && level < AGREEMENT * sigma
                    && level > sigma / AGREEMENT
                {
                    within += 1;
                }
            }
            assert!(within >= 950, "sigma {sigma:e}: {within} of 1000");
        }
    }

    #[test]
    fn smooth_or_flat_values_are_told() {
        let smooth: [f64; VALUES] = std::array::from_fn(|i| (1.0 + 0.1 * i as f64).exp());
        assert!(matches!(table(&smooth), Table::TooLarge(_)));
        assert_eq!(table(&[2.5; VALUES]), Table::Constant);
        let line: [f64; VALUES] = std::array::from_fn(|i| 1.0 + 0.25 * i as f64);
        assert!(matches!(table(&line), Table::Polynomial(_)));
        assert_eq!(table(&[1.0, f64::NAN, 2.0]), Table::Undefined);
        assert_eq!(table(&[1.0, -f64::MAX, f64::MAX]), Table::Undefined);
        assert_eq!(table(&[1.0]), Table::Undefined);
    }

    #[test]
    fn scales_with_f() {
        let values = noisy(&mut SplitMix64::new(2), 1e-8);
        let Table::Plateau(level) = table(&values) else {
            panic!("{:?}", table(&values));
        };
        for factor in [-2.0_f64.powi(300), 2.0_f64.powi(-300)] {
            let scaled = values.map(|v| factor * v);
            assert_eq!(table(&scaled), Table::Plateau(factor.abs() * level));
        }
    }
}
