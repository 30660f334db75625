//! Incremental differences: of two full evaluations only what moved is recomputed.
//!
//! For a weight (i, k) of layer l one column of that layer moves, the next layer by a
//! rank-one update, the rest densely; everything before is cached. The sixteen lanes are
//! inputs i of one unit k. Every value is the value a plain program would have computed, up
//! to its last digits, and so is the difference of the two losses.
//!
//! With ln(y + epsilon) the loss of a batch is a sum of logarithms, so its difference is the
//! logarithm of a ratio of products: no logarithm or division in the loop and fewer roundings
//! than the sum. The log-softmax is not of that kind: where a prediction is nearly certain its
//! loss is tiny, and a factor near 1 would have lost it; its logarithms are taken one by one.

use super::algebra::marked;
use super::chain::{Chain, Curve};
use super::dispatch::{Isa, Kernel};
use super::exponential::{exp, from_integer_bits, ln_1p};
use super::gradient::{Setting, Units as Result};
use super::increment::{Sides, Value};
use super::lanes::{LANES, Lanes};
use super::reach::Reach;
use super::rows::{each, unit_rows};
use super::suffix::{Scratch, Units};
use crate::Loss;

/// Factors between two removals of the exponent, at most.
const FACTORS: usize = 16;

/// A product of factors may reach e^600 or e^-600, inside the range of `f64`.
const RANGE: f64 = 600.0;

/// The differences for layer `l`. `None` for a loss other than a softmax cross-entropy over
/// two or more outputs with one class per sample, and when the step is too large for this arithmetic or does not
/// move a parameter.
pub(crate) fn gradient(chain: &Chain<'_>, l: usize, setting: &Setting) -> Option<Result> {
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
    let factors = factors(chain, l, setting, &labels, epsilon)?;
    let x = unit_rows(layer, 1.0);
    let plan = Plan {
        chain,
        l,
        setting,
        x,
        labels,
        epsilon,
        factors,
    };
    let width = layer.width();
    let mut differences = vec![0.0; layer.outputs * width];
    let mut kinks = vec![0.0; differences.len()];
    let mut rows: Vec<_> = differences
        .chunks_exact_mut(width)
        .zip(kinks.chunks_exact_mut(width))
        .collect();
    let work = (2 * layer.outputs * (width / LANES) * chain.samples) as f64 * chain.depth(l);
    each(&mut rows, setting.threads, work, |k, (out, kinks)| {
        setting.level.run(Unit {
            plan: &plan,
            k,
            out,
            kinks,
        });
    });
    Some(Result {
        differences,
        kinks: marked(&kinks, layer),
    })
}

/// Factors between two removals of the exponent so that no product leaves the range; `None`
/// when already one could, or a parameter does not move.
fn factors(
    chain: &Chain<'_>,
    l: usize,
    setting: &Setting,
    labels: &[usize],
    epsilon: Option<f64>,
) -> Option<usize> {
    let (layer, head) = (&chain.layers[l], &chain.head);
    let mut farthest = 0f64;
    for w in layer.weights.iter().chain(layer.bias) {
        let [up, down] = setting.moves(*w);
        let divisor = setting.divisor([up, down]);
        if !divisor.is_finite() || divisor <= 0.0 {
            return None;
        }
        farthest = farthest.max(up).max(down);
    }
    let movement = layer.x.iter().fold(1f64, |top, x| top.max(x.abs()))
        * farthest
        * Reach::new(chain, l).lambda;
    // |ln| of what is computed of one sample: the sum and the target's factor, each moved, or
    // the odds of another class.
    let mut largest = 0f64;
    for (n, t) in labels.iter().enumerate() {
        let row = n * head.outputs;
        let magnitude = match epsilon {
            Some(epsilon) => {
                let sum = head.sum[n];
                sum.ln().abs() + (head.e[row + t] + epsilon * sum).ln().abs()
            }
            None => head.shifted[row + t].abs(),
        };
        largest = largest.max(magnitude);
    }
    let factors = RANGE / (largest + 2.0 * movement);
    (factors >= 1.0).then(|| (factors as usize).min(FACTORS))
}

struct Plan<'a> {
    chain: &'a Chain<'a>,
    l: usize,
    setting: &'a Setting,
    /// samples x width.
    x: Vec<f64>,
    labels: Vec<usize>,
    /// `None`: the loss is the log-softmax.
    epsilon: Option<f64>,
    factors: usize,
}

