//! In which order vertices are colored.

use super::buckets::{Buckets, Ties};
use super::problem::Neighbors;
use crate::random::SplitMix64;
use crate::sparse::lists::Lists;

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
    /// Those in which another order of arrival gives another order.
    pub(super) const WITH_TIES: [Order; 3] = [
        Order::IncidenceDegree,
        Order::SmallestLast,
        Order::LargestFirst,
    ];

    /// The vertices in this order; [`Order::Best`] counts as natural.
    pub(super) fn of(self, graph: &mut Neighbors<'_>, ties: Ties<'_>) -> Vec<usize> {
        let n = graph.problem.len();
        match self {
            Order::Best | Order::Natural => (0..n).collect(),
            Order::Random { seed } => SplitMix64::new(seed).permutation(n),
            Order::LargestFirst => {
                // Stable: vertices of one degree stay in the order of their arrival.
                let (degrees, largest) = degrees(graph);
                let key = |&v: &usize| ((largest - degrees[v]) as usize, v);
                Lists::grouped(largest as usize + 1, ties.arrivals.iter().map(key)).items
            }
            Order::SmallestLast => {
                let (degrees, _) = degrees(graph);
                let mut order = smallest_next(graph, degrees, ties);
                order.reverse();
                order
            }
            Order::IncidenceDegree => {
                let (degrees, largest) = degrees(graph);
                smallest_next(graph, vec![largest; degrees.len()], ties)
            }
        }
    }
}

/// How many neighbors each vertex has, and the most that one has.
fn degrees(graph: &mut Neighbors<'_>) -> (Vec<u32>, u32) {
    let n = graph.problem.len();
    let degree = |v| {
        let mut degree = 0;
        graph.visit(v, |_| degree += 1);
        degree
    };
    let degrees: Vec<u32> = (0..n).map(degree).collect();
    let largest = degrees.iter().copied().max().unwrap_or(0);
    (degrees, largest)
}

/// The vertex with the smallest key is next, and lowers those of its neighbors by one.
fn smallest_next(graph: &mut Neighbors<'_>, keys: Vec<u32>, ties: Ties<'_>) -> Vec<usize> {
    let mut order = Vec::with_capacity(keys.len());
    let mut buckets = Buckets::new(keys, ties);
    while let Some(v) = buckets.take_smallest() {
        order.push(v);
        graph.visit(v, |w| buckets.lower(w));
    }
    order
}
