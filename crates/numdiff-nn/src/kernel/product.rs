//! The product that ends every rung: (samples x units)^T times (samples x inputs).

use super::dispatch::{Isa, Kernel, Level};
use super::lanes::{LANES, Lanes};

/// Adds to `out` (units x width) the sum over the samples of `c` (samples x units, rows
/// `stride` apart) times `x` (samples x width); `width` is a multiple of [`LANES`].
///
/// The inner loop keeps a tile of `out` in registers. A number of `out` is one chain of
/// fused multiply-adds over the samples in their order, whatever the tile.
pub(crate) fn add(
    out: &mut [f64],
    c: &[f64],
    stride: usize,
    x: &[f64],
    width: usize,
    level: Level,
) {
    level.run(Product {
        out,
        c,
        stride,
        x,
        width,
    });
}

struct Product<'a> {
    out: &'a mut [f64],
    c: &'a [f64],
    stride: usize,
    x: &'a [f64],
    width: usize,
}

impl Kernel for Product<'_> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(mut self) {
        let units = self.out.len() / self.width;
        for column in (0..self.width).step_by(LANES) {
            let mut unit = 0;
            // The largest tile whose sums the registers hold.
            while I::TILE >= 8 && unit + 8 <= units {
                self.tile::<I, 8>(unit, column);
                unit += 8;
            }
            while unit + 2 <= units {
                self.tile::<I, 2>(unit, column);
                unit += 2;
            }
            if unit < units {
                self.tile::<I, 1>(unit, column);
            }
        }
    }
}

impl Product<'_> {
    #[inline(always)]
    fn tile<I: Isa, const R: usize>(&mut self, unit: usize, column: usize) {
        let mut sums = [Lanes::<I>::splat(0.0); R];
        for (r, sum) in sums.iter_mut().enumerate() {
            *sum = Lanes::load(&self.out[(unit + r) * self.width + column..], 0.0);
        }
        for (x, c) in self
            .x
            .chunks_exact(self.width)
            .zip(self.c.chunks(self.stride))
        {
            let x = Lanes::load(&x[column..], 0.0);
            let c: &[f64; R] = c[unit..].first_chunk().expect("units are within a row");
            for (sum, c) in sums.iter_mut().zip(c) {
                *sum = Lanes::splat(*c).fma(x, *sum);
            }
        }
        for (r, sum) in sums.iter().enumerate() {
            sum.store(&mut self.out[(unit + r) * self.width + column..]);
        }
    }
}
