//! The rest of the network behind one moved unit.

use super::chain::{Affine, Chain};
use super::units::Units;
use crate::curves::{Base, Curve, Through};
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
        let widest = chain
            .layers
            .iter()
            .map(|layer| layer.outputs)
            .max()
            .unwrap_or(0);
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
            z: units.of(&self.z[row.clone()]),
            p: units.of(&self.p[row.clone()]),
            q: units.of(&self.q[row.clone()]),
            e: units.of(&self.e[row]),
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
        let Self {
            layer, n, units, ..
        } = self;
        for (j, moved) in self.moved.iter_mut().enumerate() {
            let base = layer.base(n, units.plus(j));
            *moved = moved.activate(layer.curve, &base, self.kinks);
        }
    }
}

/// [`Chain::outputs`] into `scratch.now`.
struct Outputs<'a, I: Isa, M> {
    chain: &'a Chain<'a>,
    l: usize,
    n: usize,
    units: Units,
    dz: M,
    scratch: &'a mut Scratch<I, M>,
}

impl<I: Isa, M: Through<I>> Part<I> for Outputs<'_, I, M> {
    type Output = ();
    #[inline(always)]
    fn compute(self) {
        let Self {
            chain,
            l,
            n,
            units,
            dz,
            scratch,
        } = self;
        for (behind, layer) in chain.layers[l + 1..].iter().enumerate() {
            let (rows, outputs) = (&layer.transposed, layer.outputs);
            for (weights, next) in rows.chunks_exact(layer.inputs).zip(&mut scratch.next) {
                *next = if behind == 0 {
                    M::zero().plus_times(units.of(weights), &dz)
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
    }
}

impl Chain<'_> {
    /// By how much the outputs of a unit of layer `l` move when its pre-activation in sample
    /// `n` moves by `u`.
    #[inline(always)]
    pub fn column<I: Isa, M: Through<I>>(
        &self,
        l: usize,
        n: usize,
        units: Units,
        u: M,
        scratch: &mut Scratch<I, M>,
    ) -> M {
        let layer = &self.layers[l];
        if I::WIDE {
            return u.activate(layer.curve, &layer.base(n, units), &mut scratch.kinks);
        }
        let mut moved = [u];
        I::outline(Activations {
            layer,
            n,
            units,
            moved: &mut moved,
            kinks: &mut scratch.kinks,
        });
        moved[0]
    }

    /// By how much all outputs of the chain move when the output of one unit of layer `l`,
    /// not the last, moves by `dz` in sample `n`. Layer l + 1 moves by a rank-one update,
    /// those behind it densely.
    #[inline(always)]
    pub fn outputs<'s, I: Isa, M: Through<I>>(
        &self,
        l: usize,
        n: usize,
        units: Units,
        dz: M,
        scratch: &'s mut Scratch<I, M>,
    ) -> &'s [M] {
        I::outline(Outputs {
            chain: self,
            l,
            n,
            units,
            dz,
            scratch,
        });
        &scratch.now[..self.head.outputs]
    }

    /// By how much the loss of sample `n` moves when the pre-activation of a unit of layer `l`
    /// moves by `u`.
    #[inline(always)]
    pub fn loss<I: Isa, A: Algebra<I> + Through<I>>(
        &self,
        l: usize,
        n: usize,
        units: Units,
        u: A,
        scratch: &mut Scratch<I, A>,
    ) -> A {
        I::outline(Increment {
            chain: self,
            l,
            n,
            units,
            u,
            scratch,
        })
    }
}

/// What [`Chain::loss`] does.
struct Increment<'a, I: Isa, A> {
    chain: &'a Chain<'a>,
    l: usize,
    n: usize,
    units: Units,
    u: A,
    scratch: &'a mut Scratch<I, A>,
}

impl<I: Isa, A: Algebra<I> + Through<I>> Part<I> for Increment<'_, I, A> {
    type Output = A;
    #[inline(always)]
    fn compute(self) -> A {
        let Self {
            chain,
            l,
            n,
            units,
            u,
            scratch,
        } = self;
        let mut dz = [u];
        I::outline(Activations {
            layer: &chain.layers[l],
            n,
            units,
            moved: &mut dz,
            kinks: &mut scratch.kinks,
        });
        let [dz] = dz;
        if l + 1 == chain.layers.len() {
            chain.head.one(n, units, dz)
        } else {
            let d = chain.outputs(l, n, units, dz, scratch);
            chain.head.all(n, d)
        }
    }
}
