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

use super::algebra::marked;
use super::chain::{Chain, Curve};
use super::dispatch::{Isa, Kernel, Part};
use super::exponential::{exp, exp_near, is_near, ln_1p};
use super::factored::Product;
use super::gradient::{Kinks, Setting};
use super::increment::{Moved as _, Sides, Value};
use super::lanes::{LANES, Lanes};
use super::reach::Reach;
use super::rows::{add_units, each, lanes_of, unit_rows};
use super::suffix::{Scratch, Units};
use crate::Loss;

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
    setting: &Setting,
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
    let (factors, movement) = factors(chain, l, setting, &labels, epsilon)?;
    let x = unit_rows(layer);
    let mut odds = Vec::new();
    if epsilon.is_none() {
        odds = head.c.clone();
        for (row, t) in odds.chunks_exact_mut(head.outputs).zip(&labels) {
            let own = row[*t];
            row.iter_mut().for_each(|c| *c -= own);
        }
        setting.level.exponentials(&mut odds);
    }
    let plan = Plan {
        chain,
        l,
        setting,
        x,
        labels,
        epsilon,
        odds,
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
    // Odds move by the difference of two movements.
    let near = is_near(2.0 * movement);
    each(&mut rows, setting.threads, work, |k, (out, kinks)| {
        let plan = &plan;
        if near {
            setting.level.run(Unit::<true> {
                plan,
                k,
                out,
                kinks,
            });
        } else {
            setting.level.run(Unit::<false> {
                plan,
                k,
                out,
                kinks,
            });
        }
    });
    add_units(out, &differences, layer, |w| {
        1.0 / (chain.samples as f64 * setting.divisor(setting.moves(w)))
    });
    Some(marked(&kinks, layer))
}

/// Factors between two removals of the exponent so that no product leaves the range, and a bound on
/// every movement behind the layer; `None` when already one factor could leave the range, or a
/// parameter does not move.
fn factors(
    chain: &Chain<'_>,
    l: usize,
    setting: &Setting,
    labels: &[usize],
    epsilon: Option<f64>,
) -> Option<(usize, f64)> {
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
    (factors >= 1.0).then(|| ((factors as usize).min(FACTORS), movement))
}

struct Plan<'a> {
    chain: &'a Chain<'a>,
    l: usize,
    setting: &'a Setting,
    /// [`unit_rows`].
    x: Vec<f64>,
    labels: Vec<usize>,
    /// `None`: the loss is the log-softmax.
    epsilon: Option<f64>,
    /// e^(c_j - c_t), samples x outputs, for the log-softmax.
    odds: Vec<f64>,
    factors: usize,
}

/// Differences for the weights and the bias of one unit; `NEAR` as in [`Value`].
struct Unit<'a, 'o, const NEAR: bool> {
    plan: &'a Plan<'a>,
    k: usize,
    out: &'o mut [f64],
    kinks: &'o mut [f64],
}

/// Both sides of the difference in one sample.
type Both<I> = Sides<Lanes<I>>;

/// e^(c + w x) on both sides, given e^c as well. Written without a closure: one that the compiler does
/// not inline is translated for the baseline, and runs many times slower.
#[inline(always)]
fn exponentials<I: Isa, const NEAR: bool>(
    w: Lanes<I>,
    x: &Sides<Value<I, NEAR>>,
    c: f64,
    e: f64,
) -> Both<I> {
    let part = Exponentials { w, x, c, e };
    if NEAR && I::WIDE {
        part.compute()
    } else {
        I::outline(part)
    }
}

struct Exponentials<'a, I: Isa, const NEAR: bool> {
    w: Lanes<I>,
    x: &'a Sides<Value<I, NEAR>>,
    c: f64,
    e: f64,
}

