//! Groups of columns (or rows) that one evaluation can serve together.

mod acyclic;
mod buckets;
mod distance2;
mod graph;
mod lattice;
mod order;
mod star;

use super::SparsityPattern;
use super::splitmix::SplitMix64;
use crate::Error;
use acyclic::Acyclic;
use buckets::Ties;
use distance2::Distance2;
use graph::{Adjacency, Graph, Intersection};
use lattice::{Condition, Lattice};
pub use order::Order;
use star::Star;

/// What the groups of a [`Coloring`] are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ColoringKind {
    /// Columns of one color share no row: a Jacobian from one directional derivative per color.
    Columns,
    /// Rows of one color share no column: a Jacobian from one vector-Jacobian product per color.
    Rows,
    /// Star coloring of a symmetric pattern: a Hessian from one directional derivative of the
    /// gradient per color, each entry read off directly. Also called symmetric direct.
    Star,
    /// Acyclic coloring of a symmetric pattern: as star with fewer colors, but entries follow by
    /// substitution, in which errors add up.
    Acyclic,
}

/// A partition of the columns (or rows) of a pattern into groups that are evaluated together.
///
/// A Jacobian or Hessian then costs as many directions as there are [`colors`](Self::colors),
/// whatever its size. Finding the fewest colors is NP-hard; these are greedy colorings in linear
/// time, see [`Order`]. For columns and rows no coloring can have fewer than
/// [`lower_bound`](Self::lower_bound) colors.
///
/// ```
/// use numdiff_core::{Coloring, Order, SparsityPattern};
/// let band = SparsityPattern::banded(1000, 1000, 2, 1)?;
/// let coloring = Coloring::columns(&band, Order::Best);
/// assert_eq!(coloring.colors(), 4);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Coloring {
    kind: ColoringKind,
    colors: Vec<u32>,
    starts: Vec<usize>,
    members: Vec<usize>,
    lower_bound: usize,
}

impl Coloring {
    /// Colors the columns so that no row has entries in two columns of one color.
    pub fn columns(pattern: &SparsityPattern, order: Order) -> Self {
        Lines {
            lines: pattern.csc(),
            crossings: pattern.csr(),
        }
        .color(ColoringKind::Columns, order)
    }

    /// Colors the rows so that no column has entries in two rows of one color.
    pub fn rows(pattern: &SparsityPattern, order: Order) -> Self {
        Lines {
            lines: pattern.csr(),
            crossings: pattern.csc(),
        }
        .color(ColoringKind::Rows, order)
    }

    /// Star coloring: entries of a symmetric matrix are read off directly.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::NotSymmetric`].
    pub fn star(pattern: &SparsityPattern, order: Order) -> Result<Self, Error> {
        let graph = adjacency(pattern)?;
        let mut engine = Star::new(graph);
        let greedy = |order: &[usize], colors: &mut [u32]| engine.first_fit(order, colors);
        Ok(symmetric(pattern, ColoringKind::Star, order, greedy))
    }

    /// Acyclic coloring: entries of a symmetric matrix follow by substitution.
    ///
    /// # Errors
    /// As [`star`](Self::star).
    pub fn acyclic(pattern: &SparsityPattern, order: Order) -> Result<Self, Error> {
        let graph = adjacency(pattern)?;
        let mut engine = Acyclic::new(graph);
        let greedy = |order: &[usize], colors: &mut [u32]| engine.first_fit(order, colors);
        Ok(symmetric(pattern, ColoringKind::Acyclic, order, greedy))
    }

    /// A coloring from elsewhere: `colors[j]` is the color of column (or row) j, counted from 0.
    ///
    /// # Errors
    /// [`Error::Length`]; [`Error::InvalidColoring`] when two lines of one color collide;
    /// for symmetric kinds also those of [`star`](Self::star).
    pub fn from_colors(
        pattern: &SparsityPattern,
        kind: ColoringKind,
        colors: &[usize],
    ) -> Result<Self, Error> {
        let expected = match kind {
            ColoringKind::Rows => pattern.rows(),
            _ => pattern.columns(),
        };
        if colors.len() != expected {
            return Err(Error::Length {
                argument: "colors",
                found: colors.len(),
                expected,
            });
        }
        if let ColoringKind::Star | ColoringKind::Acyclic = kind {
            adjacency(pattern)?;
        }
        // Numbered by first appearance, so that no group is empty.
        let mut names = std::collections::HashMap::new();
        let colors: Vec<u32> = colors
            .iter()
            .map(|&color| {
                let next = names.len() as u32;
                *names.entry(color).or_insert(next)
            })
            .collect();
        let coloring = Self::assemble(kind, colors, names.len(), lower_bound(pattern, kind));
        if !coloring.is_valid(pattern) {
            return Err(Error::InvalidColoring {
                colors: coloring.colors(),
            });
        }
        Ok(coloring)
    }

    /// What the groups are good for.
    pub fn kind(&self) -> ColoringKind {
        self.kind
    }

    /// Number of colors.
    pub fn colors(&self) -> usize {
        self.starts.len() - 1
    }

    /// The color of a column (or row), in `0..colors()`.
    pub fn color_of(&self, line: usize) -> usize {
        self.colors[line] as usize
    }

    /// The columns (or rows) of a color, increasing.
    pub fn group(&self, color: usize) -> &[usize] {
        &self.members[self.starts[color]..self.starts[color + 1]]
    }

