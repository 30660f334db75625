//! The best coloring of the greedy procedures, recolored, and of a formula.

use super::buckets::Ties;
use super::greedy::{Rule, first_fit};
use super::periodic::PeriodicColoring;
use super::problem::{Neighbors, Problem};
use super::{Coloring, Order, members, numbered};
use crate::random::SplitMix64;
use crate::sparse::lists::Lists;

/// Recolorings without a gain before giving up, for small patterns.
const PASSES: usize = 256;
/// Recolorings stop after about this many visits of neighbors (some tenths of a second), but two
/// are always made.
const VISITS: usize = 1 << 25;
/// Every so many recolorings begin anew.
const ROUND: usize = 8;

/// The best coloring of a greedy procedure in one order, or in several, and of a formula.
pub(super) fn search(problem: Problem<'_>, order: Order) -> Coloring {
    let (n, lower) = (problem.len(), problem.lower_bound());
    let (mut graph, mut rule) = (Neighbors::new(problem), problem.rule());
    let natural: Vec<usize> = (0..n).collect();
    let newest = Ties {
        oldest: false,
        arrivals: &natural,
    };
    let mut colors = vec![0; n];
    let mut count = first_fit(&mut *rule, &order.of(&mut graph, newest), &mut colors);
    let mut leader = order;
    if order == Order::Best {
        if count > lower
            && let Some(formula) = PeriodicColoring::find(&problem, lower, count)
        {
            (colors, count) = numbered((0..n).map(|j| formula.color(j) as usize));
        }
        let (mut other, mut fewest) = (vec![0; n], usize::MAX);
        for another in Order::WITH_TIES {
            if count > lower {
                let k = first_fit(&mut *rule, &another.of(&mut graph, newest), &mut other);
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
    count = improve(&mut graph, &mut *rule, leader, &mut colors, count, lower);
    Coloring::assemble(problem.kind, colors, count, lower)
}

/// Lowers the number of colors: colors the pattern again in other orders, and keeps the best.
///
/// Three kinds of order take turns. (1) The given order, then the others, ties broken at random. (2)
/// The classes of the last coloring, reversed, shuffled, or smallest first (Culberson and Luo,
/// "Exploring the k-colorable landscape with iterated greedy", DIMACS 26, 1996); for distance-2
/// colorings this never adds a color. (3) The last order, with the vertices of the last color in
/// front (Joslin and Clements, "Squeaky wheel optimization", J. Artif. Intell. Res. 10, 1999); for
/// star and acyclic colorings, of which (2) promises nothing, every other turn.
fn improve(
    graph: &mut Neighbors<'_>,
    rule: &mut dyn Rule,
    order: Order,
    colors: &mut Vec<u32>,
    count: usize,
    lower: usize,
) -> usize {
    let passes = (VISITS / graph.problem.visits().max(1)).clamp(2, PASSES);
    // A stream of our own: the same pattern has the same coloring, always.
    let mut random = SplitMix64::new(0);
    let mut best = count;
    let mut current = colors.clone();
    let mut sequence = class_order(colors, count, |classes| classes.reverse());
    let (mut pass, mut left) = (0, passes);
    let may_add = graph.problem.is_graph();
    while best > lower && left > 0 {
        let current_count = first_fit(rule, &sequence, &mut current);
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
                0 if Order::WITH_TIES.contains(&order) => order,
                _ => Order::WITH_TIES[round / 2 % Order::WITH_TIES.len()],
            };
            let ties = Ties {
                oldest: pass % (2 * ROUND) < ROUND,
                arrivals: &arrivals,
            };
            start.of(graph, ties)
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
    let classes = Lists::grouped(count, members(colors));
    let mut sequence: Vec<&[usize]> = classes.iter().collect();
    arrange(&mut sequence);
    sequence.concat()
}
