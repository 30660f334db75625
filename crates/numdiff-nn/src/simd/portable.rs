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

/// A function of the bits.
#[inline(always)]
fn bits(f: impl Fn(u64, u64) -> u64) -> impl Fn(f64, f64) -> f64 {
    move |a, b| f64::from_bits(f(a.to_bits(), b.to_bits()))
}

/// Operations on two arrays, number by number.
macro_rules! lane_by_lane {
    ($($name:ident: $f:expr,)*) => {$(
        #[inline(always)]
        fn $name(a: Array, b: Array) -> Array {
            zip(a, b, $f)
        }
    )*};
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
    lane_by_lane! {
        add: |a, b| a + b,
        sub: |a, b| a - b,
        mul: |a, b| a * b,
        div: |a, b| a / b,
        max: |a, b| if a > b { a } else { b },
        min: |a, b| if a < b { a } else { b },
        bits_add: bits(u64::wrapping_add),
        bits_sub: bits(u64::wrapping_sub),
        bits_and: bits(|a, b| a & b),
        bits_or: bits(|a, b| a | b),
    }
    #[inline(always)]
    fn bits_up_52(a: Array) -> Array {
        zip(a, a, bits(|a, _| a << 52))
    }
    #[inline(always)]
    fn bits_down_52(a: Array) -> Array {
        zip(a, a, bits(|a, _| a >> 52))
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
