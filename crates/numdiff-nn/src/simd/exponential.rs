//! e^x, e^x - 1 and ln(1 + x) on sixteen numbers at once.
//!
//! Straight-line code without tables, branches or intrinsics, which the compiler
//! vectorizes. The polynomials were fitted to the relative error at Chebyshev nodes with
//! 50 digits (`tests/golden/exponential.py`); their own error is below 2^-54, so what is
//! left is rounding: about 0.8 ulp for e^x, 2 ulp for the other two.

use super::isa::{Isa, Part};
use super::lanes::Lanes;

/// (e^r - 1 - r) / r^2 for |r| <= ln(2)/2, the highest power first.
const EXP: [f64; 10] = [
    2.510038549551032e-08,
    2.7620088445409746e-07,
    2.7557268459997064e-06,
    2.4801521295954376e-05,
    0.00019841269863053618,
    0.0013888888917213717,
    0.008333333333330062,
    0.04166666666662413,
    0.16666666666666669,
    0.5000000000000001,
];

/// (2 atanh(s) - 2 s) / s^3 as a polynomial in s^2, for |s| <= 3 - 2 sqrt(2), the highest
/// power first.
const ATANH: [f64; 7] = [
    0.14616585424888623,
    0.15331710618210773,
    0.18182889455674947,
    0.22222211130259878,
    0.2857142862600327,
    0.39999999999899444,
    0.666666666666667,
];

/// ln(2) in two pieces: the first has 21 zero bits at its end, so its product with an
/// exponent is exact without a fused multiply-add.
const LN_2: [f64; 2] = [0.6931471803691238, 1.9082149292705877e-10];

/// 1.5 * 2^52: adding it rounds to an integer, which then stands in the low bits.
const ROUNDER: f64 = 6755399441055744.0;

/// Arguments of e^x are held between these, where the result is a normal number.
const RANGE: [f64; 2] = [-708.0, 709.0];

/// e^x, held to [e^-708, e^709]; NaN stays NaN.
#[inline(always)]
pub(crate) fn exp<I: Isa>(x: Lanes<I>) -> Lanes<I> {
    let (scale, p) = split(x);
    scale.fma(p, scale)
}

/// Whether [`exp_m1_near`] is e^x - 1 to the last place for |x| up to `movement`: what it leaves out,
/// the share x^5/6! of it, is below 2^-54 there.
pub(crate) fn is_near(movement: f64) -> bool {
    movement.powi(5) / 720.0 <= f64::EPSILON / 4.0
}

/// e^x - 1 for an x that [`is_near`] 0: Taylor's polynomial, with a quarter of the work of [`exp_m1`].
#[inline(always)]
pub(crate) fn exp_m1_near<I: Isa>(x: Lanes<I>) -> Lanes<I> {
    x * x.polynomial(&[1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0])
}

/// e^x - 1, accurate relative to itself; held as [`exp`] is.
#[inline(always)]
pub(crate) fn exp_m1<I: Isa>(x: Lanes<I>) -> Lanes<I> {
    let (scale, p) = split(x);
    scale.fma(p, scale - Lanes::splat(1.0))
}

/// 2^k and e^r - 1 where x = k ln(2) + r.
#[inline(always)]
fn split<I: Isa>(x: Lanes<I>) -> (Lanes<I>, Lanes<I>) {
    if I::WIDE {
        reduce(x)
    } else {
        I::outline(Split(x))
    }
}

struct Split<I: Isa>(Lanes<I>);

impl<I: Isa> Part<I> for Split<I> {
    type Output = (Lanes<I>, Lanes<I>);
    #[inline(always)]
    fn compute(self) -> Self::Output {
        reduce(self.0)
    }
}

#[inline(always)]
fn reduce<I: Isa>(x: Lanes<I>) -> (Lanes<I>, Lanes<I>) {
    let x = x.at_least(RANGE[0]).at_most(RANGE[1]);
    let rounded = x.fma(
        Lanes::splat(std::f64::consts::LOG2_E),
        Lanes::splat(ROUNDER),
    );
    let scale = rounded.bits_into_exponent().bits_plus(1f64.to_bits());
    let k = rounded - Lanes::splat(ROUNDER);
    let r = k.fma(Lanes::splat(-LN_2[0]), x);
    let r = k.fma(Lanes::splat(-LN_2[1]), r);
    let p = (r * r).fma(r.polynomial(&EXP), r);
    (scale, p)
}

/// 2^52, in whose bits an integer below 2^52 stands lowest.
const INTEGER: u64 = 0x4330_0000_0000_0000;

/// The number whose bits are this small integer, as a number, minus `bias`.
#[inline(always)]
pub(crate) fn from_integer_bits<I: Isa>(bits: Lanes<I>, bias: f64) -> Lanes<I> {
    bits.bits_or(INTEGER) - Lanes::splat(f64::from_bits(INTEGER) + bias)
}

/// ln(1 + x), accurate relative to itself; NaN unless -1 < x < infinity.
#[inline(always)]
pub(crate) fn ln_1p<I: Isa>(x: Lanes<I>) -> Lanes<I> {
    I::outline(Logarithm(x))
}

struct Logarithm<I: Isa>(Lanes<I>);

