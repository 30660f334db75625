//! Exact values of 30 digits: an error of 1e-16 relative is measured, not rounded away.

use num_bigint::BigInt;

/// A decimal number as it stands in a problem file.
#[derive(Clone, Debug)]
pub struct Decimal {
    digits: BigInt,
    /// Power of ten of the last digit.
    exponent: i64,
    nearest: f64,
}

impl Decimal {
    /// Parses `[-]digits[.digits][e[-]digits]`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Decimal> {
        let nearest: f64 = text.parse().ok().filter(|v: &f64| v.is_finite())?;
        let (mantissa, power) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse().ok()?),
            None => (text, 0_i64),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}").parse().ok()?;
        let exponent = power - i64::try_from(fraction.len()).ok()?;
        Some(Decimal {
            digits,
            exponent,
            nearest,
        })
    }

    /// The nearest double.
    pub fn nearest(&self) -> f64 {
        self.nearest
    }

    /// `value` minus this number, to the last bit or two; NaN or infinite where `value` is.
    pub fn subtract_from(&self, value: f64) -> f64 {
        let coarse = value - self.nearest;
        // The double nearest to the decimal is off by 2^-53 relative at most: it does not matter
        // for larger differences.
        if !value.is_finite() || self.nearest == 0.0 || coarse.abs() > 1e-10 * self.nearest.abs() {
            return coarse;
        }
        coarse - self.beyond_nearest()
    }

    /// This number minus the double nearest to it.
    fn beyond_nearest(&self) -> f64 {
        let bits = self.nearest.abs().to_bits();
        let biased = (bits >> 52) as i64;
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, power) = match biased {
            0 => (fraction, -1074),
            _ => (fraction | 1 << 52, biased - 1075),
        };
        let mut binary = BigInt::from(mantissa);
        if self.nearest < 0.0 {
            binary = -binary;
        }
        // digits * 10^exponent - binary * 2^power, over a common denominator.
        let mut decimal = self.digits.clone();
        let ten = BigInt::from(10);
        let (mut tens, mut twos) = (0_i64, 0_i64);
        if self.exponent >= 0 {
            decimal *= ten.pow(self.exponent as u32);
        } else {
            tens = -self.exponent;
            binary *= ten.pow(tens as u32);
        }
        if power >= 0 {
            binary <<= power as u64;
        } else {
            twos = -power;
            decimal <<= twos as u64;
        }
        let text = (decimal - binary).to_string();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.as_str()),
        };
        let shown = digits.len().min(17);
        let lead: f64 = digits[..shown].parse().unwrap_or(0.0);
        // lead * 10^(length - shown - tens) / 2^twos, in two halves so that neither over- nor
        // underflows on the way.
        let tenth =
            (digits.len() - shown) as f64 - tens as f64 - twos as f64 * std::f64::consts::LOG10_2;
        let size = lead * 10_f64.powf(0.5 * tenth) * 10_f64.powf(0.5 * tenth);
        if negative { -size } else { size }
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn resolves_what_a_double_cannot() {
        // 0.1 as a double is 0.1000000000000000055511151231257827...
        let tenth = Decimal::parse("0.1").unwrap();
        let off = tenth.subtract_from(0.1);
        assert!(
            (off - 5.551_115_123_125_783e-18).abs() < 1e-13 * off,
            "{off:e}"
        );
        let e = Decimal::parse("2.71828182845904523536028747135").unwrap();
        let off = e.subtract_from(std::f64::consts::E);
        assert!((off + 1.445_646_891_729_25e-16).abs() < 1e-27, "{off:e}");
        let large = Decimal::parse("-1.0142320547350045094553295952312676e304").unwrap();
        let below = -1.014_232_054_735_004_4e304;
        assert!(large.subtract_from(below).abs() < 1e289);
    }

    #[test]
    fn plain_differences_stay() {
        assert_eq!(Decimal::parse("0").unwrap().subtract_from(0.25), 0.25);
        assert_eq!(Decimal::parse("1.0").unwrap().subtract_from(2.0), 1.0);
        assert!(
            Decimal::parse("1.0")
                .unwrap()
                .subtract_from(f64::NAN)
                .is_nan()
        );
        assert!(Decimal::parse("one").is_none());
    }
}
