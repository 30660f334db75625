//! The smallest color that is free, vertex by vertex.

use crate::sparse::lists::Lists;
use std::ops::Range;

/// The color of a vertex that has none yet.
pub(super) const NONE: u32 = u32::MAX;

/// Which colors a vertex may not have.
pub(super) trait Rule {
    /// Forgets all colors that were taken.
    fn clear(&mut self);

    /// Marks colors that vertex `v` may not have, besides all below the one that is returned.
    fn forbid(&mut self, v: usize, colors: &[u32], forbidden: &mut Marks) -> u32;

    /// Takes note of the color of `v`.
    fn take(&mut self, v: usize, colors: &[u32]);
}

/// Gives every vertex, in this order, the smallest color that those before it leave free; returns how many
/// colors there are.
pub(super) fn first_fit(rule: &mut dyn Rule, order: &[usize], colors: &mut [u32]) -> usize {
    colors.fill(NONE);
    rule.clear();
    let mut count = 0;
    let mut forbidden = Marks::new(colors.len());
    for &v in order {
        forbidden.clear();
        let mut color = rule.forbid(v, colors, &mut forbidden);
        while forbidden.has(color) {
            color += 1;
        }
        colors[v] = color;
        count = count.max(color as usize + 1);
        rule.take(v, colors);
    }
    count
}

/// Numbers that are marked, forgotten in constant time.
pub(super) struct Marks {
    stamp: u32,
    stamps: Vec<u32>,
}

impl Marks {
    pub fn new(count: usize) -> Self {
        Marks {
            stamp: 1,
            stamps: vec![0; count],
        }
    }

    pub fn clear(&mut self) {
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.stamps.fill(0);
            self.stamp = 1;
        }
    }

    #[inline]
    pub fn has(&self, k: u32) -> bool {
        self.stamps.get(k as usize) == Some(&self.stamp)
    }

    /// Marks k; whether it was not marked before.
    #[inline]
    pub fn mark(&mut self, k: u32) -> bool {
        std::mem::replace(&mut self.stamps[k as usize], self.stamp) != self.stamp
    }
}

/// The vertices of an adjacency list but for the vertex itself: the diagonal is no edge.
pub(super) fn neighbors(graph: &Lists, v: usize) -> impl Iterator<Item = usize> + '_ {
    graph.of(v).iter().copied().filter(move |&w| w != v)
}

/// For each vertex of a graph the colors of its neighbors, each once, in slots of its adjacency list.
pub(super) struct NeighborColors<'p> {
    pub graph: &'p Lists,
    pub colors: Vec<u32>,
    counts: Vec<u32>,
}

impl<'p> NeighborColors<'p> {
    pub fn new(graph: &'p Lists) -> Self {
        NeighborColors {
            graph,
            colors: vec![NONE; graph.items.len()],
            counts: vec![0; graph.len()],
        }
    }

    pub fn clear(&mut self) {
        self.counts.fill(0);
    }

    /// The slots of the colors around `v`.
    pub fn slots(&self, v: usize) -> Range<usize> {
        let from = self.graph.starts[v];
        from..from + self.counts[v] as usize
    }

    /// The slot of a color around `v`.
    pub fn find(&self, v: usize, color: u32) -> Option<usize> {
        self.slots(v).find(|&slot| self.colors[slot] == color)
    }

    /// The same, in a new slot where the color is new there; and whether it is.
    pub fn enter(&mut self, v: usize, color: u32) -> (usize, bool) {
        if let Some(slot) = self.find(v, color) {
            return (slot, false);
        }
        let slot = self.slots(v).end;
        self.counts[v] += 1;
        self.colors[slot] = color;
        (slot, true)
    }
}
