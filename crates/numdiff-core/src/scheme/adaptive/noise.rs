//! Whether a top level is noise, and how that is confirmed.

use super::constants::{OFF_GRID_BESIDE, SMALL_STEPS};
use super::fit::Fit;
use super::power::{exponent, power_of_two};
use super::roughness::jump_again;
use super::sampling::{Line, Miss, Sides};
use super::steps::treads;
use super::task::Task;
use super::vandermonde::Inverse;
use crate::line::Samples;

/// Whether both parities look like an error of the smallest step alone.
pub(super) fn noise_like(fit: &Fit, task: &Task) -> bool {
    let m = fit.nodes;
    if m < 3 || fit.highest() - fit.lowest() + 1 != m as i32 {
        return false;
    }
    let inverse = Inverse::dyadic(task.power, m);
    let matches = |levels: &[f64], k: usize| {
        let expected = inverse.columns[0][k] / inverse.columns[0][k - 1];
        let ratio = levels[k] / levels[k - 1] / expected;
        (0.75..=1.4).contains(&ratio)
    };
    let second = if task.power == 2 {
        matches(&fit.even, m - 1)
    } else {
        // One parity alone: two ratios instead.
        m >= 4 && matches(&fit.odd, m - 2)
    };
    fit.significant[m - 1] && matches(&fit.odd, m - 1) && second
}

/// What the evaluations at a distance where structure has vanished say of a deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Deep {
    /// The deviation keeps its size: it is noise.
    Noise,
    /// It is gone: f is smooth there.
    Smooth,
    /// It is gone, and the slope there, at 2^ this exponent, is another one on which both evaluations
    /// agree: f varies on a scale in between.
    Structure(i32),
    /// f jumps at x: one side goes on from f(x), all of the other is off by the same.
    Jump,
}

/// Whether a deviation of size `level` is there at a distance where structure has vanished:
/// noise keeps its size at every distance.
///
/// At most two evaluations, 32 octaves below 2^`reach`, and well below |x|, or where the slope of
/// `fit` is 64 times the rounding of f: a value that has not moved there at all is a step of a
/// staircase, such as a result rounded to fewer digits, which counts as noise. A third one confirms a
/// jump; three to eight more tell structure from steps that slope.
pub(super) fn look_deep<S: Samples>(
    line: &mut Line<'_, S>,
    task: &Task,
    fit: &Fit,
    level: f64,
    reach: i32,
) -> Result<Deep, Miss> {
    let slope = fit.odd[0];
    let rounding = task.epsilon * fit.size;
    let detectable = (64.0 * rounding / slope.abs()).clamp(f64::MIN_POSITIVE, f64::MAX);
    let position = line.place.position;
    // f that varies with the scale of a small x is smooth well below it.
    let scale = if position > 0.0 {
        exponent(position) - 8
    } else {
        reach
    };
    // 0 has no scale of its own: f may vary on any.
    let far = if position > 0.0 { 32 } else { 80 };
    let small = (reach - far)
        .max(exponent(detectable) + 1)
        .min(reach - 8)
        .min(scale)
        .max(line.lowest);
    // Values off by the same on one side leave top levels of one sign where it is the side ahead, of
    // two where it is the other: the side that goes on from f(x) is seen first.
    let top = fit.nodes - 1;
    let ahead = fit.odd[top].signum() == fit.even[top].signum();
    let sides: &[f64] = match line.sides {
        Sides::Both if ahead => &[-1.0, 1.0],
        Sides::Both => &[1.0, -1.0],
        Sides::One(side) if side > 0.0 => &[1.0, 1.7],
        Sides::One(_) => &[-1.0, -1.7],
    };
    let mut apart = true;
    let mut smooth_side = false;
    let mut slopes = [f64::NAN; 2];
    for (side, steepness) in sides.iter().zip(&mut slopes) {
        let t = side * OFF_GRID_BESIDE * power_of_two(small);
        let value = match line.value(t) {
            Ok(value) => value,
            Err(Miss::Undefined) => continue,
            Err(miss) => return Err(miss),
        };
        let moved = line.moved(t);
        let expected = slope * moved;
        if value == line.center && expected.abs() > 4.0 * rounding {
            return Ok(Deep::Noise);
        }
        let found = value - line.center;
        if (found - expected).abs() > 0.1 * level {
            let jump = found - expected;
            return Ok(if smooth_side && jump_again(line, slope, t, jump)? {
                Deep::Jump
            } else {
                Deep::Noise
            });
        }
        smooth_side = (found - expected).abs() <= 1e-3 * level;
        *steepness = found / moved;
        // On both sides, by far more than rounding, and by more than a slope that noise blurs.
        apart &= (found - expected).abs() > 64.0 * rounding
            && (found - expected).abs() > 1e-3 * found.abs().max(expected.abs());
    }
    // Noise that happens to be small in both has no slope.
    let [a, b] = slopes;
    let straight = (a - b).abs() <= 0.1 * a.abs().max(b.abs()).max(slope.abs());
    if !(apart && straight) {
        return Ok(Deep::Smooth);
    }
    let steep = 0.5 * (a + b);
    let small_steps = level < SMALL_STEPS * line.center.abs();
    Ok(
        if small_steps && treads(line, (fit.lowest(), slope), (small, steep))? {
            Deep::Noise
        } else {
            Deep::Structure(small)
        },
    )
}
