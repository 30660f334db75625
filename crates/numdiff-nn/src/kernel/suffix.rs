//! The rest of the network behind one moved unit.

use super::chain::{Affine, Chain};
use super::units::Units;
use crate::curves::{Base, Curve, Through};
use crate::loss::softmax;
use crate::movement::{Algebra, Moved};
use crate::simd::{Isa, Lanes, Part};

/// Buffers for two layers' movements, and the kinks that were met.
pub(crate) struct Scratch<I: Isa, M> {
    now: Vec<M>,
    next: Vec<M>,
    pub kinks: Lanes<I>,
}

impl<I: Isa, M: Moved<I>> Scratch<I, M> {
    #[inline(always)]
    pub fn new(chain: &Chain<'_>) -> Self {
        let widths = chain.layers.iter().map(|layer| layer.outputs);
        let widest = widths.max().unwrap_or(0);
        Self {
            now: vec![M::zero(); widest],
            next: vec![M::zero(); widest],
            kinks: Lanes::splat(0.0),
        }
    }
}

impl Affine<'_> {
    /// The cached values of some units in sample `n`.
    #[inline(always)]
    fn base<I: Isa>(&self, n: usize, units: Units) -> Base<I> {
        let row = n * self.outputs..(n + 1) * self.outputs;
        Base {
            a: units.of(&self.a[row.clone()]),
            p: units.of(&self.p[row.clone()]),
            q: units.of(&self.q[row]),
        }
    }
}

/// Units of a layer through its activation, in sample `n`.
struct Activations<'a, I: Isa, M> {
    layer: &'a Affine<'a>,
    n: usize,
    /// Those of the first element; the next ones belong to the next unit each.
    units: Units,
    moved: &'a mut [M],
    kinks: &'a mut Lanes<I>,
}

impl<I: Isa, M: Through<I>> Part<I> for Activations<'_, I, M> {
    type Output = ();
    #[inline(always)]
    fn compute(self) {
        for (j, moved) in self.moved.iter_mut().enumerate() {
            let base = self.layer.base(self.n, self.units.plus(j));
            *moved = moved.activate(self.layer.curve, &base, self.kinks);
        }
    }
}

/// Units of layer `l` whose pre-activations move in sample `n`.
#[derive(Clone, Copy)]
pub(crate) struct Moving<'a> {
    pub chain: &'a Chain<'a>,
    pub l: usize,
    pub n: usize,
    pub units: Units,
}

impl Moving<'_> {
    /// By how much their outputs move when their pre-activations move by `u`.
    #[inline(always)]
    pub fn through_curve<I: Isa, M: Through<I>>(self, u: M, kinks: &mut Lanes<I>) -> M {
        let mut moved = [u];
        I::outline(Activations {
            layer: &self.chain.layers[self.l],
            n: self.n,
            units: self.units,
            moved: &mut moved,
            kinks,
        });
        moved[0]
    }

    /// The same, without a call where the registers are wide.
    #[inline(always)]
    pub fn through_curve_inline<I: Isa, M: Through<I>>(self, u: M, kinks: &mut Lanes<I>) -> M {
        if !I::WIDE {
            return self.through_curve(u, kinks);
        }
        let layer = &self.chain.layers[self.l];
        u.activate(layer.curve, &layer.base(self.n, self.units), kinks)
    }
}

/// Writes by how much all outputs of the chain move when the outputs of units of a layer, not the last, move by `dz`.
/// The next layer moves by a rank-one update, those behind it densely.
pub(crate) struct Outputs<'a, I: Isa, M> {
    pub moving: Moving<'a>,
    pub dz: M,
    pub scratch: &'a mut Scratch<I, M>,
}

impl<'a, I: Isa, M: Through<I>> Part<I> for Outputs<'a, I, M> {
    type Output = &'a [M];
    #[inline(always)]
    fn compute(self) -> &'a [M] {
        let (Moving { chain, l, n, units }, scratch) = (self.moving, self.scratch);
        for (behind, layer) in chain.layers[l + 1..].iter().enumerate() {
            let (rows, outputs) = (&layer.transposed, layer.outputs);
            for (weights, next) in rows.chunks_exact(layer.inputs).zip(&mut scratch.next) {
                *next = if behind == 0 {
                    self.dz.scaled(units.of(weights))
                } else {
                    let mut sum = M::zero();
                    for (w, moved) in weights.iter().zip(&scratch.now) {
                        sum = sum.plus_times(Lanes::splat(*w), moved);
                    }
                    sum
                };
            }
            if layer.curve != Curve::Identity {
                I::outline(Activations {
                    layer,
                    n,
                    units: Units::Same(0),
                    moved: &mut scratch.next[..outputs],
                    kinks: &mut scratch.kinks,
                });
            }
            std::mem::swap(&mut scratch.now, &mut scratch.next);
        }
        &scratch.now[..chain.head.outputs]
    }
}

/// By how much the loss of the sample moves when the outputs of units of a layer move by `dz`.
pub(crate) struct LossMoved<'a, I: Isa, A> {
    pub moving: Moving<'a>,
    pub dz: A,
    pub scratch: &'a mut Scratch<I, A>,
}

impl<I: Isa, A: Algebra<I> + Through<I>> Part<I> for LossMoved<'_, I, A> {
    type Output = A;
    #[inline(always)]
    fn compute(self) -> A {
        let Moving { chain, l, n, units } = self.moving;
        if l + 1 == chain.layers.len() {
            return chain.head.one(n, units, self.dz);
        }
        let Self {
            moving,
            dz,
            scratch,
        } = self;
        let outputs = I::outline(Outputs {
            moving,
            dz,
            scratch,
        });
        chain.head.all(n, outputs)
    }
}

/// By how much the odds against class `t`, times its probability, move.
pub(crate) struct Odds<'a, I: Isa, A> {
    pub moving: Moving<'a>,
    pub dz: A,
    pub t: usize,
    pub scratch: &'a mut Scratch<I, A>,
}

impl<I: Isa, A: Algebra<I> + Through<I>> Part<I> for Odds<'_, I, A> {
    type Output = A;
    #[inline(always)]
    fn compute(self) -> A {
        let Moving { chain, l, n, units } = self.moving;
        if l + 1 == chain.layers.len() {
            return chain.head.odds_of_one(n, units, self.t, &self.dz);
        }
        let Self {
            moving,
            dz,
            t,
            scratch,
        } = self;
        let outputs = I::outline(Outputs {
            moving,
            dz,
            scratch,
        });
        softmax::odds(chain.head.probabilities(n), t, outputs)
    }
}
