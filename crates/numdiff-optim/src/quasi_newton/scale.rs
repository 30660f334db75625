//! The sizes of the unknowns.

use super::QuasiNewton;
use crate::oracle::{Halt, Oracle};
use crate::scale::{ROUNDS, SHRINK, Seen, Size};
use numdiff_core::{Sides, Slope};

impl QuasiNewton {
    /// Intervals of the share r of each coordinate's size, which is taken to be `floor` of the typical one at least.
    pub(super) fn relative(&self, r: f64, floor: f64) -> Vec<f64> {
        let sizes = self.x.iter().zip(&self.typical);
        sizes.map(|(x, t)| r * x.abs().max(floor * t)).collect()
    }

    /// Looks for the size of each unknown whose first displacement changed f by much: see [`scale`](crate::scale).
    /// `changes` is what those displacements showed. Says whether a size was found; one evaluation for each such
    /// unknown and hundredth.
    pub(super) fn find_scale(
        &mut self,
        oracle: &mut Oracle<'_>,
        changes: &[Slope],
    ) -> Result<bool, Halt> {
        let size = self.f.abs();
        let seen = |slope: Slope| Seen {
            slope: slope.value,
            step: slope.step,
        };
        let mut known: Vec<Seen> = changes.iter().copied().map(seen).collect();
        let mut open: Vec<bool> = known.iter().map(|k| k.is_large(size)).collect();
        let mut found = false;
        for round in 0..ROUNDS {
            if !open.contains(&true) {
                break;
            }
            let intervals: Vec<f64> = known
                .iter()
                .zip(&open)
                .map(|(known, &open)| if open { SHRINK * known.step } else { 0.0 })
                .collect();
            let probe = oracle.probe(&self.x, self.f, &intervals, Sides::One)?;
            for i in (0..open.len()).filter(|&i| intervals[i] > 0.0) {
                let now = seen(probe.slope(i, 0.0, 0.0));
                let verdict = now.after(&known[i], round == 0, size);
                if let Size::Found(size) = verdict {
                    self.typical[i] = size;
                    found = true;
                }
                // Shorter than that the rounding of x blurs the slope.
                let room = now.step > 1e3 * f64::EPSILON * self.x[i].abs();
                open[i] = verdict == Size::Smaller && room;
                known[i] = now;
            }
            oracle.keep(probe);
        }
        Ok(found)
    }
}
