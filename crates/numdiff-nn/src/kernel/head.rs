//! The loss: what it keeps of the unmoved outputs, and how it moves with them.

use super::units::Units;
use crate::curves::{self, Through};
use crate::loss::{sigmoid, softmax, squares};
use crate::movement::Algebra;
use crate::simd::{Isa, Lanes, Part, SimdLevel};
use crate::{Loss, Targets};

/// What the loss keeps of the unmoved outputs; arrays are samples x outputs.
pub(crate) struct Head {
    pub loss: Loss,
    pub outputs: usize,
    pub c: Vec<f64>,
    /// c_j - max c, and e to this power: for a softmax.
    pub shifted: Vec<f64>,
    pub e: Vec<f64>,
    /// Sums of the rows of e.
    pub sum: Vec<f64>,
    /// Probabilities: the softmax, or s(c) for sigmoid outputs.
    pub y: Vec<f64>,
    /// 1 - y without cancellation: the sum of the others, where the target is not 0, or s(-c).
    pub complement: Vec<f64>,
    pub targets: Vec<f64>,
    /// Per sample, the outputs whose target is not 0, with the target.
    pub hot: Vec<Vec<(usize, f64)>>,
}

impl Head {
    pub fn new(loss: Loss, c: &[f64], targets: &Targets, samples: usize, level: SimdLevel) -> Self {
        let outputs = c.len() / samples;
        let mut dense = vec![0.0; c.len()];
        for (n, row) in dense.chunks_exact_mut(outputs).enumerate() {
            targets.row(n).visit(outputs, |k, t| row[k] = t);
        }
        let hot = |row: &[f64]| {
            let all = row.iter().copied().enumerate();
            all.filter(|(_, t)| *t != 0.0).collect()
        };
        let hot = dense.chunks_exact(outputs).map(hot).collect();
        let mut head = Self {
            loss,
            outputs,
            shifted: vec![0.0; c.len()],
            e: vec![0.0; c.len()],
            sum: vec![0.0; samples],
            y: vec![0.0; c.len()],
            complement: vec![0.0; c.len()],
            targets: dense,
            hot,
            c: c.to_vec(),
        };
        match loss {
            Loss::SoftmaxCrossEntropy { .. } | Loss::LogSoftmax => head.softmax(level),
            Loss::SigmoidCrossEntropy => {
                for (n, c) in head.c.iter().enumerate() {
                    head.y[n] = curves::sigmoid(*c);
                    head.complement[n] = curves::sigmoid(-*c);
                }
            }
            Loss::MeanSquaredError | Loss::SumSquaredError | Loss::Own(_) => {}
        }
        head
    }

    fn softmax(&mut self, level: SimdLevel) {
        let rows = self.shifted.chunks_exact_mut(self.outputs);
        for (row, c) in rows.zip(self.c.chunks_exact(self.outputs)) {
            let top = c.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            row.iter_mut().zip(c).for_each(|(s, c)| *s = c - top);
        }
        self.e.copy_from_slice(&self.shifted);
        level.exponentials(&mut self.e);
        // What is held inside the range of numbers is 0 beside the largest, which is 1.
        for (e, shifted) in self.e.iter_mut().zip(&self.shifted) {
            if *shifted < -708.0 {
                *e = 0.0;
            }
        }
        for n in 0..self.sum.len() {
            let row = self.row(n);
            let e = &self.e[row.clone()];
            let sum: f64 = e.iter().sum();
            self.sum[n] = sum;
            for (y, e) in self.y[row.clone()].iter_mut().zip(e) {
                *y = e / sum;
            }
            for &(t, _) in &self.hot[n] {
                let others = e[..t].iter().sum::<f64>() + e[t + 1..].iter().sum::<f64>();
                self.complement[row.start + t] = others / sum;
            }
        }
    }

    /// Sums of the rows of e without each element, samples x outputs: subtracting a large one from the
    /// sum of all would lose the rest.
    pub fn sums_of_others(&self) -> Vec<f64> {
        let mut others = vec![0.0; self.e.len()];
        let rows = others.chunks_exact_mut(self.outputs);
        for (others, e) in rows.zip(self.e.chunks_exact(self.outputs)) {
            let (mut before, mut after) = (0.0, 0.0);
            for (others, e) in others.iter_mut().zip(e) {
                *others = before;
                before += e;
            }
            for (others, e) in others.iter_mut().zip(e).rev() {
                *others += after;
                after += e;
            }
        }
        others
    }