impl<I: Isa, const NEAR: bool> Part<I> for Exponentials<'_, I, NEAR> {
    type Output = Both<I>;
    #[inline(always)]
    fn compute(self) -> Both<I> {
        let Self { w, x, c, e } = self;
        if !NEAR {
            let c = Lanes::splat(c);
            return Sides {
                up: exp(w.fma(x.up.0, c)),
                down: exp(w.fma(x.down.0, c)),
            };
        }
        let e = Lanes::splat(e);
        Sides {
            up: e * exp_near(w * x.up.0),
            down: e * exp_near(w * x.down.0),
        }
    }
}

#[inline(always)]
fn sum<I: Isa>(a: Both<I>, b: Both<I>) -> Both<I> {
    Sides {
        up: a.up + b.up,
        down: a.down + b.down,
    }
}

#[inline(always)]
fn same<I: Isa>(x: f64) -> Both<I> {
    Sides {
        up: Lanes::splat(x),
        down: Lanes::splat(x),
    }
}

type Moves<I, const NEAR: bool> = Scratch<I, Sides<Value<I, NEAR>>>;

/// What moved behind a unit, on its way to the loss of a sample.
struct Moved<'s, I: Isa, const NEAR: bool> {
    /// The unit.
    k: usize,
    /// The sample.
    n: usize,
    /// By how much the unit's output moved.
    dz: Sides<Value<I, NEAR>>,
    /// By how much the network's outputs did; empty where they follow from `dz` by one product.
    outputs: &'s [Sides<Value<I, NEAR>>],
}

impl Plan<'_> {
    /// Whether the network's outputs are those of the layer itself, or follow by one product each.
    fn place(&self) -> (bool, bool) {
        let behind = &self.chain.layers[self.l + 1..];
        let direct = behind.len() == 1 && behind[0].curve == Curve::Identity;
        (behind.is_empty(), direct && self.epsilon.is_some())
    }

    /// Sum over j of e_j, and the target's: where the network's outputs follow from the unit by one
    /// product each.
    #[inline(always)]
    fn direct<I: Isa, const NEAR: bool>(&self, moved: &Moved<'_, I, NEAR>) -> [Both<I>; 2] {
        let (head, n, k) = (&self.chain.head, moved.n, moved.k);
        let t = self.labels[n];
        let row = n * head.outputs..(n + 1) * head.outputs;
        let (shifted, e) = (&head.shifted[row.clone()], &head.e[row]);
        let next = &self.chain.layers[self.l + 1];
        let weights = &next.weights[k * next.outputs..(k + 1) * next.outputs];
        let mut total = same(0.0);
        for ((w, shifted), e) in weights.iter().zip(shifted).zip(e) {
            total = sum(
                total,
                exponentials(Lanes::splat(*w), &moved.dz, *shifted, *e),
            );
        }
        // Computed once more: a branch for it in the loop would cost more.
        let own = exponentials(Lanes::splat(weights[t]), &moved.dz, shifted[t], e[t]);
        [total, own]
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

/// [`Plan::direct`] for any other place of the unit.
struct Behind<'a, I: Isa, const NEAR: bool> {
    plan: &'a Plan<'a>,
    moved: Moved<'a, I, NEAR>,
}

impl<I: Isa, const NEAR: bool> Part<I> for Behind<'_, I, NEAR> {
    type Output = [Both<I>; 2];
    #[inline(always)]
    fn compute(self) -> [Both<I>; 2] {
        let Self { plan, moved } = self;
        let (head, n, k) = (&plan.chain.head, moved.n, moved.k);
        let t = plan.labels[n];
        let row = n * head.outputs..(n + 1) * head.outputs;
        let (shifted, e) = (&head.shifted[row.clone()], &head.e[row]);
        let one = Lanes::splat(1.0);
        // The outputs that move: the unit itself where it is one of them.
        let last = moved.outputs.is_empty();
        let own = [moved.dz];
        let (outputs, first) = if last {
            (&own[..], k)
        } else {
            (moved.outputs, 0)
        };
        let (mut total, mut target) = (same(0.0), same(e[t]));
        for (moved, j) in outputs.iter().zip(first..) {
            let e = exponentials(one, moved, shifted[j], e[j]);
            total = sum(total, e);
            if j == t {
                target = e;
            }
        }
        if last {
            let (others, before) = (Lanes::splat(head.sum[n]), Lanes::splat(e[k]));
            total = Sides {
                up: others + (total.up - before),
                down: others + (total.down - before),
            };
        }
        [total, target]
    }
}

