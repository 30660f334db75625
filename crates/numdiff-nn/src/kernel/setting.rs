//! What a gradient is asked for, and what it says besides.

use super::chain::Affine;
use crate::simd::SimdLevel;

/// (input, unit) of the parameters of a layer between whose two sides a kink lies; the bias counts as
/// the last input.
pub(crate) type Kinks = Vec<(usize, usize)>;

/// What an algorithm is asked for.
pub(crate) struct Setting {
    pub step: f64,
    pub nominal: bool,
    pub threads: usize,
    pub level: SimdLevel,
}

impl Setting {
    /// How far a parameter really moves, up and down.
    pub fn moves(&self, w: f64) -> [f64; 2] {
        [(w + self.step) - w, w - (w - self.step)]
    }

    /// What a difference is divided by.
    pub fn divisor(&self, [up, down]: [f64; 2]) -> f64 {
        if self.nominal {
            2.0 * self.step
        } else {
            up + down
        }
    }

    /// What a difference of the summed loss is multiplied by where everything moves by the step.
    pub fn scale(&self, samples: usize) -> f64 {
        1.0 / (samples as f64 * self.divisor([self.step; 2]))
    }
}

impl Affine<'_> {
    /// Flat index of the weight of unit `k` for input `i`, or of its bias.
    pub fn parameter(&self, i: usize, k: usize) -> usize {
        self.offset + i * self.outputs + k
    }
}