    /// No coloring of this kind has fewer colors: the longest row (or column) of the pattern; for
    /// symmetric kinds the number of edges that forests can hold.
    pub fn lower_bound(&self) -> usize {
        self.lower_bound
    }

    /// Whether this is a coloring of `pattern` of its kind. Linear time.
    pub fn is_valid(&self, pattern: &SparsityPattern) -> bool {
        let count = self.colors();
        match self.kind {
            ColoringKind::Columns => {
                let (starts, columns) = pattern.csr();
                self.colors.len() == pattern.columns()
                    && distance2::is_valid(starts, columns, &self.colors, count)
            }
            ColoringKind::Rows => {
                let (starts, rows) = pattern.csc();
                self.colors.len() == pattern.rows()
                    && distance2::is_valid(starts, rows, &self.colors, count)
            }
            ColoringKind::Star => adjacency(pattern).is_ok_and(|g| {
                self.colors.len() == pattern.columns() && star::is_valid(g, &self.colors, count)
            }),
            ColoringKind::Acyclic => adjacency(pattern).is_ok_and(|g| {
                self.colors.len() == pattern.columns() && acyclic::is_valid(g, &self.colors, count)
            }),
        }
    }

    fn assemble(kind: ColoringKind, colors: Vec<u32>, count: usize, lower_bound: usize) -> Self {
        let (starts, members) = classes(&colors, count);
        Self {
            kind,
            colors,
            starts,
            members,
            lower_bound,
        }
    }
}

/// Errs unless the pattern is square and symmetric.
pub(crate) fn expect_symmetric(pattern: &SparsityPattern) -> Result<(), Error> {
    adjacency(pattern).map(|_| ())
}

/// The adjacency graph of a symmetric pattern.
fn adjacency(pattern: &SparsityPattern) -> Result<Adjacency<'_>, Error> {
    if pattern.rows() != pattern.columns() {
        return Err(Error::NotSquare {
            rows: pattern.rows(),
            columns: pattern.columns(),
        });
    }
    if !pattern.is_symmetric()
        && let Some((row, column)) = pattern.asymmetric_entry()
    {
        return Err(Error::NotSymmetric { row, column });
    }
    let (starts, indices) = pattern.csc();
    Ok(Adjacency { starts, indices })
}

fn longest(starts: &[usize]) -> usize {
    starts.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0)
}

/// Neighbors that a greedy pass looks at, at most.
fn visits(starts: &[usize]) -> usize {
    let squares = starts.windows(2).map(|w| (w[1] - w[0]).saturating_pow(2));
    squares.fold(0, usize::saturating_add)
}

fn lower_bound(pattern: &SparsityPattern, kind: ColoringKind) -> usize {
    let lines = pattern.columns().min(1);
    match kind {
        ColoringKind::Columns => longest(pattern.csr().0).max(lines),
        ColoringKind::Rows => longest(pattern.csc().0).max(pattern.rows().min(1)),
        ColoringKind::Star | ColoringKind::Acyclic => {
            // Every two of k colors hold a forest: the edges number at most
            // (k - 1) n - k (k - 1) / 2.
            let n = pattern.columns();
            let (starts, indices) = pattern.csc();
            let diagonal =
                (0..n).filter(|&j| indices[starts[j]..starts[j + 1]].binary_search(&j).is_ok());
            let edges = ((pattern.nnz() - diagonal.count()) / 2) as f64;
            (1..=n)
                .find(|&k| (k - 1) as f64 * (n as f64 - k as f64 / 2.0) >= edges)
                .unwrap_or(n)
        }
    }
}

/// The members of each color class, compressed.
fn classes(colors: &[u32], count: usize) -> (Vec<usize>, Vec<usize>) {
    let mut starts = vec![0; count + 1];
    colors.iter().for_each(|&c| starts[c as usize + 1] += 1);
    for k in 0..count {
        starts[k + 1] += starts[k];
    }
    let mut next = starts.clone();
    let mut members = vec![0; colors.len()];
    for (line, &c) in colors.iter().enumerate() {
        members[next[c as usize]] = line;
        next[c as usize] += 1;
    }
    (starts, members)
}

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

/// Recolors in other orders while that may free the last color.
///
/// A round begins with the given order or, in turn, with another one, ties broken at random, and
/// goes on class by class (reversed, shuffled, or smallest class first) as in Culberson and Luo,
/// "Exploring the k-colorable landscape with iterated greedy", DIMACS 26 (1996): for distance-2
/// colorings this never adds a color, because a class of independent lines fits into the colors of
/// the classes before it and one more. Another order leads to another part of the landscape, and
/// a pattern that is hard for one order is seldom hard for all. In between, the vertices that got the last color go to the front of the
/// order that gave it (Joslin and Clements, "Squeaky wheel optimization", J. Artif. Intell. Res.
/// 10, 1999), which moves star and acyclic colorings too: there every other turn, where classes
/// promise nothing.
fn improve(
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

/// Lines to color and the lines that cross them.
struct Lines<'p> {
    lines: (&'p [usize], &'p [usize]),
    crossings: (&'p [usize], &'p [usize]),
}

impl Lines<'_> {
    fn color(&self, kind: ColoringKind, order: Order) -> Coloring {
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
                Lattice::find(
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

fn symmetric(
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
            Lattice::find(pattern.csr(), condition, lower, upper, |formula| {
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
fn apply(formula: &Lattice, n: usize) -> (Vec<u32>, usize) {
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
