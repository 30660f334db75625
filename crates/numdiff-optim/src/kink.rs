//! Kinks of f at x.

use crate::bounds::Bounds;
use crate::flat::PROBE_DISTANCE;
use crate::interrupt::Interrupt;

/// Its multiples spread evenly over the unit interval.
pub(crate) const GOLDEN: f64 = 0.618_033_988_749_894_8;
/// A bend of this many times the noise is one.
const VISIBLE: f64 = 20.0;

/// Whether f bends at x as a kink does, in proportion to the distance and not to its square: over ten times [`PROBE_DISTANCE`],
/// PROBE_DISTANCE and a tenth of it, along a line through all coordinates that the bounds leave room. `level` is the noise of f.
pub(crate) fn has_kink(
    value: &mut dyn FnMut(&[f64]) -> Result<f64, Interrupt>,
    bounds: &Bounds,
    (x, f): (&[f64], f64),
    sizes: &[f64],
    level: f64,
) -> Result<bool, Interrupt> {
    let direction: Vec<f64> = (0..x.len())
        .map(|i| {
            let (spread, far) = (
                2.0 * ((i + 1) as f64 * GOLDEN).fract() - 1.0,
                10.0 * PROBE_DISTANCE * sizes[i],
            );
            let inside = |to: f64| bounds.clamp(i, to) == to;
            match inside(x[i] + far) && inside(x[i] - far) {
                true => PROBE_DISTANCE * sizes[i] * (0.5 * spread.signum() + 0.5 * spread),
                false => 0.0,
            }
        })
        .collect();
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
    Ok(near > visible && linear(far, near) && linear(bend(10.0)?, far))
}
