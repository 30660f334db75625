//! Numbers and sentences of messages.

use std::fmt;

/// f that is not finite at x leaves nothing to try but another x; beside x, other points.
pub(super) fn non_finite(
    value: f64,
    coordinate: usize,
    displacement: f64,
    output: usize,
) -> String {
    if displacement == 0.0 {
        return format!("output {output} of f is {value} at x itself; move x into f's domain");
    }
    let displacement = Short(displacement);
    format!(
        "output {output} of f is {value} with coordinate {coordinate} moved by {displacement}; use bounds, a one-sided scheme or Adaptive"
    )
}

/// f that can't take a NaN has its pattern found in another way; elsewhere other points may serve.
pub(super) fn failed(coordinate: usize, displacement: f64, source: &dyn fmt::Display) -> String {
    if displacement.is_nan() {
        return format!(
            "f failed with NaN in the place of coordinate {coordinate}: {source}; use detect_pattern_by_probing, which moves x a little"
        );
    }
    if displacement == 0.0 {
        return format!("f failed at x itself: {source}; move x into f's domain");
    }
    let displacement = Short(displacement);
    format!(
        "f failed with coordinate {coordinate} moved by {displacement}: {source}; bounds keep f away from points it can't take, and where f returns NaN, or None, Adaptive goes around"
    )
}

/// A number in as few characters as say it: 1e-20 rather than twenty zeros.
pub(super) struct Short(pub f64);

impl fmt::Display for Short {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size == 0.0 || (1e-4..1e7).contains(&size) || !size.is_finite() {
            fmt::Display::fmt(&self.0, formatter)
        } else {
            fmt::LowerExp::fmt(&self.0, formatter)
        }
    }
}
