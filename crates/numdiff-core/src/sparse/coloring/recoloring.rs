//! Fewer colors by coloring again in other orders.

use super::buckets::Ties;
use super::graph::Graph;
use super::{Order, classes};
use crate::random::SplitMix64;

/// Recolorings without a gain before giving up, for small patterns.
const PASSES: usize = 256;
/// Recolorings stop after about this many visits of neighbors (some tenths of a second), but two
/// are always made.
const VISITS: usize = 1 << 25;
/// Every so many recolorings begin anew.
const ROUND: usize = 8;
/// Orders with ties to break, for the rounds that leave the given one.
const STARTS: [Order; 3] = [
    Order::IncidenceDegree,
    Order::SmallestLast,
    Order::LargestFirst,
];

/// Lowers the number of colors: colors the pattern again in other orders, and keeps the best.
///
/// Three kinds of order take turns. (1) The given order, then the others, ties broken at random. (2)
/// The classes of the last coloring, reversed, shuffled, or smallest first (Culberson and Luo,
/// "Exploring the k-colorable landscape with iterated greedy", DIMACS 26, 1996); for distance-2
/// colorings this never adds a color. (3) The last order, with the vertices of the last color in
/// front (Joslin and Clements, "Squeaky wheel optimization", J. Artif. Intell. Res. 10, 1999); for
/// star and acyclic colorings, of which (2) promises nothing, every other turn.
pub(super) fn improve(
    graph: &mut impl Graph,
    order: Order,
    colors: &mut Vec<u32>,
    count: usize,
    lower: usize,
    visits: usize,
    mut greedy: impl FnMut(&[usize], &mut [u32]) -> usize,
) -> usize {
    let passes = (VISITS / visits.max(1)).clamp(2, PASSES);
    // A stream of our own: the same pattern has the same coloring, always.
    let mut random = SplitMix64::new(0);
    let mut best = count;
    let mut current = colors.clone();
    let mut sequence = class_order(colors, count, |classes| classes.reverse());
    let (mut pass, mut left) = (0, passes);
    let may_add = graph.recoloring_may_add();
    while best > lower && left > 0 {
        let current_count = greedy(&sequence, &mut current);
        if current_count < best {
            best = current_count;
            colors.clone_from(&current);
            left = passes;
        } else {
            left -= 1;
        }
        pass += 1;
        let (anew, turn) = (pass % ROUND == ROUND - 1, pass % 4);
        sequence = if anew {
            let arrivals = random.permutation(current.len());
            let round = pass / ROUND;
            let start = match round % 2 {
                0 if order.has_ties() => order,
                _ => STARTS[round / 2 % STARTS.len()],
            };
            start.of(
                graph,
                Ties {
                    oldest: pass % (2 * ROUND) < ROUND,
                    arrivals: &arrivals,
                },
            )
        } else if turn == 3 || (turn == 1 && may_add) {
            let (last, rest): (Vec<_>, Vec<_>) = sequence
                .into_iter()
                .partition(|&v| current[v] as usize + 1 == current_count);
            [last, rest].concat()
        } else {
            class_order(&current, current_count, |classes| match turn {
                0 => classes.reverse(),
                turn if turn == 1 || (may_add && pass % ROUND < ROUND / 2) => (1..classes.len())
                    .rev()
                    .for_each(|k| classes.swap(k, random.below(k + 1))),
                _ => classes.sort_by_key(|class| class.len()),
            })
        };
    }
    best
}

/// The vertices class by class, the classes as `arrange` leaves them.
fn class_order(
    colors: &[u32],
    count: usize,
    arrange: impl FnOnce(&mut Vec<&[usize]>),
) -> Vec<usize> {
    let (starts, members) = classes(colors, count);
    let mut sequence: Vec<&[usize]> = starts.windows(2).map(|w| &members[w[0]..w[1]]).collect();
    arrange(&mut sequence);
    sequence.concat()
}
