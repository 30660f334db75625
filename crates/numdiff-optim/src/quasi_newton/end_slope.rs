//! The slope where a search ends, which its values tell without a probe.

use crate::interpolation::Cubic;

/// What a search knows of the gradient where it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct EndSlope {
    /// g^T s for the step s.
    pub value: f64,
    /// Estimated absolute error of `value`.
    pub error: f64,
    /// How far the parabola through fewer values is off, as a share of the slope at the start.
    pub doubt: f64,
}

/// The derivative at `t` of the cubic with slope `slope` at 0, known to within `slope_error`, through
/// (t, `change`) and the nearest other value, heights relative to the value at 0; `None` when the search has
/// no other. `level` is the noise of a value.
///
/// The parabola without the other value is wrong by t^2 f'''/6 to first order, which is what the two differ
/// by; the cubic's error is of the next order. An error of `slope` arrives t/o - 1 times as large, o the
/// place of the other value.
pub(super) fn at_end(
    (slope, slope_error): (f64, f64),
    (t, change): (f64, f64),
    others: &[(f64, f64)],
    level: f64,
) -> Option<EndSlope> {
    let distance = |other: &(f64, f64)| (other.0 - t).abs();
    let nearest = others
        .iter()
        .filter(|other| other.0 != t)
        .min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    // Beyond ten times nearer or farther the other value says nothing of f near t.
    if !(0.1 * t..=10.0 * t).contains(&nearest.0) {
        return None;
    }
    let cubic = Cubic::through(slope, (t, change), *nearest)?.slope(t);
    let parabola = 2.0 * change / t - slope;
    let inherited = 4.0 * level / distance(nearest) + (t / nearest.0 - 1.0).abs() * slope_error;
    let doubt = ((cubic - parabola).abs() + inherited) / slope.abs();
    doubt.is_finite().then_some(EndSlope {
        value: cubic * t,
        // A tenth for the next order: nothing tells how much smaller it is.
        error: (0.1 * (cubic - parabola).abs() + inherited) * t,
        doubt,
    })
}
