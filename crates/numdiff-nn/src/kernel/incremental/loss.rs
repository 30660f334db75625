//! From what moved behind a unit to the softmax losses of a sample, before it and after.

use super::Plan;
use crate::curves::Curve;
use crate::movement::{Sides, Subtracted};
use crate::simd::{Isa, Lanes, Part, exp, exp_near, ln_1p};

/// Values on both sides of the difference in one sample, above and below.
type Both<I> = [Lanes<I>; 2];

/// What moved behind a unit, on its way to the loss of a sample.
pub(super) struct Moved<'s, I: Isa, const NEAR: bool> {
    /// The unit.
    pub(super) k: usize,
    /// The sample.
    pub(super) n: usize,
    /// By how much the unit's output moved.
    pub(super) dz: Sides<I, Subtracted<NEAR>>,
    /// By how much the network's outputs did; empty where they follow from `dz` by one product.
    pub(super) outputs: &'s [Sides<I, Subtracted<NEAR>>],
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
        let (head, t) = (&self.chain.head, self.labels[moved.n]);
        let (shifted, e) = (&head.shifted[head.row(moved.n)], &head.e[head.row(moved.n)]);
        let next = &self.chain.layers[self.l + 1];
        let weights = &next.weights[moved.k * next.outputs..(moved.k + 1) * next.outputs];
        let mut total = [Lanes::splat(0.0); 2];
        for ((w, shifted), e) in weights.iter().zip(shifted).zip(e) {
            let term = exponentials(Lanes::splat(*w), &moved.dz, *shifted, *e);
            total = sum(total, term);
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
        let (shifted, e) = (&head.shifted[head.row(n)], &head.e[head.row(n)]);
        let t = plan.labels[n];
        // The outputs that move: the unit itself where it is one of them.
        let last = moved.outputs.is_empty();
        let own = [moved.dz];
        let (outputs, first) = if last {
            (&own[..], k)
        } else {
            (moved.outputs, 0)
        };
        let (mut total, mut target) = ([Lanes::splat(0.0); 2], [Lanes::splat(e[t]); 2]);
        for (moved, j) in outputs.iter().zip(first..) {
            let e = exponentials(Lanes::splat(1.0), moved, shifted[j], e[j]);
            total = sum(total, e);
            if j == t {
                target = e;
            }
        }
        if last {
            let others = plan.others[n * head.outputs + k];
            total = sum(total, [Lanes::splat(others); 2]);
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
        let (c, e) = (&head.c[head.row(n)], &plan.odds[head.row(n)]);
        let t = plan.labels[n];
        let (last, _) = plan.place();
        let mut odds = [Lanes::splat(0.0); 2];
        for j in (0..c.len()).filter(|j| *j != t) {
            let apart = if last {
                let sign = f64::from(u8::from(k == j)) - f64::from(u8::from(k == t));
                let sign = Lanes::splat(sign);
                Sides::new(sign * moved.dz.up, sign * moved.dz.down)
            } else {
                let (own, other) = (&moved.outputs[t], &moved.outputs[j]);
                Sides::new(other.up - own.up, other.down - own.down)
            };
            let term = exponentials::<I, NEAR>(Lanes::splat(1.0), &apart, c[j] - c[t], e[j]);
            odds = sum(odds, term);
        }
        [ln_1p(odds[0]), ln_1p(odds[1])]
    }
}

/// e^(c + w x) on both sides, given e^c as well. Written without a closure: one that the compiler does
/// not inline is translated for the baseline, and runs many times slower.
#[inline(always)]
fn exponentials<I: Isa, const NEAR: bool>(
    w: Lanes<I>,
    x: &Sides<I, Subtracted<NEAR>>,
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
    x: &'a Sides<I, Subtracted<NEAR>>,
    c: f64,
    e: f64,
}

impl<I: Isa, const NEAR: bool> Part<I> for Exponentials<'_, I, NEAR> {
    type Output = Both<I>;
    #[inline(always)]
    fn compute(self) -> Both<I> {
        let Self { w, x, .. } = self;
        if NEAR {
            let e = Lanes::splat(self.e);
            [e * exp_near(w * x.up), e * exp_near(w * x.down)]
        } else {
            let c = Lanes::splat(self.c);
            [exp(w.fma(x.up, c)), exp(w.fma(x.down, c))]
        }
    }
}

#[inline(always)]
fn sum<I: Isa>(a: Both<I>, b: Both<I>) -> Both<I> {
    [a[0] + b[0], a[1] + b[1]]
}
