//! Barzilai and Borwein's steps.

use super::{At, Direction};
use crate::interrupt::Interrupt;
use crate::search::Search;
use std::collections::VecDeque;

/// Values of which the next must be below the highest: M of Raydan's paper.
const VALUES: usize = 10;
/// Lengths are kept between this one and its inverse: epsilon of the paper.
const SHORTEST: f64 = 1e-10;

/// p = -a g with a = s^T s / s^T y of the last step (Barzilai and Borwein, IMA J. Numer. Anal. 8 (1988) 141-148). f may
/// rise on the way: a nonmonotone search asks for a point below the highest of the last values (Raydan, SIAM J. Optim. 7
/// (1997) 26-33).
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct BarzilaiBorwein {
    length: Option<f64>,
    values: VecDeque<f64>,
}

impl Direction for BarzilaiBorwein {
    fn search(&self) -> Search {
        Search::Backtracking
    }

    fn direction(&mut self, at: At<'_, '_>, p: &mut [f64]) -> Result<(), Interrupt> {
        let length = self.length.unwrap_or(1.0);
        p.iter_mut().zip(at.g).for_each(|(p, g)| *p = -length * g);
        Ok(())
    }

    fn learn(&mut self, _: &mut Vec<f64>, _: &mut Vec<f64>, [ys, _, ss]: [f64; 3]) {
        // Where f does not bend upwards the length tells nothing.
        self.length = (ys > 0.0).then(|| (ss / ys).clamp(SHORTEST, 1.0 / SHORTEST));
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn has_scale(&self) -> bool {
        self.length.is_some()
    }

    fn reference(&mut self, f: f64) -> f64 {
        if self.values.len() == VALUES {
            self.values.pop_front();
        }
        self.values.push_back(f);
        self.values.iter().copied().fold(f, f64::max)
    }
}
