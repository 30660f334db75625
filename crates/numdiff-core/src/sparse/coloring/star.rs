//! Star coloring: neighbors differ, and no path of four vertices has two colors only.
//!
//! Any two colors then induce disjoint stars, so that every entry of a symmetric matrix stands
//! alone in some compressed column: Coleman and Moré, "Estimation of sparse Hessian matrices and
//! graph coloring problems", Math. Program. 28 (1984).

use super::greedy::{Marks, NONE, NeighborColors, Rule, neighbors};
use crate::sparse::lists::Lists;

/// What a vertex knows about its neighbors of one color.
#[derive(Clone, Copy)]
struct Spokes {
    /// One of them.
    neighbor: u32,
    /// There are at least two: the vertex is the hub of their star.
    several: bool,
    /// The only one is the hub of a star with at least two spokes.
    of_hub: bool,
}

/// Algorithm 4.1 of Gebremedhin, Tarafdar, Manne and Pothen, "New acyclic and star coloring algorithms with
/// application to computing Hessians", SIAM J. Sci. Comput. 29 (2007). It keeps stars per vertex and color
/// instead of per edge, so that a vertex costs the number of *colors* around its neighbors, not of their
/// neighbors.
pub(super) struct Star<'p> {
    around: NeighborColors<'p>,
    /// In the slots of `around`.
    spokes: Vec<Spokes>,
    /// The colors around the present vertex, and for each the neighbor that was first.
    seen: Marks,
    first: Vec<u32>,
    treated: Vec<bool>,
}

impl<'p> Star<'p> {
    pub fn new(graph: &'p Lists) -> Self {
        let none = Spokes {
            neighbor: NONE,
            several: false,
            of_hub: false,
        };
        Self {
            around: NeighborColors::new(graph),
            spokes: vec![none; graph.items.len()],
            seen: Marks::new(graph.len()),
            first: vec![NONE; graph.len()],
            treated: vec![false; graph.len()],
        }
    }

    /// Forbids the colors around `w`, or those of which it is a spoke.
    fn forbid_around(&self, w: usize, all: bool, forbidden: &mut Marks) {
        for slot in self.around.slots(w) {
            if all || self.spokes[slot].of_hub {
                forbidden.mark(self.around.colors[slot]);
            }
        }
    }

    /// The slot of `color` around v, with one more neighbor in it.
    fn enter(&mut self, v: usize, color: u32, neighbor: usize) -> usize {
        let (slot, is_new) = self.around.enter(v, color);
        if is_new {
            self.spokes[slot] = Spokes {
                neighbor: neighbor as u32,
                several: false,
                of_hub: false,
            };
        } else {
            self.spokes[slot].several = true;
        }
        slot
    }

    /// Two neighbors of one color make a hub, and each of them a spoke: the one that was first in slot `at`,
    /// whose hub is of `color`, and that of slot `other`.
    fn join(&mut self, at: usize, color: u32, other: usize) {
        if self.spokes[at].several {
            let earlier = self.spokes[at].neighbor as usize;
            if let Some(slot) = self.around.find(earlier, color) {
                self.spokes[slot].of_hub = true;
            }
            self.spokes[other].of_hub = true;
        }
    }
}

impl Rule for Star<'_> {
    fn clear(&mut self) {
        self.around.clear();
    }

    /// The colors that would make a neighbor equal or a path of four in two colors.
    fn forbid(&mut self, v: usize, colors: &[u32], forbidden: &mut Marks) -> u32 {
        let graph = self.around.graph;
        self.seen.clear();
        for w in neighbors(graph, v).filter(|&w| colors[w] != NONE) {
            let color = colors[w];
            forbidden.mark(color);
            if self.seen.mark(color) {
                self.first[color as usize] = w as u32;
                self.forbid_around(w, false, forbidden);
                continue;
            }
            // v joins two vertices of this color: it is a hub, and they may touch no other
            // vertex of its color.
            for spoke in [self.first[color as usize] as usize, w] {
                if !std::mem::replace(&mut self.treated[spoke], true) {
                    self.forbid_around(spoke, true, forbidden);
                }
            }
        }
        neighbors(graph, v).for_each(|w| self.treated[w] = false);
        0
    }

    fn take(&mut self, v: usize, colors: &[u32]) {
        let own = colors[v];
        for w in neighbors(self.around.graph, v).filter(|&w| colors[w] != NONE) {
            let mine = self.enter(v, colors[w], w);
            let theirs = self.enter(w, own, v);
            self.join(theirs, colors[w], mine);
            self.join(mine, own, theirs);
        }
    }
}

/// Whether neighbors differ and each edge is alone in its color at one of its ends; `mirrors` are the slots
/// of the edges as their other ends see them.
pub(super) fn is_valid(graph: &Lists, mirrors: &[usize], colors: &[u32], count: usize) -> bool {
    let alone = alone(graph, colors, count);
    (0..graph.len()).all(|v| {
        let mut edges = graph.of(v).iter().zip(graph.starts[v]..);
        edges.all(|(&w, slot)| {
            w == v || colors[w] != colors[v] && (alone[slot] || alone[mirrors[slot]])
        })
    })
}

/// For each slot (vertex v's list, neighbor w): whether w is the only one of its color in the list. v itself
/// counts with its own color, which no neighbor has.
pub(in crate::sparse) fn alone(graph: &Lists, colors: &[u32], count: usize) -> Vec<bool> {
    let mut times = vec![0_u32; count];
    let mut alone = Vec::with_capacity(graph.items.len());
    for list in graph.iter() {
        list.iter().for_each(|&w| times[colors[w] as usize] += 1);
        alone.extend(list.iter().map(|&w| times[colors[w] as usize] == 1));
        list.iter().for_each(|&w| times[colors[w] as usize] = 0);
    }
    alone
}
