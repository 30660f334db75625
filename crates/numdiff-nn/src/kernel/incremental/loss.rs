//! From what moved behind a unit to the softmax losses of a sample, before it and after.

use super::Plan;
use crate::curves::Curve;
use crate::movement::{Sides, Value};
use crate::simd::{Isa, Lanes, Part, exp, exp_near, ln_1p};

/// Both sides of the difference in one sample.
type Both<I> = Sides<Lanes<I>>;

/// What moved behind a unit, on its way to the loss of a sample.
pub(super) struct Moved<'s, I: Isa, const NEAR: bool> {
    /// The unit.
    pub(super) k: usize,
    /// The sample.
    pub(super) n: usize,
    /// By how much the unit's output moved.
    pub(super) dz: Sides<Value<I, NEAR>>,
    /// By how much the network's outputs did; empty where they follow from `dz` by one product.
    pub(super) outputs: &'s [Sides<Value<I, NEAR>>],
}

impl Plan<'_> {
    /// Whether the network's outputs are those of the layer itself, or follow by one product each.
    pub(super) fn place(&self) -> (bool, bool) {
        let behind = &self.chain.layers[self.l + 1..];
        let direct = behind.len() == 1 && behind[0].curve == Curve::Identity;
        (behind.is_empty(), direct && self.epsilon.is_some())
    }

    /// Sum over j of e_j, and the target's: where the network's outputs follow from the unit by one
    /// product each.
    #[inline(always)]
    pub(super) fn direct<I: Isa, const NEAR: bool>(
        &self,
        moved: &Moved<'_, I, NEAR>,
    ) -> [Both<I>; 2] {
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
}

/// [`Plan::direct`] for any other place of the unit.
pub(super) struct Behind<'a, I: Isa, const NEAR: bool> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) moved: Moved<'a, I, NEAR>,
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
            total = sum(total, same(plan.others[n * head.outputs + k]));
        }
        [total, target]
    }
}

/// The log-softmax loss, ln(1 + sum over j != t of e^(c_j - c_t)).
pub(super) struct LogSoftmax<'a, I: Isa, const NEAR: bool> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) moved: Moved<'a, I, NEAR>,
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
