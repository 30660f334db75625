//! The loss: what it keeps of the unmoved outputs, and how it moves with them.

use super::increment::{Algebra, Base};
use super::units::Units;
use crate::layers::sigmoid;
use crate::simd::{Curve, Isa, Lanes, Part, SimdLevel};
use crate::targets::Target;
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
            match targets.row(n) {
                Target::Label(t) => row[t] = 1.0,
                Target::Row(values) => row.copy_from_slice(values),
            }
        }
        let hot = dense
            .chunks_exact(outputs)
            .map(|row| {
                row.iter()
                    .copied()
                    .enumerate()
                    .filter(|(_, t)| *t != 0.0)
                    .collect()
            })
            .collect();
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
                    head.y[n] = sigmoid(*c);
                    head.complement[n] = sigmoid(-*c);
                }
            }
            Loss::MeanSquaredError | Loss::SumSquaredError | Loss::Own(_) => {}
        }
        head
    }

    fn softmax(&mut self, level: SimdLevel) {
        let outputs = self.outputs;
        for (row, c) in self
            .shifted
            .chunks_exact_mut(outputs)
            .zip(self.c.chunks_exact(outputs))
        {
            let top = c.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            for (s, c) in row.iter_mut().zip(c) {
                *s = c - top;
            }
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
            let row = n * outputs..(n + 1) * outputs;
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
        for (others, e) in others
            .chunks_exact_mut(self.outputs)
            .zip(self.e.chunks_exact(self.outputs))
        {
            let mut before = 0.0;
            for (others, e) in others.iter_mut().zip(e) {
                *others = before;
                before += e;
            }
            let mut after = 0.0;
            for (others, e) in others.iter_mut().zip(e).rev() {
                *others += after;
                after += e;
            }
        }
        others
    }

    /// The shares of y_t and of epsilon in their sum.
    fn shares(&self, at: usize) -> (f64, f64) {
        match self.loss {
            Loss::SoftmaxCrossEntropy { epsilon } if epsilon > 0.0 => {
                let sum = self.y[at] + epsilon;
                (self.y[at] / sum, epsilon / sum)
            }
            _ => (1.0, 0.0),
        }
    }

    /// The derivative of the loss of sample `n` by its outputs.
    pub fn slope(&self, n: usize, out: &mut [f64]) {
        let row = n * self.outputs;
        out.fill(0.0);
        match self.loss {
            Loss::SoftmaxCrossEntropy { .. } | Loss::LogSoftmax => {
                for &(t, target) in &self.hot[n] {
                    let weight = target * self.shares(row + t).0;
                    for (j, out) in out.iter_mut().enumerate() {
                        let at = row + j;
                        *out += weight
                            * if j == t {
                                -self.complement[at]
                            } else {
                                self.y[at]
                            };
                    }
                }
            }
            _ => {
                for (j, out) in out.iter_mut().enumerate() {
                    let (at, t) = (row + j, self.targets[row + j]);
                    *out = match self.loss {
                        Loss::SigmoidCrossEntropy => {
                            (1.0 - t) * self.y[at] - t * self.complement[at]
                        }
                        Loss::MeanSquaredError => 2.0 * (self.c[at] - t) / self.outputs as f64,
                        _ => self.c[at] - t,
                    };
                }
            }
        }
    }

    /// By how much the loss of sample `n` moves when all outputs move by `d`.
    ///
    /// With F = sum over j != t of y_j (e^(d_j - d_t) - 1) the probability of class t is
    /// divided by 1 + F, so -ln(y_t + epsilon) moves by ln(1 + G), G = a F / (1 + b F),
    /// where a and b = 1 - a are the shares of y_t and epsilon in their sum.
    #[inline(always)]
    pub fn all<I: Isa, A: Algebra<I>>(&self, n: usize, d: &[A]) -> A {
        let row = n * self.outputs;
        let mut out = A::zero();
        match self.loss {
            Loss::SoftmaxCrossEntropy { .. } | Loss::LogSoftmax => {
                for &(t, weight) in &self.hot[n] {
                    let mut f = A::zero();
                    for (j, d_j) in d.iter().enumerate() {
                        if j != t {
                            let apart = d_j.plus_times(Lanes::splat(-1.0), &d[t]);
                            f = f.plus_times(Lanes::splat(self.y[row + j]), &apart.exp_m1());
                        }
                    }
                    out = out.plus_times(Lanes::splat(weight), &certainty(f, self.shares(row + t)));
                }
            }
            _ => {
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
    pub fn one<I: Isa, A: Algebra<I>>(&self, n: usize, unit: Units, d: A) -> A {
        match self.loss {
            Loss::SoftmaxCrossEntropy { .. } | Loss::LogSoftmax => {
                let row = n * self.outputs;
                let y: Lanes<I> = unit.of(&self.y[row..row + self.outputs]);
                let mut out = A::zero();
                for &(t, weight) in &self.hot[n] {
                    // The others move against the target where the unit is the target.
                    let own: Lanes<I> = unit.is(t);
                    let sign = own.fma(Lanes::splat(-2.0), Lanes::splat(1.0));
                    let others = Lanes::splat(self.complement[row + t]);
                    let share = own.where_above(Lanes::splat(0.0), others, y);
                    let moved = A::zero().plus_times(sign, &d).exp_m1();
                    let f = A::zero().plus_times(share, &moved);
                    out = out.plus_times(Lanes::splat(weight), &certainty(f, self.shares(row + t)));
                }
                out
            }
            _ => self.single(n, unit, d),
        }
    }

    /// Losses that are sums over the outputs.
    #[inline(always)]
    fn single<I: Isa, A: Algebra<I>>(&self, n: usize, unit: Units, d: A) -> A {
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

impl<I: Isa, A: Algebra<I>> Part<I> for Term<'_, A> {
    type Output = A;
    #[inline(always)]
    fn compute(self) -> A {
        let Self { head, n, unit, d } = self;
        let row = n * head.outputs..(n + 1) * head.outputs;
        let c: Lanes<I> = unit.of(&head.c[row.clone()]);
        let t: Lanes<I> = unit.of(&head.targets[row.clone()]);
        match head.loss {
            Loss::SigmoidCrossEntropy => {
                let (y, rest): (Lanes<I>, Lanes<I>) = (
                    unit.of(&head.y[row.clone()]),
                    unit.of(&head.complement[row]),
                );
                // A softplus does without e.
                let up = Base {
                    a: c,
                    z: c,
                    p: y,
                    q: y * rest,
                    e: c,
                };
                let down = Base {
                    a: -c,
                    z: -c,
                    p: rest,
                    q: y * rest,
                    e: c,
                };
                let mut smooth = Lanes::splat(0.0);
                // One place for both, in which the compiler keeps one copy of the softplus.
                let one = Lanes::splat(1.0);
                let mut out = A::zero();
                for (base, sign, weight) in [(&up, one, one - t), (&down, -one, t)] {
                    let d = A::zero().plus_times(sign, &d);
                    let moved = d.activate(Curve::Softplus, base, &mut smooth);
                    out = out.plus_times(weight, &moved);
                }
                out
            }
            _ => {
                let scale = match head.loss {
                    Loss::MeanSquaredError => 1.0 / head.outputs as f64,
                    _ => 0.5,
                };
                let scale = Lanes::splat(scale);
                d.quadratic(Lanes::splat(2.0) * (c - t) * scale, scale)
            }
        }
    }
}

/// ln(1 + a f / (1 + b f)).
#[inline(always)]
fn certainty<I: Isa, A: Algebra<I>>(f: A, (a, b): (f64, f64)) -> A {
    let scaled = A::zero().plus_times(Lanes::splat(b), &f);
    A::zero()
        .plus_times(Lanes::splat(a), &f)
        .over_1p(&scaled)
        .ln_1p()
}
