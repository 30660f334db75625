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
