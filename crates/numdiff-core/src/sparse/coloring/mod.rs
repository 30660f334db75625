//! Groups of columns (or rows) that one evaluation can serve together.

mod acyclic;
mod buckets;
mod distance2;
mod graph;
mod order;
mod periodic;
mod recoloring;
mod search;
mod star;

use super::SparsityPattern;
use crate::Error;
use acyclic::Acyclic;
use graph::Adjacency;
pub use order::Order;
use search::{Lines, symmetric};
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
    /// Those of [`star`](Self::star).
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
    ///
    /// # Panics
    /// When there is no such column (or row).
    pub fn color_of(&self, line: usize) -> usize {
        self.colors[line] as usize
    }

    /// The columns (or rows) of a color, increasing.
    ///
    /// # Panics
    /// When color is not below [`colors`](Self::colors).
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
