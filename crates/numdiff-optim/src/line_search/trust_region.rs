//! Trust regions.

use super::{Found, Line, moves};
use crate::interrupt::Interrupt;
use crate::matrix::norm;

/// The step p itself, or a smaller radius for the next direction (Nocedal and Wright, algorithm 4.1).
pub(super) fn search(
    line: &mut Line<'_, '_>,
    radius: &mut f64,
    predicted: f64,
) -> Result<Found, Interrupt> {
    let (length, f) = (norm(line.p), line.value(1.0)?);
    let ratio = if f.is_finite() {
        (line.f - f) / predicted
    } else {
        -1.0
    };
    if !(ratio >= 0.25) {
        *radius = 0.25 * length;
    } else if ratio > 0.75 && length >= 0.99 * *radius {
        *radius *= 2.0;
    }
    if ratio > 1e-4 && f < line.f {
        return Ok(Found::Step { t: 1.0, f });
    }
    let is_lost = predicted <= f64::EPSILON * line.f.abs();
    match is_lost || !moves(line.x, line.p, 1.0) {
        true => Ok(Found::Nothing),
        false => Ok(Found::Shorter),
    }
}