    /// The shares of y_t and of epsilon in their sum.
    fn shares(&self, at: usize) -> (f64, f64) {
        softmax::shares(self.y[at], self.loss.epsilon().unwrap_or(0.0))
    }

    /// Where the values of sample `n` stand.
    #[inline(always)]
    pub fn row(&self, n: usize) -> std::ops::Range<usize> {
        n * self.outputs..(n + 1) * self.outputs
    }

    /// The derivative of the loss of sample `n` by its outputs.
    pub fn slope(&self, n: usize, out: &mut [f64]) {
        let row = self.row(n);
        if self.loss.epsilon().is_some() {
            out.fill(0.0);
            for &(t, target) in &self.hot[n] {
                let at = row.start + t;
                let weight = target * self.shares(at).0;
                let others = self.complement[at];
                softmax::add_slope(&self.y[row.clone()], (t, others), weight, out);
            }
            return;
        }
        let squares = self.loss.of_squares(self.outputs);
        for (out, at) in out.iter_mut().zip(row) {
            let (c, t) = (self.c[at], self.targets[at]);
            *out = match squares {
                Some(factor) => 2.0 * factor * (c - t),
                None => sigmoid::cached_slope(self.y[at], self.complement[at], t),
            };
        }
    }

    /// By how much the loss of sample `n` moves when all outputs move by `d`.
    #[inline(always)]
    pub fn all<I: Isa, A: Algebra<I> + Through<I>>(&self, n: usize, d: &[A]) -> A {
        let mut out = A::zero();
        match self.loss {
            Loss::SoftmaxCrossEntropy { .. } | Loss::LogSoftmax => {
                let row = self.row(n);
                for &(t, weight) in &self.hot[n] {
                    let shares = self.shares(row.start + t);
                    let moved = softmax::all_moved(&self.y[row.clone()], t, shares, d);
                    out = out.plus_times(Lanes::splat(weight), &moved);
                }
            }
            Loss::SigmoidCrossEntropy
            | Loss::MeanSquaredError
            | Loss::SumSquaredError
            | Loss::Own(_) => {
                for (j, d_j) in d.iter().enumerate() {
                    out = out.plus_times(Lanes::splat(1.0), &self.single(n, Units::Same(j), *d_j));
                }
            }
        }
        out
    }

    /// By how much the loss of sample `n` moves when one output, another one in each lane
    /// or the same, moves by `d`.
    #[inline(always)]
    pub fn one<I: Isa, A: Algebra<I> + Through<I>>(&self, n: usize, unit: Units, d: A) -> A {
        match self.loss {
            Loss::SoftmaxCrossEntropy { .. } | Loss::LogSoftmax => {
                let row = self.row(n);
                let y: Lanes<I> = unit.of(&self.y[row.clone()]);
                let mut out = A::zero();
                for &(t, weight) in &self.hot[n] {
                    let at = row.start + t;
                    let known = (y, self.complement[at]);
                    let moved = softmax::one_moved(unit.is(t), known, self.shares(at), &d);
                    out = out.plus_times(Lanes::splat(weight), &moved);
                }
                out
            }
            Loss::SigmoidCrossEntropy
            | Loss::MeanSquaredError
            | Loss::SumSquaredError
            | Loss::Own(_) => self.single(n, unit, d),
        }
    }

    /// Losses that are sums over the outputs: squares, or the sigmoid's. The caller's own never come here.
    #[inline(always)]
    fn single<I: Isa, A: Algebra<I> + Through<I>>(&self, n: usize, unit: Units, d: A) -> A {
        I::outline(Term {
            head: self,
            n,
            unit,
            d,
        })
    }
}

/// The term of such a loss that belongs to one output.
struct Term<'a, A> {
    head: &'a Head,
    n: usize,
    unit: Units,
    d: A,
}

impl<I: Isa, A: Algebra<I> + Through<I>> Part<I> for Term<'_, A> {
    type Output = A;
    #[inline(always)]
    fn compute(self) -> A {
        let Self { head, n, unit, d } = self;
        let row = head.row(n);
        let c: Lanes<I> = unit.of(&head.c[row.clone()]);
        let t: Lanes<I> = unit.of(&head.targets[row.clone()]);
        if let Some(factor) = head.loss.of_squares(head.outputs) {
            return squares::moved(c, t, Lanes::splat(factor), d);
        }
        let (y, complement) = (&head.y[row.clone()], &head.complement[row]);
        sigmoid::moved(c, [unit.of(y), unit.of(complement)], t, d)
    }
}
