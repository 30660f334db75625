//! Groups of columns (or rows) that one evaluation can serve together.

mod acyclic;
mod buckets;
mod distance2;
mod greedy;
mod order;
mod periodic;
mod problem;
mod search;
pub(super) mod star;

use super::SparsityPattern;
use super::lists::Lists;
use crate::Error;
use crate::error::expect_length;
pub use order::Order;
use problem::Problem;
use search::search;

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
    groups: Lists,
    lower_bound: usize,
}

impl Coloring {
    /// Colors the columns so that no row has entries in two columns of one color.
    pub fn columns(pattern: &SparsityPattern, order: Order) -> Self {
        search(Problem::new(pattern, ColoringKind::Columns), order)
    }

    /// Colors the rows so that no column has entries in two rows of one color.
    pub fn rows(pattern: &SparsityPattern, order: Order) -> Self {
        search(Problem::new(pattern, ColoringKind::Rows), order)
    }

    /// Star coloring: entries of a symmetric matrix are read off directly.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::NotSymmetric`].
    pub fn star(pattern: &SparsityPattern, order: Order) -> Result<Self, Error> {
        let problem = Problem::checked(pattern, ColoringKind::Star)?;
        Ok(search(problem, order))
    }

    /// Acyclic coloring: entries of a symmetric matrix follow by substitution.
    ///
    /// # Errors
    /// Those of [`star`](Self::star).
    pub fn acyclic(pattern: &SparsityPattern, order: Order) -> Result<Self, Error> {
        let problem = Problem::checked(pattern, ColoringKind::Acyclic)?;
        Ok(search(problem, order))
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
        let expected = Problem::new(pattern, kind).len();
        expect_length("colors", colors.len(), expected)?;
        let problem = Problem::checked(pattern, kind)?;
        let (colors, count) = numbered(colors.iter().copied());
        if !problem.is_valid(&colors, count) {
            return Err(Error::InvalidColoring { colors: count });
        }
        let lower = problem.lower_bound();
        Ok(Self::assemble(kind, colors, count, lower))
    }

    /// What the groups are good for.
    pub fn kind(&self) -> ColoringKind {
        self.kind
    }

    /// Number of colors.
    pub fn colors(&self) -> usize {
        self.groups.len()
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
        self.groups.of(color)
    }

    /// No coloring of this kind has fewer colors: the longest row (or column) of the pattern; for
    /// symmetric kinds the number of edges that forests can hold.
    pub fn lower_bound(&self) -> usize {
        self.lower_bound
    }

    /// Whether this is a coloring of `pattern` of its kind. Linear time.
    pub fn is_valid(&self, pattern: &SparsityPattern) -> bool {
        Problem::checked(pattern, self.kind)
            .is_ok_and(|problem| problem.is_valid(&self.colors, self.colors()))
    }

    /// The color of each column (or row).
    pub(super) fn each(&self) -> &[u32] {
        &self.colors
    }

    fn assemble(kind: ColoringKind, colors: Vec<u32>, count: usize, lower_bound: usize) -> Self {
        let groups = Lists::grouped(count, members(&colors));
        Self {
            kind,
            colors,
            groups,
            lower_bound,
        }
    }
}

/// Each color with its columns (or rows).
fn members(colors: &[u32]) -> impl Iterator<Item = (usize, usize)> + Clone + '_ {
    let lines = colors.iter().enumerate();
    lines.map(|(line, &color)| (color as usize, line))
}

/// Colors numbered by first appearance, so that no group is empty, and how many there are.
fn numbered(colors: impl Iterator<Item = usize>) -> (Vec<u32>, usize) {
    let mut names = std::collections::HashMap::new();
    let colors = colors.map(|color| {
        let next = names.len() as u32;
        *names.entry(color).or_insert(next)
    });
    let colors = colors.collect();
    (colors, names.len())
}
