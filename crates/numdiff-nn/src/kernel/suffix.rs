//! The rest of the network behind one moved unit.

use super::chain::{Affine, Chain};
use super::dispatch::Isa;
use super::increment::{Algebra, Base, Moved};
use super::lanes::{LANES, Lanes};

/// Which unit of a layer moves in each lane.
#[derive(Clone, Copy)]
pub(crate) enum Units {
    /// The same in all lanes: the lanes are inputs of that unit.
    Same(usize),
    /// This one and those after it.
    From(usize),
}

impl Units {
    /// The units' numbers from a row over the layer.
    #[inline(always)]
    pub fn of<I: Isa>(self, row: &[f64]) -> Lanes<I> {
        match self {
            Units::Same(k) => Lanes::splat(row[k]),
            Units::From(k) => Lanes::load(&row[k..], 0.0),
        }
    }

    /// 1 in the lanes that move unit `t`, else 0.
    #[inline(always)]
    pub fn is<I: Isa>(self, t: usize) -> Lanes<I> {
        match self {
            Units::Same(k) => Lanes::splat(if k == t { 1.0 } else { 0.0 }),
            Units::From(k) => {
                let mut out = [0.0; LANES];
                if (k..k + LANES).contains(&t) {
                    out[t - k] = 1.0;
                }
                Lanes::load(&out, 0.0)
            }
        }
    }
}

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

impl Chain<'_> {
    /// By how much the outputs of a unit of layer `l` move when its pre-activation in sample
    /// `n` moves by `u`.
    #[inline(always)]
    pub fn column<I: Isa, M: Moved<I>>(
        &self,
        l: usize,
        n: usize,
        units: Units,
        u: M,
        scratch: &mut Scratch<I, M>,
    ) -> M {
        let layer = &self.layers[l];
        u.activate(layer.curve, &layer.base(n, units), &mut scratch.kinks)
    }

    /// By how much all outputs of the chain move when the output of one unit of layer `l`,
    /// not the last, moves by `dz` in sample `n`. Layer l + 1 moves by a rank-one update,
    /// those behind it densely.
    #[inline(always)]
    pub fn outputs<'s, I: Isa, M: Moved<I>>(
        &self,
        l: usize,
        n: usize,
        units: Units,
        dz: M,
        scratch: &'s mut Scratch<I, M>,
    ) -> &'s [M] {
        let next = &self.layers[l + 1];
        for j in 0..next.outputs {
            let w = units.of(&next.transposed[j * next.inputs..(j + 1) * next.inputs]);
            let moved = M::zero().plus_times(w, &dz);
            scratch.now[j] = moved.activate(
                next.curve,
                &next.base(n, Units::Same(j)),
                &mut scratch.kinks,
            );
        }
        for layer in &self.layers[l + 2..] {
            for j in 0..layer.outputs {
                let mut sum = M::zero();
                let weights = &layer.transposed[j * layer.inputs..(j + 1) * layer.inputs];
                for (w, moved) in weights.iter().zip(&scratch.now) {
                    sum = sum.plus_times(Lanes::splat(*w), moved);
                }
                scratch.next[j] = sum.activate(
                    layer.curve,
                    &layer.base(n, Units::Same(j)),
                    &mut scratch.kinks,
                );
            }
            std::mem::swap(&mut scratch.now, &mut scratch.next);
        }
        &scratch.now[..self.head.outputs]
    }

    /// By how much the loss of sample `n` moves when the pre-activation of a unit of layer `l`
    /// moves by `u`.
    #[inline(always)]
    pub fn loss<I: Isa, A: Algebra<I>>(
        &self,
        l: usize,
        n: usize,
        units: Units,
        u: A,
        scratch: &mut Scratch<I, A>,
    ) -> A {
        let dz = self.column(l, n, units, u, scratch);
        if l + 1 == self.layers.len() {
            self.head.one(n, units, dz)
        } else {
            let d = self.outputs(l, n, units, dz, scratch);
            self.head.all(n, d)
        }
    }
}
