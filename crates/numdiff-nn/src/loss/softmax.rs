//! The softmax cross-entropy -sum_k t_k ln(y_k + epsilon), y = softmax(c): value, increment and slope.
//!
//! The probability y_t of class t is divided by 1 + F, F = sum over j != t of y_j (e^(d_j - d_t) - 1), when the outputs
//! move by d, so -ln(y_t + epsilon) moves by ln(1 + G), G = a F/(1 + b F), where a and b = 1 - a are the shares of y_t
//! and epsilon in their sum: nothing is subtracted that is nearly equal.

use crate::movement::Algebra;
use crate::simd::{Isa, Lanes};
use crate::softmax::exponentials;
use crate::targets::{Target, argmax};

/// The loss of one sample.
pub(super) fn value(c: &[f64], target: Target<'_>, epsilon: f64) -> f64 {
    let mut y = vec![0.0; c.len()];
    let (_, sum) = exponentials(c, &mut y);
    target.each(|k, t| -t * (y[k] / sum + epsilon).ln())
}

/// That without epsilon, sum_k t_k (ln sum_j exp c_j - c_k): exact for predictions however wrong or right.
pub(super) fn log_value(c: &[f64], target: Target<'_>) -> f64 {
    let top = argmax(c.iter().copied());
    // ln(1 + what the others add): exact also when they add next to nothing.
    let others: f64 = c
        .iter()
        .enumerate()
        .filter(|(k, _)| *k != top)
        .map(|(_, v)| (v - c[top]).exp())
        .sum();
    target.each(|k, t| t * (others.ln_1p() + (c[top] - c[k])))
}

/// The shares of y_t and of epsilon in their sum.
pub(crate) fn shares(y: f64, epsilon: f64) -> (f64, f64) {
    if epsilon == 0.0 {
        return (1.0, 0.0);
    }
    let sum = y + epsilon;
    (y / sum, epsilon / sum)
}

/// Adds the slope of -ln(y_t + epsilon), times `weight`, given the sum of all y but y_t: y_t - 1 would be 0 for a
/// class that is nearly certain.
pub(crate) fn add_slope(y: &[f64], (t, others): (usize, f64), weight: f64, out: &mut [f64]) {
    for (j, out) in out.iter_mut().enumerate() {
        *out += weight * if j == t { -others } else { y[j] };
    }
}

/// The derivative by the outputs of one sample.
pub(super) fn slope(c: &[f64], target: Target<'_>, epsilon: f64, g: &mut [f64]) {
    let mut y = vec![0.0; c.len()];
    let (_, sum) = exponentials(c, &mut y);
    y.iter_mut().for_each(|y| *y /= sum);
    g.fill(0.0);
    target.each(|k, t| {
        let others = y[..k].iter().chain(&y[k + 1..]).sum();
        add_slope(&y, (k, others), t * shares(y[k], epsilon).0, g);
        0.0
    });
}

/// Probabilities and their logarithms, as [`increment`] needs them.
#[derive(Clone, Debug)]
pub(crate) struct Increment {
    y: Vec<f64>,
    logarithms: Vec<f64>,
}

impl Increment {
    pub fn new(outputs: usize) -> Self {
        Self {
            y: vec![0.0; outputs],
            logarithms: vec![0.0; outputs],
        }
    }

    /// Those of the outputs c. A logarithm is exact also where y_j is 0 or 1.
    fn fill(&mut self, c: &[f64]) {
        let (top, sum) = exponentials(c, &mut self.y);
        let top_at = argmax(c.iter().copied());
        let others = |y: &[f64]| {
            (0..y.len())
                .filter(|j| *j != top_at)
                .map(|j| y[j])
                .sum::<f64>()
        };
        let normalizer = others(&self.y).ln_1p();
        for ((l, y), c) in self.logarithms.iter_mut().zip(&mut self.y).zip(c) {
            *y /= sum;
            *l = (c - top) - normalizer;
        }
    }
}

