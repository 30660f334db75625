//! Acyclic coloring: neighbors differ, and no cycle has two colors only.
//!
//! Any two colors then induce a forest, and the entries of a symmetric matrix follow from its
//! compressed columns by substitution, from the leaves inward: Coleman and Cai, "The cyclic
//! coloring problem and estimation of sparse Hessian matrices", SIAM J. Alg. Disc. Meth. 7 (1986).

use super::graph::Adjacency;

const NONE: u32 = u32::MAX;

/// For each vertex the colors of its neighbors, in the slots of its adjacency list; a slot stands
/// for all edges from the vertex to that color, which are always in one tree.
pub(super) struct Acyclic<'p> {
    graph: Adjacency<'p>,
    class_colors: Vec<u32>,
    counts: Vec<u32>,
    parents: Vec<u32>,
    /// For each tree the vertex that last looked at it, and through which neighbor.
    visits: Vec<(u32, u32)>,
    forbidden: Vec<u32>,
    /// For each color how many neighbors of the present vertex have it, and for which vertex.
    times: Vec<(u32, u32)>,
}

impl<'p> Acyclic<'p> {
    pub fn new(graph: Adjacency<'p>) -> Self {
        let slots = graph.indices.len();
        Self {
            graph,
            class_colors: vec![NONE; slots],
            counts: vec![0; graph.starts.len() - 1],
            parents: vec![0; slots],
            visits: vec![(0, 0); slots],
            forbidden: Vec::new(),
            times: Vec::new(),
        }
    }

    /// Greedy coloring after algorithm 3.1 of Gebremedhin, Tarafdar, Manne and Pothen (2007), with
    /// trees kept per vertex and color instead of per edge (see [`super::star`]).
    pub fn first_fit(&mut self, order: &[usize], colors: &mut [u32]) -> usize {
        colors.fill(NONE);
        self.counts.fill(0);
        self.visits.fill((0, 0));
        self.forbidden.clear();
        self.times.clear();
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
                self.times.resize(count, (0, 0));
            }
            colors[v] = color as u32;
            for w in self.graph.of(v).filter(|&w| colors[w] != NONE) {
                let (mine, theirs) = (self.enter(v, colors[w]), self.enter(w, color as u32));
                self.unite(mine, theirs);
            }
        }
        count
    }

    fn forbid(&mut self, v: usize, stamp: u32, colors: &[u32]) {
        for w in self.graph.of(v).filter(|&w| colors[w] != NONE) {
            let color = colors[w] as usize;
            self.forbidden[color] = stamp;
            let (k, seen) = self.times[color];
            self.times[color] = (if seen == stamp { k + 1 } else { 1 }, stamp);
        }
        for w in self.graph.of(v).filter(|&w| colors[w] != NONE) {
            // A cycle through v has two neighbors of one color.
            if self.times[colors[w] as usize].0 < 2 {
                continue;
            }
            let from = self.graph.starts[w];
            for slot in from..from + self.counts[w] as usize {
                let color = self.class_colors[slot] as usize;
                if self.forbidden[color] == stamp {
                    continue;
                }
                let tree = self.root(slot);
                let (seen, through) = self.visits[tree];
                if seen != stamp {
                    self.visits[tree] = (stamp, w as u32);
                } else if through != w as u32 {
                    self.forbidden[color] = stamp;
                }
            }
        }
    }

    fn enter(&mut self, v: usize, color: u32) -> usize {
        let from = self.graph.starts[v];
        let known = &self.class_colors[from..from + self.counts[v] as usize];
        match known.iter().position(|&c| c == color) {
            Some(at) => from + at,
            None => {
                let slot = from + self.counts[v] as usize;
                self.counts[v] += 1;
                self.class_colors[slot] = color;
                self.parents[slot] = slot as u32;
                slot
            }
        }
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

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        // By index: with halving of paths the cost stays logarithmic, near constant in practice.
        self.parents[a.max(b)] = a.min(b) as u32;
    }
}

/// Whether neighbors differ and every two colors induce a forest.
pub(super) fn is_valid(graph: Adjacency<'_>, colors: &[u32], _count: usize) -> bool {
    let n = graph.starts.len() - 1;
    let mut trees = Acyclic::new(graph);
    for v in 0..n {
        for w in graph.of(v).filter(|&w| w < v) {
            if colors[v] == colors[w] {
                return false;
            }
            let (mine, theirs) = (trees.enter(v, colors[w]), trees.enter(w, colors[v]));
            // Slots are edges: a new edge closes a cycle if both of its ends already had edges in
            // one tree. `visits` counts the edges that each slot has.
            let both = trees.visits[mine].0 > 0 && trees.visits[theirs].0 > 0;
            if both && trees.root(mine) == trees.root(theirs) {
                return false;
            }
            trees.visits[mine].0 += 1;
            trees.visits[theirs].0 += 1;
            trees.unite(mine, theirs);
        }
    }
    true
}
