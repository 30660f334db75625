//! Both points of every difference: by how much the loss moves, without subtracting one loss from another.
//!
//! For a weight (i, k) of layer l one column of that layer moves, the next layer by a
//! rank-one update, the rest densely; everything before is cached. The sixteen lanes are
//! inputs i of one unit k.
//!
//! With ln(y + epsilon) the loss of a batch is a sum of logarithms, so its difference is the
//! logarithm of a ratio of products: no logarithm or division for each sample. The log-softmax
//! is not of that kind: where a prediction is nearly certain its loss is tiny, and a factor
//! near 1 would have lost it; its differences are added up. Factors near 1 are rounded.

use super::chain::Chain;
use super::rows::{Kinks, each_unit, lanes_of, unit_rows};
use super::suffix::{LossMoved, Moving, Odds, Scratch};
use super::units::Units;
use crate::GradientMethod;
use crate::curves::Curve;
use crate::loss::softmax;
use crate::movement::{Moved, Sides};
use crate::simd::{Isa, Kernel, LANES, Lanes, Product, is_near};

/// Factors between two removals of the exponent: each is at most e^4, as movements are at most 1.
const FACTORS: usize = 16;

/// Differences for the parameters of one layer.
pub(crate) struct Direct<'a> {
    pub chain: &'a Chain<'a>,
    pub l: usize,
    pub method: &'a GradientMethod,
    /// A bound on every movement behind the layer, at most 1.
    pub movement: f64,
    /// The class of each sample and epsilon's share of what its logarithm is taken of, where the losses of samples
    /// become factors; none where they are added up.
    pub classes: Vec<(usize, f64)>,
}

impl Direct<'_> {
    /// Adds to `out` the derivatives of the loss of some samples, those of each unit.
    pub fn add<'s>(&self, samples: impl Fn(usize) -> &'s [usize] + Sync, out: &mut [f64]) -> Kinks {
        let (layer, method) = (&self.chain.layers[self.l], self.method);
        let pairs: usize = (0..layer.outputs).map(|k| samples(k).len()).sum();
        if pairs == 0 {
            return Vec::new();
        }
        let x = &unit_rows(layer);
        let work = (2 * pairs * (layer.width() / LANES)) as f64 * self.chain.depth(self.l);
        let scale = |w| 1.0 / (self.chain.samples as f64 * method.divisor(method.moves(w)));
        // Two outputs move apart by the sum of two movements.
        let near = is_near(2.0 * self.movement);
        let run = |k, out: &mut [f64], kinks: &mut [f64]| {
            method.simd_level().run(Unit {
                direct: self,
                k,
                samples: samples(k),
                x,
                near,
                out,
                kinks,
            });
        };
        each_unit(layer, (method.threads, work), out, scale, run)
    }

    /// How far the weights of unit `k` from input `start` on move, up and (negative) down.
    #[inline(always)]
    fn moves_of<I: Isa>(&self, k: usize, start: usize) -> [Lanes<I>; 2] {
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

/// Differences for the weights and the bias of one unit, over some samples.
struct Unit<'a, 'o> {
    direct: &'a Direct<'a>,
    k: usize,
    samples: &'a [usize],
    /// [`unit_rows`].
    x: &'a [f64],
    near: bool,
    out: &'o mut [f64],
    kinks: &'o mut [f64],
}

impl Kernel for Unit<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn run<I: Isa>(self) {
        if self.near {
            self.differences::<I, true>();
        } else {
            self.differences::<I, false>();
        }
    }
}

impl Unit<'_, '_> {
    #[inline(always)]
    fn differences<I: Isa, const NEAR: bool>(self) {
        let Self { direct, k, .. } = self;
        let Direct { chain, l, .. } = *direct;
        let units = Units::Same(k);
        let mut scratch = Scratch::<I, Sides<I, NEAR>>::new(chain);
        // The weights of the outputs that follow from the unit by one product each.
        let weights = match &chain.layers[l + 1..] {
            [next] if next.curve == Curve::Identity => {
                &next.weights[k * next.outputs..(k + 1) * next.outputs]
            }
            _ => &[],
        };
        for start in (0..self.out.len()).step_by(LANES) {
            let [up, down] = direct.moves_of::<I>(k, start);
            let (mut above, mut below) = (Product::<I>::one(), Product::<I>::one());
            let mut sum = Lanes::<I>::splat(0.0);
            scratch.kinks = Lanes::splat(0.0);
            // The unit's own movement is one long dependency, that of the next sample is computed
            // beside what lies behind this one's.
            let mut ahead = Sides::zero();
            for next in 0..=self.samples.len() {
                let dz = ahead;
                if let Some(&n) = self.samples.get(next) {
                    let x = Lanes::load(&self.x[lanes_of(start, n, chain.samples)..], 0.0);
                    ahead = Moving { chain, l, n, units }
                        .through_curve_inline(Sides::new(up * x, down * x), &mut scratch.kinks);
                }
                let Some(&n) = next.checked_sub(1).and_then(|last| self.samples.get(last)) else {
                    continue;
                };
                let moving = Moving { chain, l, n, units };
                let Some(&(t, share)) = direct.classes.get(n) else {
                    let moved = I::outline(LossMoved {
                        moving,
                        dz,
                        scratch: &mut scratch,
                    });
                    sum = sum + (moved.up - moved.down);
                    continue;
                };
                let Sides { up, down } = if weights.is_empty() {
                    I::outline(Odds {
                        moving,
                        dz,
                        t,
                        scratch: &mut scratch,
                    })
                } else {
                    softmax::odds_behind(chain.head.probabilities(n), t, weights, dz)
                };
                let (one, share) = (Lanes::splat(1.0), Lanes::splat(share));
                above.mantissa = above.mantissa * ((one + up) * share.fma(down, one));
                below.mantissa = below.mantissa * ((one + down) * share.fma(up, one));
                if next % FACTORS == 0 {
                    above.settle();
                    below.settle();
                }
            }
            (above.ln_ratio(below) + sum).store(&mut self.out[start..]);
            scratch.kinks.store(&mut self.kinks[start..]);
        }
    }
}