/// Differences for the weights and the bias of one unit.
struct Unit<'a, 'o> {
    plan: &'a Plan<'a>,
    k: usize,
    out: &'o mut [f64],
    kinks: &'o mut [f64],
}

/// A product 2^exponent mantissa.
#[derive(Clone, Copy)]
struct Product<I: Isa> {
    mantissa: Lanes<I>,
    exponent: Lanes<I>,
}

impl<I: Isa> Product<I> {
    #[inline(always)]
    fn one() -> Self {
        Self {
            mantissa: Lanes::splat(1.0),
            exponent: Lanes::splat(0.0),
        }
    }

    /// Moves the exponent out of the mantissa, which is positive and normal.
    #[inline(always)]
    fn settle(&mut self) {
        let exponent = from_integer_bits(self.mantissa.exponent_bits(), 1023.0);
        self.exponent = self.exponent + exponent;
        self.mantissa = self
            .mantissa
            .bits_and((1 << 52) - 1)
            .bits_or(1f64.to_bits());
    }

    /// ln(self / other).
    #[inline(always)]
    fn ln_ratio(mut self, mut other: Self) -> Lanes<I> {
        self.settle();
        other.settle();
        let ratio = ln_1p((self.mantissa - other.mantissa) / other.mantissa);
        (self.exponent - other.exponent).fma(Lanes::splat(std::f64::consts::LN_2), ratio)
    }
}

/// Both sides of the difference in one sample.
type Both<I> = Sides<Lanes<I>>;

/// exp(w x + c) on both sides. Written without a closure: one that the compiler does not inline is
/// translated for the baseline, and runs many times slower.
#[inline(always)]
fn exponentials<I: Isa>(w: Lanes<I>, x: &Sides<Value<I>>, c: Lanes<I>) -> Both<I> {
    Sides {
        up: exp(w.fma(x.up.0, c)),
        down: exp(w.fma(x.down.0, c)),
    }
}

#[inline(always)]
fn sum<I: Isa>(a: Both<I>, b: Both<I>) -> Both<I> {
    Sides {
        up: a.up + b.up,
        down: a.down + b.down,
    }
}

type Moves<I> = Scratch<I, Sides<Value<I>>>;

