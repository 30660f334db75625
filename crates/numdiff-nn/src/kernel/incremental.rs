//! Incremental differences: of two full evaluations only what moved is recomputed.
//!
//! For a weight (i, k) of layer l one column of that layer moves, the next layer by a
//! rank-one update, the rest densely; everything before is cached. The sixteen lanes are
//! inputs i of one unit k. Every value is the value a plain program would have computed, up
//! to its last digits, and so is the difference of the two losses.
//!
//! Movements are small, as a rule: then e^(c + d) is e^c, which is cached, times e^d, which is a short
//! polynomial to the last place.
//!
//! With ln(y + epsilon) the loss of a batch is a sum of logarithms, so its difference is the
//! logarithm of a ratio of products: no logarithm or division in the loop and fewer roundings
//! than the sum. The log-softmax is not of that kind: where a prediction is nearly certain its
//! loss is tiny, and a factor near 1 would have lost it; its logarithms are taken one by one.

mod loss;

use super::chain::Chain;
use super::reach::Reach;
use super::rows::{Kinks, each_unit, lanes_of, unit_rows};
use super::suffix::{Moving, Outputs, Scratch};
use super::units::Units;
use crate::movement::{Moved as _, Sides, Subtracted};
use crate::simd::{Isa, Kernel, LANES, Lanes, Product, is_near};
use crate::{GradientMethod, Loss};
use loss::{Behind, LogSoftmax, Moved};

/// Factors between two removals of the exponent, at most.
const FACTORS: usize = 16;

/// A product of factors may reach e^600 or e^-600, inside the range of `f64`.
const RANGE: f64 = 600.0;

/// Adds the gradient of the mean loss for layer `l` to `out`. `None` for a loss other than a softmax cross-entropy over
/// two or more outputs with one class per sample, and when the step is too large for this arithmetic or does not
/// move a parameter.
pub(crate) fn gradient(
    chain: &Chain<'_>,
    l: usize,
    method: &GradientMethod,
    out: &mut [f64],
) -> Option<Kinks> {
    let (layer, head) = (&chain.layers[l], &chain.head);
    if head.outputs < 2 {
        // One class is certain: the loss is constant, without any rounding.
        return None;
    }
    let epsilon = match head.loss {
        Loss::SoftmaxCrossEntropy { epsilon } => Some(epsilon),
        Loss::LogSoftmax => None,
        _ => return None,
    };
    let label = |hot: &Vec<(usize, f64)>| match hot[..] {
        [(t, 1.0)] => Some(t),
        _ => None,
    };
    let labels: Vec<usize> = head.hot.iter().map(label).collect::<Option<_>>()?;
    let (factors, movement) = factors(chain, l, method, &labels, epsilon)?;
    let (mut odds, mut others) = (Vec::new(), Vec::new());
    if epsilon.is_none() {
        odds = head.c.clone();
        for (row, t) in odds.chunks_exact_mut(head.outputs).zip(&labels) {
            let own = row[*t];
            row.iter_mut().for_each(|c| *c -= own);
        }
        method.simd_level().exponentials(&mut odds);
    } else if l + 1 == chain.layers.len() {
        others = head.sums_of_others();
    }
    let plan = &Plan {
        chain,
        l,
        method,
        x: unit_rows(layer),
        labels,
        others,
        epsilon,
        odds,
        factors,
    };
    let blocks = layer.outputs * (layer.width() / LANES);
    let work = (2 * blocks * chain.samples) as f64 * chain.depth(l);
    // Odds move by the difference of two movements.
    let near = is_near(2.0 * movement);
    let scale = |w| 1.0 / (chain.samples as f64 * method.divisor(method.moves(w)));
    let run = |k, out: &mut [f64], kinks: &mut [f64]| {
        let level = method.simd_level();
        if near {
            level.run(Unit::<true> {
                plan,
                k,
                out,
                kinks,
            });
        } else {
            level.run(Unit::<false> {
                plan,
                k,
                out,
                kinks,
            });
        }
    };
    Some(each_unit(layer, (method.threads, work), out, scale, run))
}

/// Factors between two removals of the exponent so that no product leaves the range, and a bound on
/// every movement behind the layer; `None` when already one factor could leave the range, or a
/// parameter does not move.
fn factors(
    chain: &Chain<'_>,
    l: usize,
    method: &GradientMethod,
    labels: &[usize],
    epsilon: Option<f64>,
) -> Option<(usize, f64)> {
    let (layer, head) = (&chain.layers[l], &chain.head);
    let mut farthest = 0f64;
    for w in layer.weights.iter().chain(layer.bias) {
        let [up, down] = method.moves(*w);
        let divisor = method.divisor([up, down]);
        if !divisor.is_finite() || divisor <= 0.0 {
            return None;
        }
        farthest = farthest.max(up).max(down);
    }
    let largest = layer.x.iter().fold(1f64, |top, x| top.max(x.abs()));
    let movement = largest * farthest * Reach::new(chain, l).lambda;
    // |ln| of what is computed of one sample: the sum and the target's factor, each moved, or
    // the odds of another class.
    let logarithm = |(n, t): (usize, &usize)| {
        let at = n * head.outputs + t;
        match epsilon {
            Some(epsilon) => {
                let sum = head.sum[n];
                sum.ln().abs() + (head.e[at] + epsilon * sum).ln().abs()
            }
            None => head.shifted[at].abs(),
        }
    };
    let largest = labels.iter().enumerate().map(logarithm);
    let factors = RANGE / (largest.fold(0.0, f64::max) + 2.0 * movement);
    (factors >= 1.0).then(|| ((factors as usize).min(FACTORS), movement))
}

