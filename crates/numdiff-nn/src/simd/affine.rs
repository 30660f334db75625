//! An affine layer forward: samples times weights, plus the bias.

use super::dispatch::SimdLevel;
use super::isa::{Isa, Kernel, LANES};
use super::lanes::Lanes;
use super::product::{Tiles, tiles, whole};

/// `out` (samples x outputs) = `x` (samples x inputs) times `weights` (inputs x outputs), plus `bias`
/// (one per output, or empty).
pub(crate) fn affine(
    out: &mut [f64],
    x: &[f64],
    weights: &[f64],
    bias: &[f64],
    outputs: usize,
    level: SimdLevel,
) {
    let inputs = weights.len() / outputs;
    let whole = whole(outputs);
    // The columns that are left over, one after the other.
    let mut left = Vec::with_capacity(outputs.saturating_sub(whole) * inputs);
    for k in whole..outputs {
        left.extend(weights[k..].iter().step_by(outputs));
    }
    level.run(Forward {
        out,
        x,
        weights,
        left: &left,
        inputs,
        outputs,
        whole,
    });
    if !bias.is_empty() {
        for row in out.chunks_exact_mut(outputs) {
            row.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
        }
    }
}

struct Forward<'a> {
    out: &'a mut [f64],
    x: &'a [f64],
    weights: &'a [f64],
    left: &'a [f64],
    inputs: usize,
    outputs: usize,
    whole: usize,
}

impl Kernel for Forward<'_> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(mut self) {
        let samples = self.out.len() / self.outputs;
        let whole = self.whole;
        tiles::<I>(&mut self, samples, whole);
        for n in 0..samples {
            match self.outputs.saturating_sub(self.whole) {
                0 => {}
                1 => self.dots::<I, 1>(n),
                2 => self.dots::<I, 2>(n),
                3 => self.dots::<I, 3>(n),
                _ => self.dots::<I, 4>(n),
            }
        }
    }
}

impl Tiles for Forward<'_> {
    #[inline(always)]
    fn tile<I: Isa, const R: usize>(&mut self, n: usize, column: usize) {
        let mut rows = [self.x; R];
        for (r, row) in rows.iter_mut().enumerate() {
            *row = &self.x[(n + r) * self.inputs..][..self.inputs];
        }
        let mut sums = [Lanes::<I>::splat(0.0); R];
        for i in 0..self.inputs {
            // Beyond the last column stand weights of the next row: lanes that are not stored.
            let w = Lanes::load(&self.weights[i * self.outputs + column..], 0.0);
            for (sum, row) in sums.iter_mut().zip(&rows) {
                *sum = Lanes::splat(row[i]).fma(w, *sum);
            }
        }
        let end = (column + LANES).min(self.outputs);
        for (r, sum) in sums.iter().enumerate() {
            let row = (n + r) * self.outputs;
            sum.store(&mut self.out[row + column..row + end]);
        }
    }
}

impl Forward<'_> {
    /// The last `C` outputs of a sample, with the lanes along the inputs.
    #[inline(always)]
    fn dots<I: Isa, const C: usize>(&mut self, n: usize) {
        let x = &self.x[n * self.inputs..][..self.inputs];
        let mut sums = [Lanes::<I>::splat(0.0); C];
        for start in (0..self.inputs).step_by(LANES) {
            let x = Lanes::load(&x[start..], 0.0);
            for (c, sum) in sums.iter_mut().enumerate() {
                let column = &self.left[c * self.inputs..(c + 1) * self.inputs];
                *sum = x.fma(Lanes::load(&column[start..], 0.0), *sum);
            }
        }
        for (c, sum) in sums.iter().enumerate() {
            let mut parts = sum.array();
            let mut half = LANES / 2;
            while half > 0 {
                for i in 0..half {
                    parts[i] += parts[i + half];
                }
                half /= 2;
            }
            self.out[n * self.outputs + self.whole + c] = parts[0];
        }
    }
}
