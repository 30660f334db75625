//! Kinks of f at x.

use crate::bounds::Bounds;
use crate::flat::{PROBE_DISTANCE, Values};
use crate::interrupt::Interrupt;

/// Its multiples spread evenly over the unit interval.
pub(crate) const GOLDEN: f64 = 0.618_033_988_749_894_8;
/// A bend of this many times the noise is one.
const VISIBLE: f64 = 20.0;
/// Bends over distances tenfold apart whose ratio is a hundred to within this are those of a parabola.
const PARABOLA: f64 = 0.25;

/// The component of coordinate `i` in the k-th of the lines, counted from 1, whose components are spread over -1 to 1.
pub(crate) fn spread(i: usize, k: usize) -> f64 {
    2.0 * ((i + 1) as f64 * k as f64 * GOLDEN).fract() - 1.0
}

/// How f bends along a line through x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bend {
    /// In proportion to the distance.
    Kink,
    /// To its square, so well that the noise of f is a tenth of the nearest bend at most.
    Parabola,
    Other,
}

/// How f bends at x: over ten times [`PROBE_DISTANCE`], where nearer bends look like a kink's, PROBE_DISTANCE and a
/// tenth of it, along a line through all coordinates that the bounds leave room. `level` is the noise of f.
pub(crate) fn bend_at(
    value: Values<'_>,
    bounds: &Bounds,
    (x, f): (&[f64], f64),
    sizes: &[f64],
    level: f64,
) -> Result<Bend, Interrupt> {
    let direction: Vec<f64> = (0..x.len())
        .map(|i| {
            let (spread, far) = (spread(i, 1), 10.0 * PROBE_DISTANCE * sizes[i]);
            let inside = |to: f64| bounds.clamp(i, to) == to;
            match inside(x[i] + far) && inside(x[i] - far) {
                true => PROBE_DISTANCE * sizes[i] * (0.5 * spread.signum() + 0.5 * spread),
                false => 0.0,
            }
        })
        .collect();
    if direction.iter().all(|d| *d == 0.0) {
        return Ok(Bend::Other);
    }
    let mut bend = |t: f64| -> Result<f64, Interrupt> {
        let mut change = 0.0;
        for t in [t, -t] {
            let z: Vec<f64> = x.iter().zip(&direction).map(|(x, d)| x + t * d).collect();
            change += value(&z)? - f;
        }
        Ok(change)
    };
    let (near, far) = (bend(0.1)?, bend(1.0)?);
    let visible = VISIBLE * level.max(f64::EPSILON * f.abs());
    let linear = |far: f64, near: f64| (5.0..=20.0).contains(&(far / near));
    if near > visible && linear(far, near) && linear(bend(10.0)?, far) {
        return Ok(Bend::Kink);
    }
    Ok(
        match near > visible && (far - 100.0 * near).abs() <= PARABOLA * far {
            true => Bend::Parabola,
            false => Bend::Other,
        },
    )
}
