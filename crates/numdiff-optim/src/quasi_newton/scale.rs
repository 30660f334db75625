//! The sizes of the unknowns.

use super::QuasiNewton;
use super::start::FIRST;
use crate::differences::{Sides, Slope};
use crate::flat::PROBE_DISTANCE;
use crate::interrupt::Interrupt;
use crate::minimality_check::LEAST;
use crate::problem::Problem;
use crate::reach::Look;
use crate::scale::{ROUNDS, SHRINK, Size, SlopeSample, TURN};

impl QuasiNewton {
    /// The size of a coordinate, which is taken to be `floor` of the typical one at least.
    pub(super) fn size(&self, i: usize, floor: f64) -> f64 {
        let size = self.x[i].abs().max(floor * self.x_scale[i]);
        self.reach.limit(i, size)
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
            if self.reach.is_short(i) {
                wide[i] = wide[i].max(best);
            }
        }
        wide
    }

    /// Looks closer at the `open` coordinates, whose second differences over these steps are `slopes`; says whether f
    /// varies over less than one of them is large, and takes the gradient anew then.
    pub(super) fn find_reach(
        &mut self,
        problem: &mut Problem<'_>,
        seen: (&[f64], &[Slope]),
        open: Vec<bool>,
    ) -> Result<bool, Interrupt> {
        let at = Look {
            x: &self.x,
            f: self.f,
            level: self.level(),
            lower: self.lower(),
        };
        let found = self.reach.look_closer(problem, &at, seen, open)?.is_some();
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
