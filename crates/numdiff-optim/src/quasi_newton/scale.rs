//! The size of the unknowns, where the first differences show that it is far below 1.

use super::QuasiNewton;
use crate::oracle::{Halt, Oracle};
use numdiff_core::{Sides, Slope};

/// A first displacement, 1e-5 of max(|x|, 1), that changes f by more than this share of it is looked into.
const LARGE: f64 = 0.5;
/// Slopes over displacements a hundredfold apart that agree this well belong to a straight line.
const STRAIGHT: f64 = 0.1;
/// A curve is straight over about a tenth of the length over which it turns.
const TURN: f64 = 10.0;

impl QuasiNewton {
    /// Intervals of the share r of each coordinate's size, which is taken to be `floor` of the typical one at least.
    pub(super) fn relative(&self, r: f64, floor: f64) -> Vec<f64> {
        let sizes = self.x.iter().zip(&self.typical);
        sizes.map(|(x, t)| r * x.abs().max(floor * t)).collect()
    }

    /// Unknowns are taken to be of the order of 1, or of their start if that is larger. When a displacement that small
    /// multiplies f, either f is steep, which a second slope over a hundredth of it confirms, or the unknown is far
    /// smaller (a length of 1e-10 m): then the displacement shrinks until the slope stays or f changes by less than
    /// itself, and its size is what that tells. `changes` is what the first displacements showed. Says whether a size was found; one evaluation for
    /// each suspicious coordinate and hundredth.
    pub(super) fn find_scale(
        &mut self,
        oracle: &mut Oracle<'_>,
        changes: &[Slope],
    ) -> Result<bool, Halt> {
        let f = self.f.abs();
        let mut known: Vec<(f64, f64)> = changes.iter().map(|c| (c.value, c.step)).collect();
        let large = |&(slope, step): &(f64, f64)| (slope * step).abs() > LARGE * f;
        let mut open: Vec<bool> = known.iter().map(large).collect();
        let mut found = false;
        let mut first = true;
        while open.contains(&true) {
            let intervals: Vec<f64> = known
                .iter()
                .zip(&open)
                .map(|(&(_, step), &open)| if open { 0.01 * step } else { 0.0 })
                .collect();
            let probe = oracle.probe(&self.x, self.f, &intervals, Sides::One)?;
            for i in (0..open.len()).filter(|&i| intervals[i] > 0.0) {
                let (slope, step) = known[i];
                let near = probe.slope(i, 0.0, 0.0);
                let straight = (near.value - slope).abs() <= STRAIGHT * slope.abs();
                let small = !large(&(near.value, near.step));
                if straight && !first {
                    self.typical[i] = TURN * step;
                    found = true;
                } else if small && !straight {
                    // At a start where f is level the slope vanishes with the displacement.
                    self.typical[i] = TURN * near.step;
                    found = true;
                }
                let room = near.step > 1e3 * f64::EPSILON * self.x[i].abs() && near.step > 0.0;
                open[i] = !straight && !small && room;
                known[i] = (near.value, near.step);
            }
            oracle.keep(probe);
            first = false;
        }
        Ok(found)
    }
}
