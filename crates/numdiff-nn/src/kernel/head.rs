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
        let mut shifted = self.c.clone();
        for row in shifted.chunks_exact_mut(self.outputs) {
            let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            row.iter_mut().for_each(|c| *c -= top);
        }
        self.y.copy_from_slice(&shifted);
        level.exponentials(&mut self.y);
        // What is held inside the range of numbers is 0 beside the largest, which is 1.
        for (y, shifted) in self.y.iter_mut().zip(&shifted) {
            if *shifted < -708.0 {
                *y = 0.0;
            }
        }
        for (n, hot) in self.hot.iter().enumerate() {
            let row = self.row(n);
            let y = &mut self.y[row.clone()];
            let sum: f64 = y.iter().sum();
            for &(t, _) in hot {
                let others = y[..t].iter().sum::<f64>() + y[t + 1..].iter().sum::<f64>();
                self.complement[row.start + t] = others / sum;
            }
            y.iter_mut().for_each(|y| *y /= sum);
        }
    }

    /// The class of each sample and epsilon's share there; `None` where a target is not one class.
    pub fn classes(&self) -> Option<Vec<(usize, f64)>> {
        let class = |(n, hot): (usize, &Vec<(usize, f64)>)| match hot[..] {
            [(t, 1.0)] => Some((t, self.shares(n, t).1)),
            _ => None,
        };
        self.hot.iter().enumerate().map(class).collect()
    }

    /// The softmax of sample `n`.
    #[inline(always)]
    pub fn probabilities(&self, n: usize) -> &[f64] {
        &self.y[self.row(n)]
    }

    /// The shares of y_t and of epsilon in their sum, in sample `n`.
    #[inline(always)]
    pub fn shares(&self, n: usize, t: usize) -> (f64, f64) {
        let y = self.y[n * self.outputs + t];
        softmax::shares(y, self.loss.epsilon().unwrap_or(0.0))
    }

    /// By how much the odds against class `t` move in sample `n` with one output, another one in each lane or the same.
    #[inline(always)]
    pub fn odds_of_one<I: Isa, A: Algebra<I>>(&self, n: usize, unit: Units, t: usize, d: &A) -> A {
        let y: Lanes<I> = unit.of(self.probabilities(n));
        let known = (y, self.complement[n * self.outputs + t]);
        softmax::odds_of_one(unit.is(t), known, d)
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
                let weight = target * self.shares(n, t).0;
                let others = self.complement[row.start + t];
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
                for &(t, weight) in &self.hot[n] {
                    let odds = softmax::odds(self.probabilities(n), t, d);
                    let moved = softmax::certainty(odds, self.shares(n, t));
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
                let mut out = A::zero();
                for &(t, weight) in &self.hot[n] {
                    let odds = self.odds_of_one(n, unit, t, &d);
                    let moved = softmax::certainty(odds, self.shares(n, t));
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
