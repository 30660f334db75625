//! Coordinates that f does not depend on around x.

use crate::bounds::Bounds;
use crate::interrupt::Interrupt;
use crate::status::{Stall, Status};

/// How far from x a claim is checked, relative to max(|x|, 0.1).
pub(crate) const PROBE_DISTANCE: f64 = 1e-4;
/// Farther along lines on which f does not change at that distance.
pub(crate) const WIDER: [f64; 2] = [1e-2, 1.0];

/// No claim rests on coordinates that were not seen to matter: `flat` of the `movable` ones.
pub(crate) fn unmoved(flat: &[usize], movable: usize) -> Option<Status> {
    let cause = match flat.len() {
        0 => return None,
        k if k >= movable => Stall::Plateau,
        _ => Stall::Flat {
            coordinates: flat.to_vec(),
        },
    };
    Some(Status::Stalled { cause })
}

/// How many unknowns the bounds leave free to move.
pub(crate) fn movable(bounds: &Bounds, n: usize) -> usize {
    (0..n).filter(|&i| !bounds.is_fixed(i)).count()
}

/// A value of f that differs from f(x) by more than the last digits of a sum.
pub(crate) fn changes(value: f64, f: f64) -> bool {
    !((value - f).abs() <= 2.0 * f64::EPSILON * f.abs())
}

/// Those of the `suspects` in which f stands still on a side of x, up to the size of the unknown.
pub(crate) fn flat_coordinates(
    value: &mut dyn FnMut(&[f64]) -> Result<f64, Interrupt>,
    bounds: &Bounds,
    (x, f): (&[f64], f64),
    sizes: &[f64],
    suspects: &[usize],
) -> Result<Vec<usize>, Interrupt> {
    let mut flat = Vec::new();
    for &i in suspects {
        for side in [1.0, -1.0] {
            let (mut moved, mut changed) = (false, false);
            // The last for what is periodic.
            for far in WIDER.into_iter().chain([0.3]) {
                let mut z = x.to_vec();
                z[i] = bounds.moved(i, x[i], side * far * sizes[i]);
                if z[i] != x[i] && !changed {
                    moved = true;
                    changed = changes(value(&z)?, f);
                }
            }
            if moved && !changed {
                flat.push(i);
                break;
            }
        }
    }
    Ok(flat)
}
