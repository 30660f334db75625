//! Arrays in the place of registers, for the instructions of the target's baseline.

use super::isa::{Isa, LANES, Part};

/// What every machine has.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

/// Whether the baseline of this target has a fused multiply-add instruction.
///
/// Without one, `f64::mul_add` is a library call, some forty times slower than the
/// product and the sum it replaces.
const BASELINE_FMA: bool = cfg!(any(target_feature = "fma", target_arch = "aarch64"));

type Array = [f64; LANES];

#[inline(always)]
fn zip(mut a: Array, b: Array, f: impl Fn(f64, f64) -> f64) -> Array {
    for (a, b) in a.iter_mut().zip(b) {
        *a = f(*a, b);
    }
    a
}

#[inline(always)]
fn zip_bits(a: Array, b: Array, f: impl Fn(u64, u64) -> u64) -> Array {
    zip(a, b, |a, b| f64::from_bits(f(a.to_bits(), b.to_bits())))
}

impl Isa for Portable {
    type Register = Array;
    const TILE: usize = 1;
    const WIDE: bool = false;
    #[inline(always)]
    fn splat(x: f64) -> Array {
        [x; LANES]
    }
    #[inline(always)]
    fn load(from: &Array) -> Array {
        *from
    }
    #[inline(always)]
    fn store(a: Array, to: &mut Array) {
        *to = a;
    }
    #[inline(always)]
    fn add(a: Array, b: Array) -> Array {
        zip(a, b, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(a: Array, b: Array) -> Array {
        zip(a, b, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(a: Array, b: Array) -> Array {
        zip(a, b, |a, b| a * b)
    }
    #[inline(always)]
    fn div(a: Array, b: Array) -> Array {
        zip(a, b, |a, b| a / b)
    }
    #[inline(always)]
    fn max(a: Array, b: Array) -> Array {
        zip(a, b, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn min(a: Array, b: Array) -> Array {
        zip(a, b, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn bits_add(a: Array, b: Array) -> Array {
        zip_bits(a, b, u64::wrapping_add)
    }
    #[inline(always)]
    fn bits_sub(a: Array, b: Array) -> Array {
        zip_bits(a, b, u64::wrapping_sub)
    }
    #[inline(always)]
    fn bits_and(a: Array, b: Array) -> Array {
        zip_bits(a, b, |a, b| a & b)
    }
    #[inline(always)]
    fn bits_or(a: Array, b: Array) -> Array {
        zip_bits(a, b, |a, b| a | b)
    }
    #[inline(always)]
    fn bits_up_52(a: Array) -> Array {
        zip_bits(a, a, |a, _| a << 52)
    }
    #[inline(always)]
    fn bits_down_52(a: Array) -> Array {
        zip_bits(a, a, |a, _| a >> 52)
    }
    #[inline(always)]
    fn fma(mut a: Array, b: Array, c: Array) -> Array {
        for i in 0..LANES {
            a[i] = if BASELINE_FMA {
                a[i].mul_add(b[i], c[i])
            } else {
                a[i] * b[i] + c[i]
            };
        }
        a
    }
    #[inline(always)]
    fn where_above(a: Array, b: Array, yes: Array, no: Array) -> Array {
        let mut out = no;
        for i in 0..LANES {
            out[i] = if a[i] > b[i] { yes[i] } else { no[i] };
        }
        out
    }
    #[inline(never)]
    fn outline<P: Part<Self>>(part: P) -> P::Output {
        part.compute()
    }
}
