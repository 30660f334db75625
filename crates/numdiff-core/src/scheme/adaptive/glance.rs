//! The second derivative to a few digits, to see whether lines fit together.

use crate::Status;
use crate::line::{LineEstimate, Pending};
use crate::scheme::OneOutput;

/// The second derivative from one pair of values at t and -t, with the rounding of the values as its error;
/// 0 with an infinite one where f is not defined there.
pub(crate) fn glance(t: f64, samples: &mut OneOutput<'_>) -> Result<LineEstimate, Pending> {
    let center = samples.value(0.0)?;
    let mut estimate = LineEstimate {
        value: 0.0,
        error: f64::INFINITY,
        step: t,
        status: Status::Converged,
        evaluations: 1,
    };
    let admitted = |t: f64| samples.line.inside(t) && samples.line.reaches(t);
    if !(t > 0.0 && admitted(t) && admitted(-t)) {
        return Ok(estimate);
    }
    samples.source.announce(&[-t, t]);
    let (minus, plus) = (samples.value(-t)?, samples.value(t)?);
    estimate.evaluations = 3;
    let value = ((plus - center) + (minus - center)) / t / t;
    let size = minus.abs().max(plus.abs()).max(center.abs());
    let rounding = 4.0 * samples.line.place().epsilon * size / t / t;
    if value.is_finite() && rounding.is_finite() {
        (estimate.value, estimate.error) = (value, rounding);
    }
    Ok(estimate)
}