struct Plan<'a> {
    chain: &'a Chain<'a>,
    l: usize,
    method: &'a GradientMethod,
    /// [`unit_rows`].
    x: Vec<f64>,
    labels: Vec<usize>,
    /// [`Head::sums_of_others`](super::head::Head::sums_of_others), where the units are the outputs.
    others: Vec<f64>,
    /// `None`: the loss is the log-softmax.
    epsilon: Option<f64>,
    /// e^(c_j - c_t), samples x outputs, for the log-softmax.
    odds: Vec<f64>,
    factors: usize,
}

/// Differences for the weights and the bias of one unit; `NEAR` as in [`Subtracted`].
struct Unit<'a, 'o, const NEAR: bool> {
    plan: &'a Plan<'a>,
    k: usize,
    out: &'o mut [f64],
    kinks: &'o mut [f64],
}

impl Plan<'_> {
    /// How far the weights of unit `k` from input `start` on move, up and (negative) down.
    #[inline(always)]
    fn moves<I: Isa>(&self, k: usize, start: usize) -> [Lanes<I>; 2] {
        let layer = &self.chain.layers[self.l];
        let (mut up, mut down) = ([0.0; LANES], [0.0; LANES]);
        for (lane, i) in (start..layer.inputs + 1).take(LANES).enumerate() {
            let of_input = layer.weights.get(i * layer.outputs + k);
            let w = of_input.or(layer.bias.get(k)).copied().unwrap_or(0.0);
            let moves = self.method.moves(w);
            (up[lane], down[lane]) = (moves[0], -moves[1]);
        }
        [Lanes::load(&up, 0.0), Lanes::load(&down, 0.0)]
    }
}

impl<const NEAR: bool> Kernel for Unit<'_, '_, NEAR> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self { plan, k, .. } = self;
        let Plan { chain, l, .. } = *plan;
        let samples = chain.samples;
        let units = Units::Same(k);
        let mut scratch = Scratch::<I, Sides<I, Subtracted<NEAR>>>::new(chain);
        let (last, direct) = plan.place();
        for start in (0..self.out.len()).step_by(LANES) {
            let [up, down] = plan.moves::<I>(k, start);
            let (mut above, mut below) = (Product::<I>::one(), Product::<I>::one());
            let mut difference = Lanes::<I>::splat(0.0);
            scratch.kinks = Lanes::splat(0.0);
            // The unit's own movement is one long dependency, that of the next sample is computed
            // beside what lies behind this one's.
            let mut ahead = Sides::zero();
            for next in 0..=samples {
                let dz = ahead;
                if next < samples {
                    let x = Lanes::load(&plan.x[lanes_of(start, next, samples)..], 0.0);
                    let n = next;
                    ahead = Moving { chain, l, n, units }
                        .through_curve_inline(Sides::new(up * x, down * x), &mut scratch.kinks);
                }
                let Some(n) = next.checked_sub(1) else {
                    continue;
                };
                let outputs = if last || direct {
                    &[][..]
                } else {
                    I::outline(Outputs {
                        moving: Moving { chain, l, n, units },
                        dz,
                        scratch: &mut scratch,
                    })
                };
                let moved = Moved { k, n, dz, outputs };
                match plan.epsilon {
                    Some(epsilon) => {
                        let [sum, own] = if direct {
                            plan.direct(&moved)
                        } else {
                            I::outline(Behind { plan, moved })
                        };
                        let epsilon = Lanes::splat(epsilon);
                        let hit = [sum[0].fma(epsilon, own[0]), sum[1].fma(epsilon, own[1])];
                        above.mantissa = above.mantissa * (sum[0] * hit[1]);
                        below.mantissa = below.mantissa * (sum[1] * hit[0]);
                    }
                    None => {
                        let [up, down] = I::outline(LogSoftmax { plan, moved });
                        difference = difference + (up - down);
                    }
                }
                if (n + 1) % plan.factors == 0 {
                    above.settle();
                    below.settle();
                }
            }
            (above.ln_ratio(below) + difference).store(&mut self.out[start..]);
            scratch.kinks.store(&mut self.kinks[start..]);
        }
    }
}
