//! What the complex step keeps to compare itself with the real axis.

use crate::Real;
use crate::random::SplitMix64;
use crate::step::power_of_two;
use num_complex::Complex;

/// A direction, and what f does along it.
#[derive(Clone, Debug, Default)]
pub(crate) struct AxisBuffers<T> {
    /// The direction.
    pub v: Vec<f64>,
    /// The derivative of each output along it, by the complex step.
    pub slopes: Vec<f64>,
    /// The outputs on both sides of x.
    pub sides: [Vec<Complex<T>>; 2],
}

impl<T: Real> AxisBuffers<T> {
    /// A direction that moves every coordinate by a part of its size, to either side, and no slopes yet.
    pub fn begin(&mut self, x: impl Iterator<Item = T>) {
        let mut random = SplitMix64::new(0);
        self.v.clear();
        self.v.extend(x.map(|x| {
            let part = (0.5 + random.uniform()) * power_of_two(size(x.widen()));
            let sign = if random.below(2) == 1 { -1.0 } else { 1.0 };
            T::round_from(sign * part).widen()
        }));
        self.slopes.clear();
    }

    /// Adds the derivative of an output by coordinate `k`.
    #[inline]
    pub fn add(&mut self, output: usize, k: usize, slope: T) {
        if self.slopes.len() <= output {
            self.slopes.resize(output + 1, 0.0);
        }
        self.slopes[output] += slope.widen() * self.v[k];
    }
}

/// |x|; 1 where it is 0.
pub(crate) fn size(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { x.abs() }
}
