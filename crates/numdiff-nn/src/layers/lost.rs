//! Movements that are lost in the rounding of what they move.

use ndarray::{Array2, Zip};
use numdiff_core::Real;

/// Rounding may take this share of a movement.
const SHARE: f64 = 0.25;

/// So many last places of the largest output, moved by two of an input, are a layer that loses digits: a sine of some
/// hundreds. Of others a movement that small has no weight.
const PLACES: f64 = 64.0;

/// When rounding took more than its share of a movement `d` of `x`, moves `moved` on by two last places and returns
/// what part of them `d` is; else 0.
pub(super) fn further<T: Real>(moved: &mut T, x: T, d: T) -> T {
    let places = T::round_from(2.0 * T::EPSILON) * x.abs();
    if ((*moved - x) - d).abs() <= T::round_from(SHARE) * d.abs() || places == T::zero() {
        return T::zero();
    }
    *moved += places * d.signum();
    d.abs() / places
}

/// By how much outputs moved from `before` to `after`; NaN where those movements of which rounding took more than its
/// share would have made up more than its share of that, in a layer that loses digits. `part` is the largest that
/// [`further`] returned, and `beyond` the outputs of what it moved on.
pub(super) fn difference<T: Real>(
    after: Array2<T>,
    before: &Array2<T>,
    part: T,
    beyond: impl FnOnce() -> Array2<T>,
) -> Array2<T> {
    let mut d = &after - before;
    if part > T::zero() {
        let share = T::round_from(SHARE);
        let largest = after.fold(T::zero(), |top, y| top.max(y.abs()));
        let places = T::round_from(PLACES * T::EPSILON) * largest;
        Zip::from(&mut d)
            .and(&after)
            .and(&beyond())
            .for_each(|d, &after, &beyond| {
                let more = (beyond - after).abs();
                if more > places && part * more > share * d.abs() {
                    *d = T::nan();
                }
            });
    }
    d
}
