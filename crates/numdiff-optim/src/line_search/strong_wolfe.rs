//! The strong Wolfe conditions.

use super::{End, Line};
use crate::interrupt::Interrupt;

/// Trials before the best point so far has to do.
const TRIALS: usize = 40;

/// Nocedal and Wright, algorithm 3.5: longer until an interval must contain an acceptable point.
pub(super) fn search(line: &mut Line<'_, '_>, mut t: f64) -> Result<Option<(f64, f64)>, Interrupt> {
    let mut last = End {
        t: 0.0,
        f: line.f,
        slope: line.slope,
    };
    for trial in 0..TRIALS {
        let f = line.value(t)?;
        if !f.is_finite() {
            // Outside f's domain: between here and there.
            t = last.t + 0.1 * (t - last.t);
            if (t - last.t).abs() <= f64::EPSILON * t.abs() || t == 0.0 {
                break;
            }
            continue;
        }
        if !line.decreases(t, f) || (trial > 0 && f >= last.f && last.t > 0.0) {
            let slope = f64::NAN;
            return zoom(line, last, End { t, f, slope });
        }
        let slope = line.slope(t, f)?;
        if slope.abs() <= -line.wolfe * line.slope {
            return Ok(Some((t, f)));
        }
        let here = End { t, f, slope };
        if slope >= 0.0 {
            return zoom(line, here, last);
        }
        if t >= line.longest {
            // The bound is in the way of the curvature condition: as good as it gets.
            return Ok(Some((t, f)));
        }
        let longer = extrapolate(last, here).clamp(1.5 * t, 10.0 * t);
        last = here;
        t = longer.min(line.longest);
    }
    Ok((last.t > 0.0).then_some((last.t, last.f)))
}

/// Where the cubic through both ends has its minimum, beyond them.
fn extrapolate(a: End, b: End) -> f64 {
    minimizer(a, b).filter(|t| *t > b.t).unwrap_or(4.0 * b.t)
}

/// The minimizer of the cubic with the values and slopes of both ends (equation 3.59).
fn minimizer(a: End, b: End) -> Option<f64> {
    let d1 = a.slope + b.slope - 3.0 * (a.f - b.f) / (a.t - b.t);
    let d2 = (d1 * d1 - a.slope * b.slope).sqrt() * (b.t - a.t).signum();
    let t = b.t - (b.t - a.t) * (b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2);
    t.is_finite().then_some(t)
}

/// Algorithm 3.6: `low` is the better end and satisfies Armijo's condition.
fn zoom(
    line: &mut Line<'_, '_>,
    mut low: End,
    mut high: End,
) -> Result<Option<(f64, f64)>, Interrupt> {
    for _ in 0..TRIALS {
        let width = high.t - low.t;
        // Rounding: f differs by less than its last places between the ends.
        if width.abs() <= 1e-12 * low.t.abs().max(high.t.abs()) {
            break;
        }
        let inside = if high.slope.is_nan() {
            let (m, f, w) = (low.slope, high.f - low.f, width);
            Some(low.t - m * w * w / (2.0 * (f - m * w)))
        } else {
            minimizer(low, high)
        };
        // A tenth away from the ends, so that the interval shrinks.
        let (first, second) = (low.t + 0.1 * width, low.t + 0.9 * width);
        let t = inside
            .filter(|t| t.is_finite())
            .unwrap_or(low.t + 0.5 * width)
            .clamp(first.min(second), first.max(second));
        let f = line.value(t)?;
        if !f.is_finite() || !line.decreases(t, f) || f >= low.f {
            high = End {
                t,
                f: if f.is_finite() { f } else { f64::MAX },
                slope: f64::NAN,
            };
            continue;
        }
        let slope = line.slope(t, f)?;
        if slope.abs() <= -line.wolfe * line.slope {
            return Ok(Some((t, f)));
        }
        if slope * (high.t - low.t) >= 0.0 {
            high = low;
        }
        low = End { t, f, slope };
    }
    Ok((low.t > 0.0).then_some((low.t, low.f)))
}
