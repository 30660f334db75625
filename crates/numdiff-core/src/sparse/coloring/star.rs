//! Star coloring: neighbors differ, and no path of four vertices has two colors only.
//!
//! Any two colors then induce disjoint stars, so that every entry of a symmetric matrix stands
//! alone in some compressed column: Coleman and Moré, "Estimation of sparse Hessian matrices and
//! graph coloring problems", Math. Program. 28 (1984).

use super::graph::Adjacency;

const NONE: u32 = u32::MAX;

/// What a vertex knows about its neighbors of one color.
#[derive(Clone, Copy)]
struct Class {
    color: u32,
    /// One of them.
    neighbor: u32,
    /// There are at least two: the vertex is the hub of their star.
    several: bool,
    /// The only one is the hub of a star with at least two spokes.
    spoke: bool,
}

/// For each vertex the classes of its neighbors, in the slots of its adjacency list.
pub(super) struct Star<'p> {
    graph: Adjacency<'p>,
    classes: Vec<Class>,
    counts: Vec<u32>,
    forbidden: Vec<u32>,
    /// For each color the neighbor of the present vertex that has it, and for which vertex.
    first: Vec<(u32, u32)>,
    treated: Vec<bool>,
}

impl<'p> Star<'p> {
    pub fn new(graph: Adjacency<'p>) -> Self {
        let n = graph.starts.len() - 1;
        let empty = Class {
            color: NONE,
            neighbor: NONE,
            several: false,
            spoke: false,
        };
        Self {
            graph,
            classes: vec![empty; graph.indices.len()],
            counts: vec![0; n],
            forbidden: Vec::new(),
            first: Vec::new(),
            treated: vec![false; n],
        }
    }

    /// Greedy coloring after algorithm 4.1 of Gebremedhin, Tarafdar, Manne and Pothen, "New
    /// acyclic and star coloring algorithms with application to computing Hessians", SIAM J. Sci.
    /// Comput. 29 (2007). It keeps stars per vertex and color instead of per edge, so that a
    /// vertex costs the number of *colors* around its neighbors, not of their neighbors.
    pub fn first_fit(&mut self, order: &[usize], colors: &mut [u32]) -> usize {
        colors.fill(NONE);
        self.counts.fill(0);
        self.forbidden.clear();
        self.first.clear();
        let mut count = 0;
        for (stamp, &v) in (1_u32..).zip(order) {
            self.forbid(v, stamp, colors);
            let mut color = 0;
            while self.forbidden.get(color) == Some(&stamp) {
                color += 1;
            }
            if color == count {
                count += 1;
                self.forbidden.resize(count, 0);
                self.first.resize(count, (NONE, 0));
            }
            colors[v] = color as u32;
            self.join(v, colors);
        }
        count
    }

    /// Forbids the colors that would make a neighbor equal or a path of four in two colors.
    fn forbid(&mut self, v: usize, stamp: u32, colors: &[u32]) {
        for w in self.graph.of(v) {
            let color = colors[w];
            if color == NONE {
                continue;
            }
            self.forbidden[color as usize] = stamp;
            let (other, seen) = self.first[color as usize];
            if seen == stamp {
                // v joins two vertices of this color: it is a hub, and they may touch no other
                // vertex of its color.
                if !std::mem::replace(&mut self.treated[other as usize], true) {
                    self.forbid_classes(other as usize, stamp, true);
                }
                self.treated[w] = true;
                self.forbid_classes(w, stamp, true);
            } else {
                self.first[color as usize] = (w as u32, stamp);
                self.forbid_classes(w, stamp, false);
            }
        }
        self.graph.of(v).for_each(|w| self.treated[w] = false);
    }

    fn forbid_classes(&mut self, w: usize, stamp: u32, all: bool) {
        let from = self.graph.starts[w];
        for class in &self.classes[from..from + self.counts[w] as usize] {
            if all || class.spoke {
                self.forbidden[class.color as usize] = stamp;
            }
        }
    }

    /// Records the color of v with its neighbors.
    fn join(&mut self, v: usize, colors: &[u32]) {
        let own = colors[v];
        for w in self.graph.of(v).filter(|&w| colors[w] != NONE) {
            let mine = self.enter(v, colors[w], w);
            let theirs = self.enter(w, own, v);
            // Two neighbors of one color make a hub, and each of them a spoke.
            if self.classes[theirs].several {
                let earlier = self.classes[theirs].neighbor as usize;
                self.mark_spoke(earlier, colors[w]);
                self.classes[mine].spoke = true;
            }
            if self.classes[mine].several {
                let earlier = self.classes[mine].neighbor as usize;
                self.mark_spoke(earlier, own);
                self.classes[theirs].spoke = true;
            }
        }
    }

    /// The slot of `color` among the classes of v, with one more neighbor in it.
    fn enter(&mut self, v: usize, color: u32, neighbor: usize) -> usize {
        let from = self.graph.starts[v];
        match self.find(v, color) {
            Some(slot) => {
                self.classes[slot].several = true;
                slot
            }
            None => {
                let slot = from + self.counts[v] as usize;
                self.counts[v] += 1;
                self.classes[slot] = Class {
                    color,
                    neighbor: neighbor as u32,
                    several: false,
                    spoke: false,
                };
                slot
            }
        }
    }

    fn find(&self, v: usize, color: u32) -> Option<usize> {
        let from = self.graph.starts[v];
        self.classes[from..from + self.counts[v] as usize]
            .iter()
            .position(|class| class.color == color)
            .map(|at| from + at)
    }

    fn mark_spoke(&mut self, v: usize, color: u32) {
        if let Some(slot) = self.find(v, color) {
            self.classes[slot].spoke = true;
        }
    }
}

/// Whether neighbors differ and each edge is alone in its color at one of its ends.
pub(super) fn is_valid(graph: Adjacency<'_>, colors: &[u32], count: usize) -> bool {
    // For each vertex, the neighbors that are alone in their color there.
    let mut times = vec![(0_u32, usize::MAX); count];
    let mut alone = vec![false; graph.indices.len()];
    for v in 0..graph.starts.len() - 1 {
        for w in graph.of(v) {
            let (k, seen) = &mut times[colors[w] as usize];
            *k = if *seen == v { *k + 1 } else { 1 };
            *seen = v;
            if colors[w] == colors[v] {
                return false;
            }
        }
        let range = graph.starts[v]..graph.starts[v + 1];
        for (alone, &w) in alone[range.clone()].iter_mut().zip(&graph.indices[range]) {
            *alone = w != v && times[colors[w] as usize].0 == 1;
        }
    }
    (0..graph.starts.len() - 1).all(|v| {
        (graph.starts[v]..graph.starts[v + 1]).all(|slot| {
            let w = graph.indices[slot];
            // The mirror image of a slot, by binary search.
            w == v || alone[slot] || {
                let list = &graph.indices[graph.starts[w]..graph.starts[w + 1]];
                list.binary_search(&v)
                    .is_ok_and(|at| alone[graph.starts[w] + at])
            }
        })
    })
}
