//! The larger of two numbers in one instruction: `f64::max` takes five where a NaN may be either of them.

/// The larger of two numbers; `a` where `b` is NaN.
#[inline]
pub(super) fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}
