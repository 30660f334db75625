//! Powers of two and their exponents, from the bits, and the larger of two numbers in one instruction.

/// 2^k, exact; k is held within [-1074, 1023].
pub(super) fn power_of_two(k: i32) -> f64 {
    let k = k.clamp(-1074, 1023);
    if k >= -1022 {
        f64::from_bits(((k + 1023) as u64) << 52)
    } else {
        f64::from_bits(1_u64 << (k + 1074))
    }
}

/// floor(log2 |x|) for a finite x other than 0; -1074 for 0.
pub(super) fn exponent(x: f64) -> i32 {
    let bits = (x.to_bits() >> 52 & 0x7ff) as i32;
    if bits > 0 {
        return bits - 1023;
    }
    let mantissa = x.to_bits() & ((1 << 52) - 1);
    if mantissa == 0 {
        -1074
    } else {
        63 - mantissa.leading_zeros() as i32 - 1074
    }
}

/// The largest power of two that is no larger than |x|: roundings are the same on a binade.
pub(super) fn binade(x: f64) -> f64 {
    power_of_two(exponent(x))
}

/// log2 |x| to 0.09, without a call; -1077 for 0.
///
/// The bits of a number, taken for a whole one, are exponent and fraction: log2(1 + m) ~ m on a binade, good enough to
/// plan with.
pub(super) fn rough_log2(x: f64) -> f64 {
    let subnormal = x.abs() < f64::MIN_POSITIVE;
    let (x, bias) = if subnormal {
        (x * power_of_two(54), 1077.0)
    } else {
        (x, 1023.0)
    };
    x.abs().to_bits() as f64 / power_of_two(52) - bias
}

/// The larger of two numbers; `a` where `b` is NaN. `f64::max` takes five instructions where a NaN may be
/// either of them.
#[inline]
pub(super) fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agree_with_the_library() {
        for k in -1074..=1023 {
            assert_eq!(
                power_of_two(k),
                2.0_f64.powi(k.max(-1022)) * 0.5_f64.powi((-1022 - k).max(0))
            );
            assert_eq!(exponent(power_of_two(k)), k);
        }
        for x in [
            f64::from_bits(1),
            3e-310,
            f64::MIN_POSITIVE,
            1.0,
            1.9,
            7e200,
            f64::MAX,
        ] {
            assert_eq!(binade(x), power_of_two(exponent(x)));
            assert_eq!(binade(-x), binade(x));
        }
        assert_eq!(binade(0.0), f64::from_bits(1));
        for x in [1.0, 1.5, 3.999, 1e-300, 7e200, 0.1] {
            assert_eq!(exponent(-x), x.log2().floor() as i32);
            // max over m of log2(1 + m) - m = 0.0861.
            assert!((rough_log2(x) - x.log2()).abs() < 0.0862);
        }
    }
}
