//! The best coloring of the greedy procedures, recolored, and of a formula.

use super::buckets::Ties;
use super::distance2::{self, Distance2};
use super::graph::{Adjacency, Graph, Intersection};
use super::periodic::{Condition, PeriodicColoring};
use super::recoloring::improve;
use super::{Coloring, ColoringKind, Order, acyclic, longest, lower_bound, star, visits};
use crate::sparse::SparsityPattern;

/// Lines to color and the lines that cross them.
pub(super) struct Lines<'p> {
    pub lines: (&'p [usize], &'p [usize]),
    pub crossings: (&'p [usize], &'p [usize]),
}

impl Lines<'_> {
    pub fn color(&self, kind: ColoringKind, order: Order) -> Coloring {
        let n = self.lines.0.len() - 1;
        let lower = longest(self.crossings.0).max(n.min(1));
        let mut engine = Distance2::new(self.lines.0, self.lines.1, self.crossings.0);
        let greedy = |order: &[usize], colors: &mut [u32]| engine.first_fit(order, colors);
        let mut graph = Intersection::new(self.lines, self.crossings);
        let (colors, count) = search(
            &mut graph,
            order,
            lower,
            visits(self.crossings.0),
            greedy,
            |lower, upper| {
                PeriodicColoring::find(
                    self.crossings,
                    Condition::Distance2,
                    lower,
                    upper,
                    |formula| {
                        let (colors, k) = apply(formula, n);
                        distance2::is_valid(self.crossings.0, self.crossings.1, &colors, k)
                            .then_some((colors, k))
                    },
                )
            },
        );
        Coloring::assemble(kind, colors, count, lower)
    }
}

pub(super) fn symmetric(
    pattern: &SparsityPattern,
    kind: ColoringKind,
    order: Order,
    greedy: impl FnMut(&[usize], &mut [u32]) -> usize,
) -> Coloring {
    let (starts, indices) = pattern.csc();
    let graph = Adjacency { starts, indices };
    let lower = lower_bound(pattern, kind);
    let (colors, count) = search(
        &mut { graph },
        order,
        lower,
        visits(starts),
        greedy,
        |lower, upper| {
            let condition = match kind {
                ColoringKind::Acyclic => Condition::Acyclic,
                _ => Condition::Distance2,
            };
            PeriodicColoring::find(pattern.csr(), condition, lower, upper, |formula| {
                let (colors, k) = apply(formula, pattern.columns());
                let valid = match kind {
                    ColoringKind::Acyclic => acyclic::is_valid(graph, &colors, k),
                    _ => star::is_valid(graph, &colors, k),
                };
                valid.then_some((colors, k))
            })
        },
    );
    Coloring::assemble(kind, colors, count, lower)
}

/// The best coloring of a greedy procedure in one order, or in several, and of a formula.
fn search(
    graph: &mut impl Graph,
    order: Order,
    lower: usize,
    visits: usize,
    mut greedy: impl FnMut(&[usize], &mut [u32]) -> usize,
    formula: impl FnOnce(usize, usize) -> Option<(Vec<u32>, usize)>,
) -> (Vec<u32>, usize) {
    let mut colors = vec![0; graph.len()];
    let natural: Vec<usize> = (0..graph.len()).collect();
    let newest = Ties {
        oldest: false,
        arrivals: &natural,
    };
    let mut count = greedy(&order.of(graph, newest), &mut colors);
    let mut leader = order;
    if order == Order::Best {
        if let Some((better, k)) = (count > lower).then(|| formula(lower, count)).flatten() {
            (colors, count) = (better, k);
        }
        let mut other = vec![0; graph.len()];
        let mut fewest = usize::MAX;
        for another in [
            Order::IncidenceDegree,
            Order::SmallestLast,
            Order::LargestFirst,
        ] {
            if count > lower {
                let k = greedy(&another.of(graph, newest), &mut other);
                if k < fewest {
                    (fewest, leader) = (k, another);
                }
                if k < count {
                    count = k;
                    std::mem::swap(&mut colors, &mut other);
                }
            }
        }
    }
    count = improve(graph, leader, &mut colors, count, lower, visits, greedy);
    (colors, count)
}

/// The colors of a formula, numbered without gaps.
fn apply(formula: &PeriodicColoring, n: usize) -> (Vec<u32>, usize) {
    renumber((0..n).map(|j| formula.color(j)).collect(), formula.colors())
}

/// Colors numbered without gaps.
fn renumber(mut colors: Vec<u32>, most: usize) -> (Vec<u32>, usize) {
    let mut names = vec![u32::MAX; most];
    let mut count = 0;
    for color in &mut colors {
        let name = &mut names[*color as usize];
        if *name == u32::MAX {
            *name = count;
            count += 1;
        }
        *color = *name;
    }
    (colors, count as usize)
}