impl Plan<'_> {
    /// Sum over j of e_j, and the factor of the target, e_t + epsilon times that sum.
    #[inline(always)]
    fn factors<I: Isa>(
        &self,
        epsilon: f64,
        k: usize,
        n: usize,
        u: Sides<Value<I>>,
        scratch: &mut Moves<I>,
    ) -> [Both<I>; 2] {
        let Plan { chain, l, .. } = *self;
        let (head, t) = (&chain.head, self.labels[n]);
        let row = n * head.outputs..(n + 1) * head.outputs;
        let (shifted, e) = (&head.shifted[row.clone()], &head.e[row]);
        let dz = chain.column(l, n, Units::Same(k), u, scratch);
        let one = Lanes::splat(1.0);
        let (total, own);
        if l + 1 == chain.layers.len() {
            let at = exponentials(one, &dz, Lanes::splat(shifted[k]));
            let (others, before) = (Lanes::splat(head.sum[n]), Lanes::splat(e[k]));
            total = Sides {
                up: others + (at.up - before),
                down: others + (at.down - before),
            };
            let still = Lanes::splat(e[t]);
            own = if k == t {
                at
            } else {
                Sides {
                    up: still,
                    down: still,
                }
            };
        } else {
            let zero = Lanes::splat(0.0);
            let (mut running, mut hit) = (
                Sides {
                    up: zero,
                    down: zero,
                },
                Sides {
                    up: zero,
                    down: zero,
                },
            );
            let next = &chain.layers[l + 1];
            // Straight from the unit to the outputs: nothing to keep between them.
            let direct = l + 2 == chain.layers.len() && next.curve == Curve::Identity;
            let moved = if direct {
                &[][..]
            } else {
                chain.outputs(l, n, Units::Same(k), dz, scratch)
            };
            let weights = &next.weights[k * next.outputs..(k + 1) * next.outputs];
            for (j, shifted) in shifted.iter().enumerate() {
                let shifted = Lanes::splat(*shifted);
                let at = if direct {
                    exponentials(Lanes::splat(weights[j]), &dz, shifted)
                } else {
                    exponentials(one, &moved[j], shifted)
                };
                running = sum(running, at);
                if j == t {
                    hit = at;
                }
            }
            (total, own) = (running, hit);
        }
        let epsilon = Lanes::splat(epsilon);
        let hit = Sides {
            up: total.up.fma(epsilon, own.up),
            down: total.down.fma(epsilon, own.down),
        };
        [total, hit]
    }

    /// The log-softmax loss, ln(1 + sum over j != t of e^(c_j - c_t)).
    #[inline(always)]
    fn log_softmax<I: Isa>(
        &self,
        k: usize,
        n: usize,
        u: Sides<Value<I>>,
        scratch: &mut Moves<I>,
    ) -> Both<I> {
        let Plan { chain, l, .. } = *self;
        let (head, t) = (&chain.head, self.labels[n]);
        let c = &head.c[n * head.outputs..(n + 1) * head.outputs];
        let dz = chain.column(l, n, Units::Same(k), u, scratch);
        let (zero, one) = (Lanes::splat(0.0), Lanes::splat(1.0));
        let mut odds = Sides {
            up: zero,
            down: zero,
        };
        if l + 1 == chain.layers.len() {
            for j in (0..c.len()).filter(|j| *j != t) {
                let apart = Lanes::splat(c[j] - c[t]);
                odds = if k == t {
                    sum(odds, exponentials(Lanes::splat(-1.0), &dz, apart))
                } else if k == j {
                    sum(odds, exponentials(one, &dz, apart))
                } else {
                    let still = exp(apart);
                    sum(
                        odds,
                        Sides {
                            up: still,
                            down: still,
                        },
                    )
                };
            }
        } else {
            let moved = chain.outputs(l, n, Units::Same(k), dz, scratch);
            for j in (0..c.len()).filter(|j| *j != t) {
                let apart = Lanes::splat(c[j] - c[t]);
                let at = Sides {
                    up: exp(apart + (moved[j].up.0 - moved[t].up.0)),
                    down: exp(apart + (moved[j].down.0 - moved[t].down.0)),
                };
                odds = sum(odds, at);
            }
        }
        Sides {
            up: ln_1p(odds.up),
            down: ln_1p(odds.down),
        }
    }

    /// How far the weights of unit `k` from input `start` on move, up and (negative) down.
    #[inline(always)]
    fn moves<I: Isa>(&self, k: usize, start: usize) -> Sides<Lanes<I>> {
        let layer = &self.chain.layers[self.l];
        let (mut up, mut down) = ([0.0; LANES], [0.0; LANES]);
        for (lane, i) in (start..layer.inputs + 1).take(LANES).enumerate() {
            let of_input = layer.weights.get(i * layer.outputs + k);
            let w = of_input.or(layer.bias.get(k)).copied().unwrap_or(0.0);
            let moves = self.setting.moves(w);
            (up[lane], down[lane]) = (moves[0], -moves[1]);
        }
        Sides {
            up: Lanes::load(&up, 0.0),
            down: Lanes::load(&down, 0.0),
        }
    }
}

impl Kernel for Unit<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self {
            plan,
            k,
            out,
            kinks,
        } = self;
        let width = out.len();
        let mut scratch = Scratch::<I, Sides<Value<I>>>::new(plan.chain);
        for start in (0..width).step_by(LANES) {
            let moves = plan.moves::<I>(k, start);
            let (mut above, mut below) = (Product::<I>::one(), Product::<I>::one());
            let mut difference = Lanes::<I>::splat(0.0);
            scratch.kinks = Lanes::splat(0.0);
            for n in 0..plan.chain.samples {
                let x = Lanes::load(&plan.x[n * width + start..], 0.0);
                let u = Sides {
                    up: Value(moves.up * x),
                    down: Value(moves.down * x),
                };
                match plan.epsilon {
                    Some(epsilon) => {
                        let [sum, hit] = plan.factors(epsilon, k, n, u, &mut scratch);
                        above.mantissa = above.mantissa * (sum.up * hit.down);
                        below.mantissa = below.mantissa * (sum.down * hit.up);
                    }
                    None => {
                        let loss = plan.log_softmax(k, n, u, &mut scratch);
                        difference = difference + (loss.up - loss.down);
                    }
                }
                if (n + 1) % plan.factors == 0 {
                    above.settle();
                    below.settle();
                }
            }
            (above.ln_ratio(below) + difference).store(&mut out[start..]);
            scratch.kinks.store(&mut kinks[start..]);
        }
    }
}
