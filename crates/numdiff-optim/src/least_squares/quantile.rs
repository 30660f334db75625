//! Two-sided quantiles of the normal and of Student's distribution.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// t such that a normal variable, or Student's with `freedom` degrees of freedom, is between -t and t with this
/// probability.
pub(crate) fn two_sided(probability: f64, freedom: Option<usize>) -> f64 {
    let inside = |t: f64| match freedom {
        Some(freedom) => student(t, freedom),
        None => error_function(t * FRAC_1_SQRT_2),
    };
    let (mut low, mut high) = (0.0, 1.0);
    while inside(high) < probability && high < 1e300 {
        (low, high) = (high, 2.0 * high);
    }
    // Bisection to the last bit: a quantile is needed once for a profile.
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        match inside(middle) < probability {
            true => low = middle,
            false => high = middle,
        }
    }
    0.5 * (low + high)
}

/// The probability that Student's variable is between -t and t: a finite sum (M. Abramowitz, I. A. Stegun, Handbook of
/// Mathematical Functions, 1964, 26.7.3 and 26.7.4).
fn student(t: f64, freedom: usize) -> f64 {
    let theta = (t / (freedom as f64).sqrt()).atan();
    let (sin, cos) = theta.sin_cos();
    let odd = freedom % 2 == 1;
    let (mut term, mut k, mut sum) = if odd {
        (cos, 2.0, 0.0)
    } else {
        (1.0, 1.0, 0.0)
    };
    for _ in 0..freedom / 2 {
        sum += term;
        term *= k / (k + 1.0) * cos * cos;
        k += 2.0;
    }
    match odd {
        true => 2.0 / PI * (theta + sin * sum),
        false => sin * sum,
    }
}

/// erf(x) by a series of positive terms (Abramowitz and Stegun, 7.1.6).
fn error_function(x: f64) -> f64 {
    let (mut term, mut sum, mut k) = (2.0 * x, 0.0, 1.0);
    while term > f64::EPSILON * sum {
        sum += term;
        term *= 2.0 * x * x / (2.0 * k + 1.0);
        k += 1.0;
    }
    (-x * x).exp() / PI.sqrt() * sum
}

#[cfg(test)]
mod tests {
    use super::two_sided;

    /// Printed tables, to their digits.
    #[test]
    fn quantiles_of_tables() {
        let cases = [
            (0.95, None, 1.959_963_984_540_054),
            (0.682_689_492_137_085_9, None, 1.0),
            (0.999, None, 3.290_526_731_491_696),
            (0.95, Some(1), 12.706_204_736_174_7),
            (0.95, Some(11), 2.200_985_160_091_64),
            (0.99, Some(30), 2.749_995_653_567_23),
            (0.95, Some(1000), 1.962_339_080_826_41),
        ];
        for (probability, freedom, expected) in cases {
            let found = two_sided(probability, freedom);
            assert!(
                (found / expected - 1.0).abs() < 1e-11,
                "{probability} {freedom:?}: {found}"
            );
        }
    }
}
