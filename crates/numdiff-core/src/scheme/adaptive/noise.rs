//! Whether a top level is noise, and how that is confirmed.

use super::constants::*;
use super::fit::Fit;
use super::level::Level;
use super::power::{exponent, power_of_two};
use super::sampling::{Miss, Sides, if_defined};
use super::shape::dyadic;
use super::state::{Search, not_smooth};

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
}

impl Search<'_, '_> {
    /// Whether both parities look like an error of the smallest step alone.
    pub(super) fn noise_like(&self, fit: &Fit) -> bool {
        let m = fit.nodes;
        if m < 3 || !fit.is_consecutive() || fit.noisy {
            return false;
        }
        let smallest = &dyadic(self.task.power, m).weights[0];
        let matches = |parity: fn(&Level) -> f64, k: usize| {
            let expected = smallest[k] / smallest[k - 1];
            let ratio = parity(&fit.levels[k]) / parity(&fit.levels[k - 1]) / expected;
            (0.75..=1.4).contains(&ratio)
        };
        // One parity alone: two ratios instead.
        let second = match self.task.power {
            2 => matches(|level| level.even, m - 1),
            _ => m >= 4 && matches(|level| level.odd, m - 2),
        };
        second && matches(|level| level.odd, m - 1)
    }

    /// Whether a deviation of size `level` from `fit` is there at a distance where structure has vanished:
    /// noise keeps its size at every distance. A jump of f at x is [`Miss::Rough`]: one side goes on from
    /// f(x), all of the other is off by the same.
    ///
    /// At most two evaluations, 32 octaves below the smallest step, and well below |x|, or where the slope of
    /// `fit` is 64 times the rounding of f: a value that has not moved there at all is a step of a
    /// staircase, such as a result rounded to fewer digits, which counts as noise. A third one confirms a
    /// jump; three to eight more tell structure from steps that slope.
    pub(super) fn look_deep(&mut self, fit: &Fit, level: f64) -> Result<Deep, Miss> {
        let slope = fit.levels[0].odd;
        let rounding = self.task.epsilon * fit.size;
        let detectable = (64.0 * rounding / slope.abs()).clamp(f64::MIN_POSITIVE, f64::MAX);
        // f that varies with the scale of a small x is smooth well below it; 0 has no scale of its own: f may
        // vary on any.
        let position = self.line.place.position;
        let (far, scale) = match position > 0.0 {
            true => (FAR_APART, exponent(position) - 8),
            false => (FAR_BELOW_ZERO, i32::MAX),
        };
        let small = (fit.lowest() - far)
            .max(exponent(detectable) + 1)
            .min(fit.lowest() - 8)
            .min(scale)
            .max(self.line.lowest);
        // Values off by the same on one side leave top levels of one sign where it is the side ahead, of
        // two where it is the other: the side that goes on from f(x) is seen first.
        let ahead = fit.top().odd.signum() == fit.top().even.signum();
        let sides = match self.line.sides {
            Sides::Both if ahead => [-1.0, 1.0],
            Sides::Both => [1.0, -1.0],
            Sides::One(side) => [side, ANOTHER * side],
        };
        let (mut apart, mut smooth_side) = (true, false);
        let mut slopes = [f64::NAN; 2];
        for (side, steepness) in sides.iter().zip(&mut slopes) {
            let t = side * OFF_GRID_BESIDE * power_of_two(small);
            let Some(value) = if_defined(self.line.value(t))? else {
                continue;
            };
            let moved = self.line.moved(t);
            let (found, expected) = (value - self.line.center, slope * moved);
            if found == 0.0 && expected.abs() > 4.0 * rounding {
                return Ok(Deep::Noise);
            }
            let off = found - expected;
            if off.abs() > 0.1 * level {
                if smooth_side && self.jump_again(slope, t, off)? {
                    return Err(not_smooth(slope, f64::INFINITY, fit.highest()));
                }
                return Ok(Deep::Noise);
            }
            smooth_side = off.abs() <= 1e-3 * level;
            *steepness = found / moved;
            // On both sides, by far more than rounding, and by more than a slope that noise blurs.
            apart &=
                off.abs() > 64.0 * rounding && off.abs() > 1e-3 * found.abs().max(expected.abs());
        }
        // Noise that happens to be small in both has no slope.
        let [a, b] = slopes;
        let straight = (a - b).abs() <= 0.1 * a.abs().max(b.abs()).max(slope.abs());
        if !(apart && straight) {
            return Ok(Deep::Smooth);
        }
        let small_steps = level < SMALL_STEPS * self.line.center.abs();
        let treads = small_steps && self.treads((fit.lowest(), slope), (small, 0.5 * (a + b)))?;
        Ok(if treads {
            Deep::Noise
        } else {
            Deep::Structure(small)
        })
    }
}
