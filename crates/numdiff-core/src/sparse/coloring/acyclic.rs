//! Acyclic coloring: neighbors differ, and no cycle has two colors only.
//!
//! Any two colors then induce a forest, and the entries of a symmetric matrix follow from its
//! compressed columns by substitution, from the leaves inward: Coleman and Cai, "The cyclic
//! coloring problem and estimation of sparse Hessian matrices", SIAM J. Alg. Disc. Meth. 7 (1986).

use super::greedy::{Marks, NONE, NeighborColors, Rule, neighbors};
use crate::sparse::lists::Lists;

/// Algorithm 3.1 of Gebremedhin, Tarafdar, Manne and Pothen (2007), with trees kept per vertex and color
/// instead of per edge (see [`super::star`]): a slot of a vertex and a color stands for all edges between
/// them, which are always in one tree.
pub(super) struct Acyclic<'p> {
    around: NeighborColors<'p>,
    /// In the slots of `around`: towards the root of the tree.
    parents: Vec<u32>,
    /// For each tree through which neighbor the present vertex met it.
    met: Marks,
    through: Vec<u32>,
    /// The colors that one neighbor of the present vertex has, and those that several have.
    once: Marks,
    often: Marks,
}

impl<'p> Acyclic<'p> {
    pub fn new(graph: &'p Lists) -> Self {
        let (slots, n) = (graph.items.len(), graph.len());
        Self {
            around: NeighborColors::new(graph),
            parents: vec![0; slots],
            met: Marks::new(slots),
            through: vec![0; slots],
            once: Marks::new(n),
            often: Marks::new(n),
        }
    }

    /// The slot of a color around v, and whether it is new.
    fn enter(&mut self, v: usize, color: u32) -> (usize, bool) {
        let (slot, is_new) = self.around.enter(v, color);
        if is_new {
            self.parents[slot] = slot as u32;
        }
        (slot, is_new)
    }

    /// Halves the path on the way.
    fn root(&mut self, mut slot: usize) -> usize {
        while self.parents[slot] as usize != slot {
            let parent = self.parents[slot] as usize;
            self.parents[slot] = self.parents[parent];
            slot = self.parents[slot] as usize;
        }
        slot
    }

    /// Adds the edge from v to w; whether it closes a cycle, as it does if both ends had edges in one tree.
    fn connect(&mut self, v: usize, w: usize, colors: &[u32]) -> bool {
        let (mine, is_new) = self.enter(v, colors[w]);
        let (theirs, is_new_there) = self.enter(w, colors[v]);
        let (a, b) = (self.root(mine), self.root(theirs));
        // By index: with halving of paths the cost stays logarithmic, near constant in practice.
        self.parents[a.max(b)] = a.min(b) as u32;
        !is_new && !is_new_there && a == b
    }
}

impl Rule for Acyclic<'_> {
    fn clear(&mut self) {
        self.around.clear();
    }

    fn forbid(&mut self, v: usize, colors: &[u32], forbidden: &mut Marks) -> u32 {
        let graph = self.around.graph;
        self.met.clear();
        self.once.clear();
        self.often.clear();
        for w in neighbors(graph, v).filter(|&w| colors[w] != NONE) {
            forbidden.mark(colors[w]);
            if !self.once.mark(colors[w]) {
                self.often.mark(colors[w]);
            }
        }
        // A cycle through v has two neighbors of one color.
        for w in neighbors(graph, v) {
            if !self.often.has(colors[w]) {
                continue;
            }
            for slot in self.around.slots(w) {
                let color = self.around.colors[slot];
                if forbidden.has(color) {
                    continue;
                }
                let tree = self.root(slot);
                if self.met.mark(tree as u32) {
                    self.through[tree] = w as u32;
                } else if self.through[tree] != w as u32 {
                    forbidden.mark(color);
                }
            }
        }
        0
    }

    fn take(&mut self, v: usize, colors: &[u32]) {
        for w in neighbors(self.around.graph, v).filter(|&w| colors[w] != NONE) {
            self.connect(v, w, colors);
        }
    }
}

/// Whether neighbors differ and every two colors induce a forest.
pub(super) fn is_valid(graph: &Lists, colors: &[u32]) -> bool {
    let mut trees = Acyclic::new(graph);
    (0..graph.len()).all(|v| {
        let mut before = neighbors(graph, v).filter(|&w| w < v);
        before.all(|w| colors[v] != colors[w] && !trees.connect(v, w, colors))
    })
}
