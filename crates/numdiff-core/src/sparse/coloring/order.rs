//! In which order vertices are colored.

use super::buckets::{Buckets, Ties};
use super::graph::Graph;
use crate::random::SplitMix64;

/// The order in which a greedy coloring visits rows or columns.
///
/// See Gebremedhin, Manne and Pothen, "What color is your Jacobian? Graph coloring for computing
/// derivatives", SIAM Review 47 (2005), section 7. Degrees are those of the intersection graph
/// (which lines share a crossing line) for colorings of rows and columns, and of the adjacency
/// graph for star and acyclic colorings. The order is that of the first greedy pass: the coloring is
/// then improved, within a fixed amount of work, by recoloring class by class and in other orders (ties broken
/// at random from a fixed seed: a pattern is colored the same way each time), and the fewest colors met are
/// kept. Translation-invariant patterns (bands, grids) are looked for
/// in [`Order::Best`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Order {
    /// Natural, then, while a lower bound says that fewer colors may do, the structure of a band
    /// or grid, incidence degree, smallest last and largest first; the best of them.
    #[default]
    Best,
    /// As numbered.
    Natural,
    /// Many neighbors first.
    LargestFirst,
    /// The vertex with the fewest neighbors among those left goes last; then so on.
    SmallestLast,
    /// The vertex with the most neighbors already in the order goes next; optimal where the
    /// graph is chordal, as it is for a band in any numbering.
    IncidenceDegree,
    /// A random permutation; the same seed gives the same one in every version.
    Random {
        /// Seed of the generator (SplitMix64).
        seed: u64,
    },
}

impl Order {
    /// Whether another order of arrival gives another order.
    pub(super) fn has_ties(self) -> bool {
        matches!(
            self,
            Order::LargestFirst | Order::SmallestLast | Order::IncidenceDegree
        )
    }

    /// The vertices in this order; [`Order::Best`] counts as natural.
    pub(super) fn of(self, graph: &mut impl Graph, ties: Ties<'_>) -> Vec<usize> {
        match self {
            Order::Best | Order::Natural => (0..graph.len()).collect(),
            Order::LargestFirst => largest_first(graph, ties),
            Order::SmallestLast => smallest_last(graph, ties),
            Order::IncidenceDegree => incidence_degree(graph, ties),
            Order::Random { seed } => SplitMix64::new(seed).permutation(graph.len()),
        }
    }
}

fn degrees(graph: &mut impl Graph) -> (Vec<u32>, usize) {
    let degrees: Vec<u32> = (0..graph.len())
        .map(|v| {
            let mut degree = 0;
            graph.neighbors(v, |_| degree += 1);
            degree
        })
        .collect();
    let largest = degrees.iter().copied().max().unwrap_or(0) as usize;
    (degrees, largest)
}

/// Stable: vertices of one degree stay in the order of their arrival.
fn largest_first(graph: &mut impl Graph, ties: Ties<'_>) -> Vec<usize> {
    let (degrees, largest) = degrees(graph);
    let mut starts = vec![0; largest + 2];
    degrees
        .iter()
        .for_each(|&d| starts[largest - d as usize + 1] += 1);
    for k in 1..starts.len() {
        starts[k] += starts[k - 1];
    }
    let mut order = vec![0; degrees.len()];
    for &v in ties.arrivals {
        let place = &mut starts[largest - degrees[v] as usize];
        order[*place] = v;
        *place += 1;
    }
    order
}

fn smallest_last(graph: &mut impl Graph, ties: Ties<'_>) -> Vec<usize> {
    let (degrees, largest) = degrees(graph);
    let mut buckets = Buckets::new(degrees, largest, ties);
    let mut order = Vec::with_capacity(graph.len());
    while let Some(v) = buckets.take_smallest() {
        order.push(v);
        graph.neighbors(v, |w| buckets.lower(w));
    }
    order.reverse();
    order
}

fn incidence_degree(graph: &mut impl Graph, ties: Ties<'_>) -> Vec<usize> {
    let (degrees, largest) = degrees(graph);
    let mut buckets = Buckets::new(vec![0; degrees.len()], largest, ties);
    let mut order = Vec::with_capacity(graph.len());
    while let Some(v) = buckets.take_largest() {
        order.push(v);
        graph.neighbors(v, |w| buckets.raise(w));
    }
    order
}