impl<I: Isa> Part<I> for Logarithm<I> {
    type Output = Lanes<I>;
    #[inline(always)]
    fn compute(self) -> Lanes<I> {
        let x = self.0;
        let one = Lanes::splat(1.0);
        let f = one + x;
        // What the sum lost, exact because the larger term is subtracted first.
        let lost = one.where_above(x, x - (f - one), one - (f - x));
        // f = 2^k m with m in [sqrt(1/2), sqrt(2)); the exponent is k + 1024 to stay unsigned.
        let biased = f
            .bits_plus((1024u64 << 52).wrapping_sub(std::f64::consts::FRAC_1_SQRT_2.to_bits()))
            .exponent_bits();
        let m = f.bits_sub(
            biased
                .bits_plus(0u64.wrapping_sub(1024))
                .bits_into_exponent(),
        );
        let unscale = Lanes::splat(f64::from_bits(2047))
            .bits_sub(biased)
            .bits_into_exponent();
        let k = from_integer_bits(biased, 1024.0);
        let g = lost.fma(unscale, m - one);
        let s = g / (g + Lanes::splat(2.0));
        let t = s * s;
        // 2 s = g - s g, so only the small correction to g is rounded.
        let tail = s * (g - t * t.polynomial(&ATANH));
        let low = k.fma(Lanes::splat(LN_2[1]), -tail);
        let out = k.fma(Lanes::splat(LN_2[0]), g + low);
        let nan = Lanes::splat(f64::NAN);
        let out = f.where_above(Lanes::splat(0.0), out, nan);
        Lanes::splat(f64::INFINITY).where_above(f, out, nan)
    }
}

#[cfg(test)]
mod tests {
    use super::super::dispatch::SimdLevel;
    use super::super::isa::{Kernel, LANES};
    use super::*;

    struct Apply<'a>(&'a mut [f64], usize);

    impl Kernel for Apply<'_> {
        type Output = ();
        #[inline(always)]
        fn run<I: Isa>(self) {
            for part in self.0.chunks_mut(LANES) {
                let x = Lanes::<I>::load(part, 0.0);
                let y = [exp(x), exp_m1(x), ln_1p(x), exp_m1_near(x)][self.1];
                y.store(part);
            }
        }
    }

    fn apply(level: SimdLevel, x: &[f64], function: usize) -> Vec<f64> {
        let mut y = x.to_vec();
        level.run(Apply(&mut y, function));
        y
    }

    /// Within two last places of the standard library, whose own error is below one.
    #[test]
    fn close_to_the_standard_library() {
        let std: [fn(f64) -> f64; 3] = [f64::exp, f64::exp_m1, f64::ln_1p];
        // 2^-40 to 2^9 in steps of 2^(1/64), both signs.
        let sizes = (-40 * 64..9 * 64).map(|i| (f64::from(i) / 64.0).exp2());
        let all: Vec<f64> = sizes.flat_map(|x| [x, -x]).collect();
        for level in SimdLevel::available() {
            for (function, std) in std.iter().enumerate() {
                let inside: Vec<f64> = all
                    .iter()
                    .copied()
                    .filter(|x| function < 2 || *x > -1.0)
                    .collect();
                for (x, y) in inside.iter().zip(apply(level, &inside, function)) {
                    let expected = std(*x);
                    let ulp = expected.abs() * f64::EPSILON;
                    assert!(
                        (y - expected).abs() <= 2.0 * ulp,
                        "{} function {function} at {x}: {y} {expected}",
                        level.name()
                    );
                }
            }
        }
    }

    /// As far as it is said to hold.
    #[test]
    fn near_0_a_short_polynomial_is_enough() {
        let sizes = (-60 * 64..0).map(|i| (f64::from(i) / 64.0).exp2());
        let near: Vec<f64> = sizes
            .filter(|x| is_near(*x))
            .flat_map(|x| [x, -x])
            .collect();
        assert!(near.iter().any(|x| *x > 2e-3));
        for level in SimdLevel::available() {
            for (x, y) in near.iter().zip(apply(level, &near, 3)) {
                let expected = x.exp_m1();
                let ulp = expected.abs() * f64::EPSILON;
                assert!((y - expected).abs() <= 2.0 * ulp, "{x}: {y} {expected}");
            }
        }
    }

    #[test]
    fn edges() {
        for level in SimdLevel::available() {
            let e = apply(level, &[f64::NAN, 0.0, -1e300, 1e300], 0);
            assert!(e[0].is_nan());
            assert_eq!(e[1], 1.0);
            assert!(e[2] > 0.0 && e[2] < 1e-307 && e[3].is_finite() && e[3] > 1e307);
            let l = apply(level, &[f64::NAN, 0.0, -1.0, f64::INFINITY], 2);
            assert!(l[0].is_nan() && l[1] == 0.0 && l[2].is_nan() && l[3].is_nan());
        }
    }

    /// The widest registers give the bits of those half as wide.
    #[test]
    fn fused_levels_agree_to_the_bit() {
        let x: Vec<f64> = (0..4096).map(|i| (f64::from(i) - 2048.0) / 37.0).collect();
        let fused = SimdLevel::available();
        for function in 0..4 {
            let mut results = fused
                .iter()
                .filter(|level| level.name() != "portable")
                .map(|level| apply(*level, &x, function));
            if let (Some(a), Some(b)) = (results.next(), results.next()) {
                let bits = |v: &[f64]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&a), bits(&b));
            }
        }
    }
}
