//! The numbers a user's function may take: `f64` and `f32`.

use crate::Error;
use ndarray::ScalarOperand;
use num_traits::{Float, NumAssign};

mod sealed {
    /// The mark of an output that f has not written: a signaling NaN with bits of its own, which
    /// arithmetic turns into a quiet one.
    pub trait Unwritten: Copy {
        fn unwritten() -> Self;
        /// Whether this is the mark.
        fn is_unwritten(self) -> bool;
        /// Whether this is what arithmetic made of the mark.
        fn was_unwritten(self) -> bool;
    }

    macro_rules! unwritten {
        ($float:ty, $mark:literal, $quiet:literal) => {
            impl Unwritten for $float {
                fn unwritten() -> Self {
                    <$float>::from_bits($mark)
                }
                fn is_unwritten(self) -> bool {
                    self.to_bits() == $mark
                }
                fn was_unwritten(self) -> bool {
                    // Of either sign: the difference with a number may turn it.
                    (self.to_bits() << 1) == (($mark | $quiet) << 1)
                }
            }
        };
    }
    unwritten!(f64, 0x7ff0_0bad_f00d_cafe_u64, 0x0008_0000_0000_0000_u64);
    unwritten!(f32, 0x7f8b_adf0_u32, 0x0040_0000_u32);
}

/// `f32` or `f64`: the number type that the user's function takes and returns.
///
/// All arithmetic of this crate is done in `f64`; for `f32` the displaced points are rounded to
/// `f32` first, so that the distance by which a difference is divided is the distance really moved.
/// The trait is sealed.
pub trait Real:
    sealed::Unwritten
    + Float
    + NumAssign
    + ScalarOperand
    + std::fmt::Debug
    + std::fmt::Display
    + Default
    + Send
    + Sync
    + 'static
{
    /// Relative spacing of the type: 2^-52 or 2^-23.
    const EPSILON: f64;
    /// Rounds to the nearest value of the type.
    fn round_from(x: f64) -> Self;
    /// The same value as `f64`; exact.
    fn widen(self) -> f64;
    /// Rounds each number.
    #[doc(hidden)]
    fn round_all(numbers: Vec<f64>) -> Vec<Self>;
}

impl Real for f64 {
    const EPSILON: f64 = f64::EPSILON;
    #[inline(always)]
    fn round_from(x: f64) -> Self {
        x
    }
    #[inline(always)]
    fn widen(self) -> f64 {
        self
    }
    fn round_all(numbers: Vec<f64>) -> Vec<Self> {
        numbers
    }
}

impl Real for f32 {
    const EPSILON: f64 = f32::EPSILON as f64;
    #[inline(always)]
    fn round_from(x: f64) -> Self {
        x as f32
    }
    #[inline(always)]
    fn widen(self) -> f64 {
        f64::from(self)
    }
    fn round_all(numbers: Vec<f64>) -> Vec<Self> {
        numbers.into_iter().map(Self::round_from).collect()
    }
}

/// Checks that every element is finite: a combination of finite estimates, or its rounding to `f32`,
/// may overflow.
pub(crate) fn all_finite<T: Real>(values: &[T]) -> Result<(), Error> {
    // Without an early exit: several elements at a time.
    if values.iter().fold(true, |all, v| all & v.is_finite()) {
        return Ok(());
    }
    let index = values.iter().position(|v| !v.is_finite()).unwrap_or(0);
    Err(Error::ResultOverflows { index })
}
