//! Coordinates that f does not depend on around x.

use crate::bounds::Bounds;
use crate::interrupt::Interrupt;
use crate::status::{Stall, Status};

/// f at a point.
pub(crate) type Values<'v> = &'v mut dyn FnMut(&[f64]) -> Result<f64, Interrupt>;

/// How far from x a claim is checked, relative to max(|x|, 0.1).
pub(crate) const PROBE_DISTANCE: f64 = 1e-4;
/// Farther along lines on which f does not change at that distance.
pub(crate) const WIDER: [f64; 2] = [1e-2, 1.0];
/// Distances at which a coordinate that stands still nearer is followed.
const FARTHER: [f64; 3] = [0.1, 0.3, 1.0];
/// A power above the second rises from one of them to the next at least by the inverse of this.
const SMOOTH: f64 = 0.2;

/// No claim rests on coordinates that were not seen to matter: `flat` of the `movable` ones.
pub(crate) fn unmoved(flat: &[usize], movable: usize) -> Option<Status> {
    let cause = match flat.len() {
        0 => return None,
        k if k >= movable => Stall::Plateau,
        _ => Stall::Flat {
            coordinates: flat.to_vec(),
        },
    };
    Some(cause.status())
}

/// How many unknowns the bounds leave free to move.
pub(crate) fn movable(bounds: &Bounds, n: usize) -> usize {
    (0..n).filter(|&i| !bounds.is_fixed(i)).count()
}

/// A value of f that differs from f(x) by more than the last digits of a sum.
pub(crate) fn changes(value: f64, f: f64) -> bool {
    !((value - f).abs() <= 2.0 * f64::EPSILON * f.abs())
}

/// Those of the `suspects` in which f stands still on a side of x, up to a hundredth of the unknown's size, and rises no more
/// smoothly from there: it stays, or jumps as stairs do.
pub(crate) fn flat_coordinates(
    value: Values<'_>,
    bounds: &Bounds,
    (x, f): (&[f64], f64),
    sizes: &[f64],
    suspects: &[usize],
) -> Result<Vec<usize>, Interrupt> {
    let mut flat = Vec::new();
    for &i in suspects {
        for side in [1.0, -1.0] {
            let mut rise = |far: f64| -> Result<Option<f64>, Interrupt> {
                let mut z = x.to_vec();
                z[i] = bounds.moved(i, x[i], side * far * sizes[i]);
                match z[i] == x[i] {
                    true => Ok(None),
                    false => value(&z).map(|v| Some(if changes(v, f) { v - f } else { 0.0 })),
                }
            };
            if rise(WIDER[0])? != Some(0.0) {
                continue;
            }
            let mut rises = [0.0; 3];
            for (slot, far) in rises.iter_mut().zip(FARTHER) {
                *slot = rise(far)?.unwrap_or(0.0);
            }
            let [near, middle, far] = rises;
            let smooth = middle > 0.0 && middle <= SMOOTH * far && near <= SMOOTH * middle;
            if !smooth {
                flat.push(i);
                break;
            }
        }
    }
    Ok(flat)
}
