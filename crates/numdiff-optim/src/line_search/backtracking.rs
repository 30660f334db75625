//! Armijo's condition by backtracking.

use super::Line;
use crate::interpolation::{SHORTER, shorter};
use crate::interrupt::Interrupt;

/// From 1 to below eps of the first trial by halves.
const TRIALS: usize = 60;

/// Shortens t between a tenth and a half, by interpolation, until Armijo's condition holds (Dennis and
/// Schnabel, algorithm A6.3.1).
pub(super) fn search(line: &mut Line<'_, '_>, mut t: f64) -> Result<Option<(f64, f64)>, Interrupt> {
    let mut failed: Option<(f64, f64)> = None;
    for _ in 0..TRIALS {
        let f = line.value(t)?;
        if line.decreases(t, f) && f < line.reference {
            return Ok(Some((t, f)));
        }
        let change = f - line.f;
        let next = shorter(line.slope, (t, change), failed, SHORTER);
        if change.is_finite() {
            failed = Some((t, change));
        }
        t = next;
        let moves = line
            .x
            .iter()
            .zip(line.p)
            .any(|(x, p)| (t * p).abs() > f64::EPSILON * x.abs());
        if !moves {
            break;
        }
    }
    Ok(None)
}
