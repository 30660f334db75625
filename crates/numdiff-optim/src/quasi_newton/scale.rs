//! The sizes of the unknowns.

use super::QuasiNewton;
use super::start::FIRST;
use crate::differences::{Sides, Slope};
use crate::flat::PROBE_DISTANCE;
use crate::interrupt::Interrupt;
use crate::minimality_check::LEAST;
use crate::problem::Problem;
use crate::scale::{ROUNDS, SHRINK, Size, SlopeSample, TURN};

/// From one distance to the next where f is looked at closer.
const TENTH: f64 = 0.1;
/// Second differences over distances tenfold apart that agree to within this share are those of a parabola.
const AGREE: f64 = 0.25;
/// A second difference that is so many times a wider one is that of a function that varies over less.
const STEEPER: f64 = 3.0;

impl QuasiNewton {
    /// The size of a coordinate, which is taken to be `floor` of the typical one at least.
    pub(super) fn size(&self, i: usize, floor: f64) -> f64 {
        let size = self.x[i].abs().max(floor * self.x_scale[i]);
        size.min(self.reach[i])
    }

    /// The sizes of the unknowns, whatever f does over them.
    pub(super) fn own_sizes(&self) -> Vec<f64> {
        let sizes = self.x.iter().zip(&self.x_scale);
        sizes.map(|(x, t)| x.abs().max(LEAST * t)).collect()
    }

    /// Intervals of the share r of each coordinate's [`size`](Self::size).
    pub(super) fn relative(&self, r: f64, floor: f64) -> Vec<f64> {
        let sizes = 0..self.x.len();
        sizes.map(|i| r * self.size(i, floor)).collect()
    }

    /// The intervals of the check before a claim.
    pub(super) fn wide_intervals(&self) -> Vec<f64> {
        let mut wide = self.relative(PROBE_DISTANCE, LEAST);
        for (i, best) in self.two_sided_intervals().into_iter().enumerate() {
            if self.is_short(i) {
                wide[i] = wide[i].max(best);
            }
        }
        wide
    }

    /// Whether f was seen to vary over less than the coordinate is large.
    pub(super) fn is_short(&self, i: usize) -> bool {
        self.reach[i] < f64::MAX
    }

    /// Looks closer at the `open` coordinates, whose second differences over these steps are `slopes`: f may vary over
    /// less than they are large, as beside a bound. Distances shrink tenfold until two second differences agree, or the
    /// noise of f hides them. Says whether such a coordinate was found, and takes the gradient anew. Two evaluations
    /// for each coordinate and tenth.
    pub(super) fn find_reach(
        &mut self,
        problem: &mut Problem<'_>,
        (steps, slopes): (&[f64], &[Slope]),
        mut open: Vec<bool>,
    ) -> Result<bool, Interrupt> {
        if self.noise.is_large(self.f) {
            return Ok(false);
        }
        let (mut steps, mut seen) = (steps.to_vec(), slopes.to_vec());
        let (level, mut found) = (self.level(), false);
        for _ in 0..ROUNDS {
            // A lower point is where to look.
            if self.knows_lower(problem) {
                return Ok(false);
            }
            for (i, step) in steps.iter_mut().enumerate() {
                *step *= TENTH;
                open[i] &= *step > 1e3 * f64::EPSILON * self.x[i].abs();
            }
            if !open.contains(&true) {
                break;
            }
            let asked = |(step, open): (&f64, &bool)| if *open { *step } else { 0.0 };
            let intervals: Vec<f64> = steps.iter().zip(&open).map(asked).collect();
            let differences = problem.differences(&self.x, self.f, &intervals, Sides::Both)?;
            for i in (0..open.len()).filter(|&i| intervals[i] > 0.0) {
                let now = differences.slope(i, 0.0, level);
                let before = std::mem::replace(&mut seen[i], now);
                let (near, far) = (now.curvature.abs(), before.curvature.abs());
                let agree = (near - far).abs() <= AGREE * near;
                let hidden = near <= 2.0 * now.curvature_error;
                let steeper = far > STEEPER * slopes[i].curvature.abs();
                let shown = agree && !hidden || hidden && steeper;
                if shown && before.step < slopes[i].step {
                    self.reach[i] = TURN * before.step;
                    found = true;
                }
                open[i] = !(agree || hidden);
            }
        }
        if found {
            self.recenter(problem)?;
        }
        Ok(found)
    }

    /// Looks for the size of each unknown whose first displacement changed f by much: see [`scale`](crate::scale).
    /// `changes` is what those displacements showed. Says whether a size was found; one evaluation for each such
    /// unknown and hundredth.
    pub(super) fn find_scale(
        &mut self,
        problem: &mut Problem<'_>,
        changes: &[Slope],
    ) -> Result<bool, Interrupt> {
        let size = self.f.abs();
        let mut steps = self.relative(FIRST, 1.0);
        let mut known: Vec<Option<SlopeSample>> = changes.iter().map(seen).collect();
        let mut open: Vec<bool> = changes
            .iter()
            .map(|slope| slope.error.is_infinite() || seen(slope).is_some_and(|k| k.is_large(size)))
            .collect();
        let mut found = false;
        for round in 0..=ROUNDS {
            if !open.contains(&true) {
                break;
            }
            for (i, step) in steps.iter_mut().enumerate() {
                let last = known[i].map_or(*step, |known| known.step);
                // An unknown that is not 0 shows its unit, however small: the last to be tried.
                *step = match round < ROUNDS {
                    true => SHRINK * last,
                    false => FIRST * self.x[i].abs(),
                };
                open[i] &= *step > 0.0 && *step < last;
            }
            let intervals: Vec<f64> = steps
                .iter()
                .zip(&open)
                .map(|(step, &open)| if open { *step } else { 0.0 })
                .collect();
            let differences = problem.differences(&self.x, self.f, &intervals, Sides::One)?;
            for i in (0..open.len()).filter(|&i| intervals[i] > 0.0) {
                let now = seen(&differences.slope(i, 0.0, 0.0));
                let verdict = match (now, known[i]) {
                    (Some(now), Some(longer)) => now.after(&longer, round == 0, size),
                    // The first displacement at which f is finite.
                    (Some(now), None) if !now.is_large(size) => Size::Found(TURN * now.step),
                    _ => Size::Smaller,
                };
                if let Size::Found(size) = verdict {
                    self.x_scale[i] = size;
                    found = true;
                }
                // Shorter than that the rounding of x blurs the slope.
                let room = steps[i] > 1e3 * f64::EPSILON * self.x[i].abs();
                open[i] = verdict == Size::Smaller && room;
                known[i] = now.or(known[i]);
            }
        }
        Ok(found)
    }
}

/// What a differences saw; `None` where f is finite on no side, or the coordinate was left out.
fn seen(slope: &Slope) -> Option<SlopeSample> {
    (slope.error.is_finite() && slope.step > 0.0).then_some(SlopeSample {
        slope: slope.value,
        step: slope.step,
    })
}
