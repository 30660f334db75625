//! Two-sided quantiles of the normal and of Student's distribution.

/// The t for which a variable of Student's distribution lies within ±t with this probability; of the normal one for
/// `None`. Full precision to about 1e-12.
pub(crate) fn two_sided(probability: f64, freedom: Option<usize>) -> f64 {
    let outside = |t: f64| match freedom {
        Some(freedom) => {
            let nu = freedom as f64;
            incomplete_beta(0.5 * nu, 0.5, nu / (nu + t * t))
        }
        None => complementary_error(t / std::f64::consts::SQRT_2),
    };
    let goal = 1.0 - probability;
    let (mut low, mut high) = (0.0, 1.0);
    while outside(high) > goal && high < 1e300 {
        (low, high) = (high, 2.0 * high);
    }
    // Bisection to the last bit: a quantile is needed once for a profile.
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        match outside(middle) > goal {
            true => low = middle,
            false => high = middle,
        }
    }
    0.5 * (low + high)
}

/// ln Gamma by Lanczos' approximation with g = 7 and nine terms.
fn ln_gamma(x: f64) -> f64 {
    const C: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let t = x + 7.5;
    let sum: f64 = C
        .iter()
        .enumerate()
        .skip(1)
        .map(|(k, c)| c / (x + k as f64))
        .sum();
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + (C[0] + sum).ln()
}

/// The regularized incomplete beta function by its continued fraction (Numerical Recipes, section 6.4).
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let ln_front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p();
    match x < (a + 1.0) / (a + b + 2.0) {
        true => ln_front.exp() * beta_fraction(a, b, x) / a,
        false => 1.0 - ln_front.exp() * beta_fraction(b, a, 1.0 - x) / b,
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let away = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for k in 1..500 {
        let m = f64::from(k);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            fraction *= d * c;
        }
        if (d * c - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    fraction
}

/// erfc for x >= 0: the series of erf below 2, the continued fraction above.
fn complementary_error(x: f64) -> f64 {
    let front = (-x * x).exp() / std::f64::consts::PI.sqrt();
    if x < 2.0 {
        let (mut term, mut sum) = (2.0 * x, 2.0 * x);
        for k in 1..200 {
            term *= 2.0 * x * x / (2 * k + 1) as f64;
            sum += term;
            if term < f64::EPSILON * sum {
                break;
            }
        }
        return 1.0 - front * sum;
    }
    // x + (1/2) / (x + 1 / (x + (3/2) / (x + …))).
    let tail = (1..=80)
        .rev()
        .fold(x, |below, k| x + 0.5 * f64::from(k) / below);
    front / tail
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
