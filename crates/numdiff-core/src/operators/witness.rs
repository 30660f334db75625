//! Whether second derivatives along several lines belong to one quadratic form.
//!
//! f may be smooth along each line that an operator has and yet have no second derivative: |x y| at 0 is 0
//! along the axes and t^2 along both diagonals, from which one formula makes 1, another 0. Along a line
//! that is none of them a quadratic form is known: two evaluations there tell (Freivalds' check of a
//! matrix product by a random vector, *Probabilistic machines can use less running time*, 1977).

use crate::Status;
use crate::line::{LineResults, LineSet};

/// Twice tan(pi / 5) - 1: no entry of a witness has a simple ratio to another.
pub(super) const IRREGULAR: f64 = 0.453_085_056_010_722;

/// Shares of what was added up that one pair of values may be off by.
const AGREES: f64 = 3e-4;

/// Error bars of what was added up that it may be off by at the steps of the bars: a bar is at least 6
/// deviations of the noise of f over the square of its step, and a pair of values is off by 2.4 of them.
const BARS: f64 = 4.0;

/// What the witness moves coordinate `i` of `n` by, in its unit: up to 1 / sqrt(n), of no simple ratio.
pub(super) fn part(i: usize, n: usize) -> f64 {
    (0.5 + 0.5 * ((i + 1) as f64 * IRREGULAR).fract()) / (n as f64).sqrt()
}

/// What the terms (line, coefficient) of a sum that vanishes for a quadratic form add up to for this output;
/// 0 where that is explained by their errors and the steps of the witnesses.
pub(super) fn contradiction(
    line_set: &LineSet,
    results: &LineResults,
    output: usize,
    terms: impl Iterator<Item = (usize, f64)>,
) -> f64 {
    let first = line_set.first_witness();
    let nearer = BARS * (line_set.served / line_set.glance).powi(2);
    let (mut sum, mut size, mut error) = (0.0, 0.0, 0.0);
    for (line, coefficient) in terms {
        let estimate = results.get(line, output);
        if estimate.status == Status::Fixed {
            // A witness that can't move says nothing.
            return 0.0;
        }
        sum += coefficient * estimate.value;
        size += (coefficient * estimate.value).abs();
        // That of a witness is the rounding at its own step.
        let bars = if line < first { nearer } else { 1.0 };
        error += bars * (coefficient * estimate.error).abs();
    }
    let found = f64::abs(sum);
    if found > AGREES * size + error && found.is_finite() {
        found
    } else {
        0.0
    }
}

/// Adds to the error of a line, which is not smooth together with others.
pub(super) fn doubt(results: &mut LineResults, line: usize, output: usize, error: f64) {
    let mut estimate = results.get(line, output);
    estimate.error += error;
    estimate.status = estimate.status.worse(Status::NotSmooth);
    results.put(line, output, estimate);
}
