//! Which units of a layer move.

use crate::simd::{Isa, LANES, Lanes};

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

    /// Those so many units further on.
    #[inline(always)]
    pub fn plus(self, j: usize) -> Self {
        match self {
            Units::Same(k) => Units::Same(k + j),
            Units::From(k) => Units::From(k + j),
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