/// The loss of one sample after its outputs moved by `d`, however far, minus that before.
pub(super) fn increment(
    c: &[f64],
    d: &[f64],
    target: Target<'_>,
    epsilon: f64,
    scratch: &mut Increment,
) -> f64 {
    scratch.fill(c);
    let Increment { y, logarithms } = &*scratch;
    target.each(|k, t| {
        let term = |j: usize| {
            let apart = d[j] - d[k];
            if apart > 600.0 || y[j] < 1e-290 && apart > 1.0 {
                // One factor may leave the range of `f64` where the product does not.
                (logarithms[j] + apart).exp() - y[j]
            } else {
                y[j] * apart.exp_m1()
            }
        };
        let f: f64 = (0..c.len()).filter(|j| *j != k).map(term).sum();
        // ln(1 + F); where that is far from 0 by its own terms, each a power of e.
        let grows = if (-0.5..1e300).contains(&f) {
            f.ln_1p()
        } else {
            ln_sum_exp((0..c.len()).map(|j| logarithms[j] + (d[j] - d[k])))
        };
        if epsilon == 0.0 {
            return t * grows;
        }
        let moved = if grows.abs() < 1.0 {
            (shares(y[k], epsilon).0 * (-grows).exp_m1()).ln_1p()
        } else {
            let after = (logarithms[k] - grows).exp();
            let relative = (after - y[k]) / (y[k] + epsilon);
            if relative > -0.5 {
                relative.ln_1p()
            } else {
                ((after + epsilon) / (y[k] + epsilon)).ln()
            }
        };
        -t * moved
    })
}

/// ln sum e^v, without overflow.
fn ln_sum_exp(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = values.clone().fold(f64::NEG_INFINITY, f64::max);
    top + values.map(|v| (v - top).exp()).sum::<f64>().ln()
}

/// F of class `t`, sixteen at once, for movements of at most 1, where all outputs move by `d`.
#[inline(always)]
pub(crate) fn odds<I: Isa, A: Algebra<I>>(y: &[f64], t: usize, d: &[A]) -> A {
    let mut f = A::zero();
    for (j, d_j) in d.iter().enumerate() {
        if j != t {
            let apart = d_j.plus_times(Lanes::splat(-1.0), &d[t]);
            f = f.plus_times(Lanes::splat(y[j]), &apart.exp_m1());
        }
    }
    f
}

/// The same where each output moves by its weight times `dz`. That of the class itself is no special case: it does not
/// move against itself.
#[inline(always)]
pub(crate) fn odds_behind<I: Isa, A: Algebra<I>>(y: &[f64], t: usize, weights: &[f64], dz: A) -> A {
    let mut f = A::zero();
    for (w, y) in weights.iter().zip(y) {
        let apart = dz.scaled(Lanes::splat(w - weights[t]));
        f = f.plus_times(Lanes::splat(*y), &apart.exp_m1());
    }
    f
}

/// The same where one output moves by `d`, in each lane another one or the same: that of the target where `own` is 1.
/// `y` are their probabilities, `others` the sum of all but the target's.
#[inline(always)]
pub(crate) fn odds_of_one<I: Isa, A: Algebra<I>>(
    own: Lanes<I>,
    (y, others): (Lanes<I>, f64),
    d: &A,
) -> A {
    // The others move against the target where the unit is the target.
    let sign = own.fma(Lanes::splat(-2.0), Lanes::splat(1.0));
    let share = own.where_above(Lanes::splat(0.0), Lanes::splat(others), y);
    d.scaled(sign).exp_m1().scaled(share)
}

/// By how much -ln(y_t + epsilon) moves: ln(1 + G).
#[inline(always)]
pub(crate) fn certainty<I: Isa, A: Algebra<I>>(f: A, (a, b): (f64, f64)) -> A {
    let scaled = f.scaled(Lanes::splat(b));
    f.scaled(Lanes::splat(a)).over_1p(&scaled).ln_1p()
}