/// The log-softmax loss, ln(1 + sum over j != t of e^(c_j - c_t)).
struct LogSoftmax<'a, I: Isa, const NEAR: bool> {
    plan: &'a Plan<'a>,
    moved: Moved<'a, I, NEAR>,
}

impl<I: Isa, const NEAR: bool> Part<I> for LogSoftmax<'_, I, NEAR> {
    type Output = Both<I>;
    #[inline(always)]
    fn compute(self) -> Both<I> {
        let Self { plan, moved } = self;
        let (head, n, k) = (&plan.chain.head, moved.n, moved.k);
        let t = plan.labels[n];
        let row = n * head.outputs..(n + 1) * head.outputs;
        let (c, e) = (&head.c[row.clone()], &plan.odds[row]);
        let (last, _) = plan.place();
        let mut odds = same(0.0);
        for j in (0..c.len()).filter(|j| *j != t) {
            let apart = if last {
                let sign = f64::from(u8::from(k == j)) - f64::from(u8::from(k == t));
                let sign = Lanes::splat(sign);
                Sides {
                    up: Value::<I, NEAR>(sign * moved.dz.up.0),
                    down: Value::<I, NEAR>(sign * moved.dz.down.0),
                }
            } else {
                let (own, other) = (&moved.outputs[t], &moved.outputs[j]);
                Sides {
                    up: Value::<I, NEAR>(other.up.0 - own.up.0),
                    down: Value::<I, NEAR>(other.down.0 - own.down.0),
                }
            };
            odds = sum(
                odds,
                exponentials(Lanes::splat(1.0), &apart, c[j] - c[t], e[j]),
            );
        }
        Sides {
            up: ln_1p(odds.up),
            down: ln_1p(odds.down),
        }
    }
}

impl<const NEAR: bool> Kernel for Unit<'_, '_, NEAR> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self {
            plan,
            k,
            out,
            kinks,
        } = self;
        let (width, samples) = (out.len(), plan.chain.samples);
        let mut scratch = Moves::<I, NEAR>::new(plan.chain);
        let (last, direct) = plan.place();
        for start in (0..width).step_by(LANES) {
            let moves = plan.moves::<I>(k, start);
            let (mut above, mut below) = (Product::<I>::one(), Product::<I>::one());
            let mut difference = Lanes::<I>::splat(0.0);
            scratch.kinks = Lanes::splat(0.0);
            // The unit's own movement is one long dependency, that of the next sample is computed
            // beside what lies behind this one's.
            let mut ahead = Sides::<Value<I, NEAR>>::zero();
            for next in 0..=samples {
                let dz = ahead;
                if next < samples {
                    let x = Lanes::load(&plan.x[lanes_of(start, next, samples)..], 0.0);
                    let u = Sides {
                        up: Value(moves.up * x),
                        down: Value(moves.down * x),
                    };
                    let units = Units::Same(k);
                    ahead = plan.chain.column(plan.l, next, units, u, &mut scratch);
                }
                let Some(n) = next.checked_sub(1) else {
                    continue;
                };
                let outputs = if last || direct {
                    &[][..]
                } else {
                    plan.chain
                        .outputs(plan.l, n, Units::Same(k), dz, &mut scratch)
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
                        let hit = Sides {
                            up: sum.up.fma(epsilon, own.up),
                            down: sum.down.fma(epsilon, own.down),
                        };
                        above.mantissa = above.mantissa * (sum.up * hit.down);
                        below.mantissa = below.mantissa * (sum.down * hit.up);
                    }
                    None => {
                        let loss = I::outline(LogSoftmax { plan, moved });
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
