//! What the machine could do at most: the rates against which a kernel is judged.

use super::dispatch::SimdLevel;
use super::exponential::exp;
use super::isa::{Isa, Kernel, LANES};
use super::lanes::Lanes;

impl SimdLevel {
    /// Replaces each element by its exponential, limited to [e^-708, e^709]. It is the exponential of the kernels,
    /// accurate to one unit in the last place. Its time is the least that as many exponentials take inside a kernel.
    ///
    /// # Example
    /// ```
    /// let mut x = [0.0, 1.0, -800.0];
    /// numdiff_nn::SimdLevel::best().exponentials(&mut x);
    /// assert_eq!(x[0], 1.0);
    /// assert!((x[1] - std::f64::consts::E).abs() < 1e-15);
    /// assert!(x[2] < 1e-307);
    /// ```
    pub fn exponentials(self, x: &mut [f64]) {
        self.run(Exponentials(x));
    }

    /// Runs `rounds` rounds of 128 independent multiply-adds, `s = s factor + addend` starting from s = 0, and returns
    /// the sum of the 128 results. It measures how fast the machine multiplies.
    ///
    /// # Example
    /// ```
    /// // 0.5 s + 1 tends to 2.
    /// let sum = numdiff_nn::SimdLevel::best().multiply_adds(100, 0.5, 1.0);
    /// assert_eq!(sum, 256.0);
    /// ```
    pub fn multiply_adds(self, rounds: usize, factor: f64, addend: f64) -> f64 {
        self.run(MultiplyAdds {
            rounds,
            factor,
            addend,
        })
    }
}

struct Exponentials<'a>(&'a mut [f64]);

impl Kernel for Exponentials<'_> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(self) {
        for part in self.0.chunks_mut(LANES) {
            exp(Lanes::<I>::load(part, 0.0)).store(part);
        }
    }
}

/// Chains side by side: with 16 lanes in two registers, enough for the latency of four cycles
/// at two instructions a cycle.
const CHAINS: usize = 8;

struct MultiplyAdds {
    rounds: usize,
    factor: f64,
    addend: f64,
}

impl Kernel for MultiplyAdds {
    type Output = f64;
    #[inline(always)]
    fn run<I: Isa>(self) -> f64 {
        let (factor, addend) = (Lanes::splat(self.factor), Lanes::splat(self.addend));
        // Four passes over a quarter of the chains where the registers do not hold all of them.
        let (passes, mut total) = (if I::TILE >= CHAINS { 1 } else { 4 }, 0.0);
        for _ in 0..passes {
            let sums = match passes {
                1 => chains::<I, CHAINS>(self.rounds, factor, addend),
                _ => chains::<I, { CHAINS / 4 }>(self.rounds, factor, addend),
            };
            total += sums;
        }
        total
    }
}

#[inline(always)]
fn chains<I: Isa, const C: usize>(rounds: usize, factor: Lanes<I>, addend: Lanes<I>) -> f64 {
    let mut sums = [Lanes::<I>::splat(0.0); C];
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = sum.fma(factor, addend);
        }
    }
    sums.iter().flat_map(|sum| sum.array()).sum()
}
