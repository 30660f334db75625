//! The functions a formula may call, the awkward ones included: noise, rounding to binary32 and
//! iterative solvers that stop early.

/// The function of one argument with this name.
pub fn one(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "abs" => f64::abs,
        "sqrt" => f64::sqrt,
        "exp" => f64::exp,
        "log" => f64::ln,
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        "acos" => f64::acos,
        "asin" => f64::asin,
        "atan" => f64::atan,
        "sinh" => f64::sinh,
        "cosh" => f64::cosh,
        "tanh" => f64::tanh,
        "floor" => f64::floor,
        "sign" => sign,
        "noise" => noise,
        "f32" => binary32,
        "cubicbis" => cubic_by_bisection,
        "li2trunc" => truncated_dilogarithm,
        _ => return None,
    })
}

/// The function of two arguments with this name.
pub fn two(name: &str) -> Option<fn(f64, f64) -> f64> {
    Some(match name {
        "max" => |a, b| {
            if a.is_nan() || b.is_nan() {
                f64::NAN
            } else {
                a.max(b)
            }
        },
        "min" => |a, b| {
            if a.is_nan() || b.is_nan() {
                f64::NAN
            } else {
                a.min(b)
            }
        },
        "kepler" => kepler,
        _ => return None,
    })
}

/// -1, 0 or 1, and NaN for NaN.
fn sign(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() {
        x
    } else {
        x.signum()
    }
}

/// Uniform on [-1, 1), a fixed function of the bits of x: SplitMix64 (Steele, Lea and Flood 2014).
pub fn noise(x: f64) -> f64 {
    let mut z = x.to_bits().wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    // The upper 53 bits as a fraction of 2^53.
    2.0 * ((z >> 11) as f64 * (0.5 * f64::EPSILON)) - 1.0
}

fn binary32(x: f64) -> f64 {
    f64::from(x as f32)
}

/// Kepler's equation E = M + e sin E by fixed-point iteration from E = M until |dE| < 1e-8.
fn kepler(mean: f64, eccentricity: f64) -> f64 {
    let mut anomaly = mean;
    // e <= 0.9 needs 180 iterations; the bound keeps a diverging call finite.
    for _ in 0..10_000 {
        let next = mean + eccentricity * anomaly.sin();
        let change = (next - anomaly).abs();
        anomaly = next;
        if change.is_nan() || change < 1e-8 {
            break;
        }
    }
    anomaly
}

/// The root of y^3 + y = a in [0, 4]: the midpoint after 29 bisections.
fn cubic_by_bisection(a: f64) -> f64 {
    let (mut low, mut high) = (0.0, 4.0);
    for _ in 0..29 {
        let middle = 0.5 * (low + high);
        if middle * middle * middle + middle < a {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The dilogarithm's series up to and including the first term below 1e-8.
fn truncated_dilogarithm(x: f64) -> f64 {
    let (mut sum, mut power) = (0.0, 1.0);
    // |x| < 1 ends by itself; the bound keeps other calls finite.
    for k in 1..40_000 {
        power *= x;
        let term = power / f64::from(k * k);
        sum += term;
        if term.is_nan() || term.abs() < 1e-8 {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_uniform_and_fixed() {
        let values: Vec<f64> = (0..10_000)
            .map(|i| noise(1.0 + f64::from(i) * 1e-9))
            .collect();
        let mean = values.iter().sum::<f64>() / 1e4;
        let square = values.iter().map(|v| v * v).sum::<f64>() / 1e4;
        // Standard errors: 1/sqrt(3 N) = 0.0058 and sqrt(4/45 / N) = 0.003; five of each.
        assert!(mean.abs() < 0.029, "{mean}");
        assert!((square - 1.0 / 3.0).abs() < 0.015, "{square}");
        assert_eq!(noise(0.5).to_bits(), noise(0.5).to_bits());
    }

    #[test]
    fn solvers_solve_what_they_say() {
        let e = kepler(1.0, 0.5);
        assert!((e - 0.5 * e.sin() - 1.0).abs() < 2e-8);
        let y = cubic_by_bisection(5.0);
        // Half the last interval, 4 / 2^30, times the slope 3 y^2 + 1 <= 49.
        assert!((y * y * y + y - 5.0).abs() < 49.0 * 4.0 / f64::from(1 << 30));
        // Li2(1/2) = pi^2/12 - ln(2)^2/2; the tail is below twice the first term left out.
        let exact = std::f64::consts::PI.powi(2) / 12.0 - 0.5 * std::f64::consts::LN_2.powi(2);
        assert!((truncated_dilogarithm(0.5) - exact).abs() < 2e-8);
    }
}
