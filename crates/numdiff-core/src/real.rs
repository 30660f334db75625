//! The numbers a user's function may take: `f64` and `f32`.

use crate::Error;
use ndarray::ScalarOperand;
use num_traits::{Float, NumAssign};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// `f32` or `f64`: the number type that the user's function takes and returns.
///
/// All arithmetic of this crate is done in `f64`; for `f32` the displaced points are rounded to
/// `f32` first, so that the distance by which a difference is divided is the distance really moved.
/// The trait is sealed.
pub trait Real:
    sealed::Sealed
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
