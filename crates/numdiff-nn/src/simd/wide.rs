//! Numbers of a type that turns out to be `f64`.

use numdiff_core::Real;
use std::any::TypeId;

/// The same numbers, when they are `f64`.
pub(crate) fn as_f64<T: Real>(numbers: &[T]) -> Option<&[f64]> {
    if TypeId::of::<T>() != TypeId::of::<f64>() {
        return None;
    }
    // SAFETY: the element types are one and the same.
    Some(unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), numbers.len()) })
}

/// As [`as_f64`], to be written.
pub(crate) fn as_f64_mut<T: Real>(numbers: &mut [T]) -> Option<&mut [f64]> {
    if TypeId::of::<T>() != TypeId::of::<f64>() {
        return None;
    }
    // SAFETY: as above.
    Some(unsafe { std::slice::from_raw_parts_mut(numbers.as_mut_ptr().cast(), numbers.len()) })
}
