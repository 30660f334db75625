//! The product that ends most algorithms: the derivative by the weights of an affine layer.
//!
//! A tile of the result is kept in registers, sixteen columns wide. A number of the result is one
//! chain of fused multiply-adds over the samples in their order, whatever the tile, the registers and
//! the number of threads.

use super::dispatch::SimdLevel;
use super::isa::{Isa, Kernel, LANES};
use super::lanes::Lanes;
use super::work::each;

/// Columns beyond the last whole sixteen that are not worth a tile of their own, which would use up to
/// a quarter of its lanes: for them the lanes run along the other side of the product.
const FEW: usize = LANES / 4;

/// Rows of the result that one thread computes at a time.
const CHUNK: usize = 4 * LANES;

/// How many columns are computed in tiles of sixteen, the last perhaps not full.
pub(crate) fn whole(columns: usize) -> usize {
    if columns % LANES <= FEW {
        columns / LANES * LANES
    } else {
        columns.next_multiple_of(LANES)
    }
}

/// A product that is computed in tiles of sixteen columns.
pub(crate) trait Tiles {
    /// `R` rows of sixteen columns.
    fn tile<I: Isa, const R: usize>(&mut self, row: usize, column: usize);
}

/// So many rows and columns, in the largest tiles whose sums the registers hold.
#[inline(always)]
pub(crate) fn tiles<I: Isa>(product: &mut impl Tiles, rows: usize, whole: usize) {
    for column in (0..whole).step_by(LANES) {
        let mut row = 0;
        while I::TILE >= 8 && row + 8 <= rows {
            product.tile::<I, 8>(row, column);
            row += 8;
        }
        while row + 2 <= rows {
            product.tile::<I, 2>(row, column);
            row += 2;
        }
        if row < rows {
            product.tile::<I, 1>(row, column);
        }
    }
}

/// Where the derivatives by a layer's values stand: for each sample a row of `outputs`, the rows
/// `stride` apart.
#[derive(Clone, Copy)]
pub(crate) struct Slopes<'a> {
    pub values: &'a [f64],
    pub stride: usize,
    pub outputs: usize,
}

impl Slopes<'_> {
    /// Adds to `out`, a layer's parameters (weights inputs x outputs, then the bias, if it has one), the
    /// sum over the samples of input times slope; `x` is samples x inputs, the input of the bias
    /// `of_bias`.
    pub fn accumulate(
        &self,
        out: &mut [f64],
        (x, inputs): (&[f64], usize),
        of_bias: f64,
        (threads, level): (usize, SimdLevel),
    ) {
        let Self {
            values,
            stride,
            outputs,
        } = *self;
        let samples = x.len() / inputs;
        let (weights, bias) = out.split_at_mut(inputs * outputs);
        let mut chunks: Vec<&mut [f64]> = weights.chunks_mut(CHUNK * outputs).collect();
        let work = (inputs * samples * outputs) as f64 / LANES as f64;
        each(&mut chunks, threads, work, |chunk, out| {
            level.run(Product {
                out,
                first: chunk * CHUNK,
                x,
                inputs,
                slopes: *self,
            });
        });
        for (k, b) in bias.iter_mut().enumerate() {
            let sum: f64 = values[k..].iter().step_by(stride).take(samples).sum();
            *b += of_bias * sum;
        }
    }
}

/// Some rows of the result.
struct Product<'a, 'o> {
    out: &'o mut [f64],
    /// The input to which the first of them belongs.
    first: usize,
    x: &'a [f64],
    inputs: usize,
    slopes: Slopes<'a>,
}

impl Kernel for Product<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(mut self) {
        let outputs = self.slopes.outputs;
        let (rows, whole) = (self.out.len() / outputs, whole(outputs));
        tiles::<I>(&mut self, rows, whole);
        for i in (0..rows).step_by(LANES) {
            match outputs.saturating_sub(whole) {
                0 => {}
                1 => self.columns::<I, 1>(i),
                2 => self.columns::<I, 2>(i),
                3 => self.columns::<I, 3>(i),
                _ => self.columns::<I, 4>(i),
            }
        }
    }
}

impl Tiles for Product<'_, '_> {
    #[inline(always)]
    fn tile<I: Isa, const R: usize>(&mut self, i: usize, column: usize) {
        let Slopes {
            values,
            stride,
            outputs,
        } = self.slopes;
        let mut sums = [Lanes::<I>::splat(0.0); R];
        let x = &self.x[self.first + i..];
        for (n, x) in x.chunks(self.inputs).enumerate() {
            // Beyond the row stand other slopes, or nothing: lanes that are not stored.
            let slopes = Lanes::load(&values[n * stride + column..], 0.0);
            let x: &[f64; R] = x.first_chunk().expect("inputs are within a row");
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum = Lanes::splat(*x).fma(slopes, *sum);
            }
        }
        let end = (column + LANES).min(outputs);
        for (r, sum) in sums.iter().enumerate() {
            let row = (i + r) * outputs;
            let out = &mut self.out[row + column..row + end];
            (Lanes::load(out, 0.0) + *sum).store(out);
        }
    }
}

impl Product<'_, '_> {
    /// The last `C` columns of sixteen rows, or of those there are.
    #[inline(always)]
    fn columns<I: Isa, const C: usize>(&mut self, i: usize) {
        let Slopes {
            values,
            stride,
            outputs,
        } = self.slopes;
        let first = outputs - C;
        let mut sums = [Lanes::<I>::splat(0.0); C];
        let x = &self.x[self.first + i..];
        for (n, slopes) in values
            .chunks(stride)
            .take(self.x.len() / self.inputs)
            .enumerate()
        {
            // Beyond the row stands the next sample: lanes that are not stored.
            let x = Lanes::load(&x[n * self.inputs..], 0.0);
            let slopes: &[f64; C] = slopes[first..]
                .first_chunk()
                .expect("columns are within a row");
            for (sum, slope) in sums.iter_mut().zip(slopes) {
                *sum = Lanes::splat(*slope).fma(x, *sum);
            }
        }
        for (c, sum) in sums.iter().enumerate() {
            let rows = self.out[i * outputs..].chunks_exact_mut(outputs);
            for (row, sum) in rows.zip(sum.array()) {
                row[first + c] += sum;
            }
        }
    }
}
