//! Which entries of a matrix may be nonzero, in compressed columns and compressed rows at once.

use super::lists::Lists;
use crate::Error;

/// The positions of a sparse matrix that may be nonzero.
///
/// Stored both as compressed sparse columns (CSC) and compressed sparse rows (CSR), with sorted
/// indices and no duplicates, so that the parts can be handed to sprs, faer or nalgebra-sparse as
/// they are. Memory: three indices per entry and one per row and column; every constructor takes
/// time linear in what it is given (but [`from_fn`](Self::from_fn), which asks for each position).
///
/// ```
/// use numdiff_core::SparsityPattern;
/// let tridiagonal = SparsityPattern::banded(4, 4, 1, 1)?;
/// assert_eq!(tridiagonal.nnz(), 10);
/// let (starts, rows) = tridiagonal.csc();
/// assert_eq!(starts, [0, 2, 5, 8, 10]);
/// assert_eq!(rows, [0, 1, 0, 1, 2, 1, 2, 3, 2, 3]);
/// # Ok::<(), numdiff_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved", into = "Saved"))]
pub struct SparsityPattern {
    by_column: Lists,
    by_row: Lists,
    /// Where the entry of each CSC slot lies in CSR.
    row_slots: Vec<usize>,
}

impl SparsityPattern {
    /// The pattern with the given (row, column) entries, in any order; duplicates count once.
    ///
    /// # Errors
    /// [`Error::EntryOutOfRange`] for an entry outside `rows` x `columns`, [`Error::PatternTooLarge`] for more
    /// rows or columns than memory can hold.
    pub fn from_triplets<I>(rows: usize, columns: usize, entries: I) -> Result<Self, Error>
    where
        I: IntoIterator<Item = (usize, usize)>,
    {
        expect_room(rows, columns, Some(0))?;
        let inside = |(i, j)| expect_inside(i, j, rows, columns).map(|()| (i, j));
        let entries: Vec<(usize, usize)> =
            entries.into_iter().map(inside).collect::<Result<_, _>>()?;
        let by_row = Lists::grouped(rows, entries.iter().copied());
        Ok(Self::from_unsorted(columns, &by_row))
    }

    /// The pattern of a CSC matrix: `starts` has `columns + 1` elements, and the row indices of
    /// column j are `indices[starts[j]..starts[j + 1]]`, strictly increasing.
    ///
    /// # Errors
    /// [`Error::Length`] when `starts` or `indices` have the wrong length,
    /// [`Error::EntryOutOfRange`] for a row index that is too large, [`Error::PatternParts`] when
    /// `starts` decreases or indices are not strictly increasing.
    pub fn from_csc(
        rows: usize,
        columns: usize,
        starts: &[usize],
        indices: &[usize],
    ) -> Result<Self, Error> {
        expect_room(rows, columns, Some(0))?;
        let inside = |j, i| expect_inside(i, j, rows, columns);
        let by_column = Lists::checked(columns, starts, indices, inside)?;
        Ok(Self::from_columns(rows, by_column))
    }

    /// The pattern of a CSR matrix: `starts` has `rows + 1` elements, and the column indices of
    /// row i are `indices[starts[i]..starts[i + 1]]`, strictly increasing.
    ///
    /// # Errors
    /// Those of [`from_csc`](Self::from_csc).
    pub fn from_csr(
        rows: usize,
        columns: usize,
        starts: &[usize],
        indices: &[usize],
    ) -> Result<Self, Error> {
        expect_room(rows, columns, Some(0))?;
        let inside = |i, j| expect_inside(i, j, rows, columns);
        let by_row = Lists::checked(rows, starts, indices, inside)?;
        Ok(Self::from_columns(columns, by_row).transpose())
    }

    /// The entries (i, j) with -`lower` <= j - i <= `upper`: `lower` diagonals below the main one
    /// and `upper` above it. Tridiagonal: 1 and 1; diagonal: 0 and 0.
    ///
    /// # Errors
    /// [`Error::PatternTooLarge`] when memory can't hold the entries, or a number for each row and column.
    pub fn banded(rows: usize, columns: usize, lower: usize, upper: usize) -> Result<Self, Error> {
        expect_room(rows, columns, Some(0))?;
        let band = |j: usize| {
            let first = j.saturating_sub(upper).min(rows);
            let last = j.saturating_add(lower).saturating_add(1).min(rows);
            first..last.max(first)
        };
        let mut lengths = (0..columns).map(|j| band(j).len());
        let entries = lengths.try_fold(0_usize, usize::checked_add);
        expect_room(rows, columns, entries)?;
        let by_column = Lists::from_each((0..columns).map(band));
        Ok(Self::from_columns(rows, by_column))
    }

    /// The positions where `nonzero(row, column)` is true; asks for all `rows * columns` of them.
    /// For large matrices use [`from_rows`](Self::from_rows).
    pub fn from_fn(
        rows: usize,
        columns: usize,
        mut nonzero: impl FnMut(usize, usize) -> bool,
    ) -> Self {
        let mut column = |j: usize| (0..rows).filter(|&i| nonzero(i, j)).collect::<Vec<_>>();
        let by_column = Lists::from_each((0..columns).map(&mut column));
        Self::from_columns(rows, by_column)
    }

    /// The pattern whose row i has entries in the columns that `columns_of(i)` yields, in any
    /// order; duplicates count once.
    ///
    /// ```
    /// use numdiff_core::SparsityPattern;
    /// // The 5-point stencil on a 100 x 100 grid.
    /// let (nx, n) = (100, 10_000);
    /// let grid = SparsityPattern::from_rows(n, n, |i| {
    ///     let (a, b) = (i % nx, i / nx);
    ///     [(true, i), (a > 0, i.wrapping_sub(1)), (a + 1 < nx, i + 1), (b > 0, i.wrapping_sub(nx)), (b + 1 < nx, i + nx)]
    ///         .into_iter()
    ///         .filter_map(|(inside, j)| inside.then_some(j))
    /// })?;
    /// assert_eq!(grid.nnz(), 5 * n - 4 * nx);
    /// # Ok::<(), numdiff_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::EntryOutOfRange`] for a column that is too large, [`Error::PatternTooLarge`] for more rows or
    /// columns than memory can hold.
    pub fn from_rows<I>(
        rows: usize,
        columns: usize,
        mut columns_of: impl FnMut(usize) -> I,
    ) -> Result<Self, Error>
    where
        I: IntoIterator<Item = usize>,
    {
        expect_room(rows, columns, Some(0))?;
        let (mut starts, mut items) = (Vec::with_capacity(rows + 1), Vec::new());
        starts.push(0);
        for i in 0..rows {
            for j in columns_of(i) {
                expect_inside(i, j, rows, columns)?;
                items.push(j);
            }
            starts.push(items.len());
        }
        Ok(Self::from_unsorted(columns, &Lists { starts, items }))
    }

    /// Every position.
    ///
    /// # Errors
    /// [`Error::PatternTooLarge`] when `rows * columns` overflows.
    pub fn dense(rows: usize, columns: usize) -> Result<Self, Error> {
        Self::banded(rows, columns, rows, columns)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.by_row.len()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.by_column.len()
    }

    /// Number of entries.
    pub fn nnz(&self) -> usize {
        self.by_column.items.len()
    }

    /// Compressed columns: starts (`columns + 1`) and row indices (`nnz`).
    pub fn csc(&self) -> (&[usize], &[usize]) {
        (&self.by_column.starts, &self.by_column.items)
    }

    /// Compressed rows: starts (`rows + 1`) and column indices (`nnz`).
    pub fn csr(&self) -> (&[usize], &[usize]) {
        (&self.by_row.starts, &self.by_row.items)
    }

    /// The row indices of a column, increasing.
    ///
    /// # Panics
    /// When j is not below [`columns`](Self::columns).
    pub fn column(&self, j: usize) -> &[usize] {
        self.by_column.of(j)
    }

    /// The column indices of a row, increasing.
    ///
    /// # Panics
    /// When i is not below [`rows`](Self::rows).
    pub fn row(&self, i: usize) -> &[usize] {
        self.by_row.of(i)
    }

    /// Whether (row, column) is an entry.
    pub fn contains(&self, row: usize, column: usize) -> bool {
        self.slot(row, column).is_some()
    }

    /// The entries (row, column), column by column.
    pub fn entries(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let columns = self.by_column.iter().enumerate();
        columns.flat_map(|(j, column)| column.iter().map(move |&i| (i, j)))
    }

    /// Whether (j, i) is an entry wherever (i, j) is. True only for square patterns.
    pub fn is_symmetric(&self) -> bool {
        self.by_column == self.by_row
    }

    /// The union with the transpose.
    ///
    /// # Errors
    /// [`Error::NotSquare`].
    pub fn symmetrized(&self) -> Result<Self, Error> {
        self.expect_square()?;
        self.union(&self.transpose())
    }

    /// Rows and columns exchanged.
    pub fn transpose(&self) -> Self {
        Self::from_columns(self.columns(), self.by_row.clone())
    }

    /// The entries that are in either pattern.
    ///
    /// # Errors
    /// [`Error::PatternShape`] when the shapes differ.
    pub(crate) fn union(&self, other: &Self) -> Result<Self, Error> {
        self.expect_shape("the other pattern", other.rows(), other.columns())?;
        Self::from_rows(self.rows(), self.columns(), |i| {
            self.row(i).iter().chain(other.row(i)).copied()
        })
    }

    /// The columns, the rows, and for each entry in CSC order its place in CSR order: of a symmetric pattern
    /// that of its mirror image in CSC order.
    pub(crate) fn parts(&self) -> (&Lists, &Lists, &[usize]) {
        (&self.by_column, &self.by_row, &self.row_slots)
    }

    /// The place of an entry in CSC order.
    pub(crate) fn slot(&self, row: usize, column: usize) -> Option<usize> {
        if row >= self.rows() || column >= self.columns() {
            return None;
        }
        let at = self.column(column).binary_search(&row).ok()?;
        Some(self.by_column.starts[column] + at)
    }

    /// Errs unless the pattern is square.
    pub(crate) fn expect_square(&self) -> Result<(), Error> {
        let (rows, columns) = (self.rows(), self.columns());
        if rows == columns {
            return Ok(());
        }
        Err(Error::NotSquare { rows, columns })
    }

    /// Errs unless the pattern is square and symmetric.
    pub(crate) fn expect_symmetric(&self) -> Result<(), Error> {
        self.expect_square()?;
        if self.is_symmetric() {
            return Ok(());
        }
        match self.entries().find(|&(i, j)| !self.contains(j, i)) {
            Some((row, column)) => Err(Error::NotSymmetric { row, column }),
            None => Ok(()),
        }
    }

    /// Errs with the difference when the shape is not `rows` x `columns`.
    pub(crate) fn expect_shape(
        &self,
        other: &'static str,
        other_rows: usize,
        other_columns: usize,
    ) -> Result<(), Error> {
        let (rows, columns) = (self.rows(), self.columns());
        if (rows, columns) == (other_rows, other_columns) {
            return Ok(());
        }
        Err(Error::PatternShape {
            rows,
            columns,
            other,
            other_rows,
            other_columns,
        })
    }

    /// Of rows in any order: sorted by column, then back by row.
    fn from_unsorted(columns: usize, by_row: &Lists) -> Self {
        let by_column = by_row.transposed(columns).without_repeats();
        Self::from_columns(by_row.len(), by_column)
    }

    fn from_columns(rows: usize, by_column: Lists) -> Self {
        let by_row = by_column.transposed(rows);
        let mut next = by_row.starts.clone();
        let place = |&i: &usize| {
            next[i] += 1;
            next[i] - 1
        };
        Self {
            row_slots: by_column.items.iter().map(place).collect(),
            by_column,
            by_row,
        }
    }
}

/// Prints the shape and the number of entries, not the entries.
impl std::fmt::Debug for SparsityPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (rows, columns, entries) = (self.rows(), self.columns(), self.nnz());
        write!(f, "SparsityPattern({rows} x {columns}, {entries} entries)")
    }
}

/// What is saved: one of the two orders, from which the other is made anew, so that a damaged file is an
/// error.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Saved {
    rows: usize,
    columns: usize,
    column_starts: Vec<usize>,
    row_indices: Vec<usize>,
}

#[cfg(feature = "serde")]
impl From<SparsityPattern> for Saved {
    fn from(pattern: SparsityPattern) -> Self {
        Saved {
            rows: pattern.rows(),
            columns: pattern.columns(),
            column_starts: pattern.by_column.starts,
            row_indices: pattern.by_column.items,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for SparsityPattern {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        let (starts, indices) = (&saved.column_starts, &saved.row_indices);
        Self::from_csc(saved.rows, saved.columns, starts, indices)
    }
}

fn expect_inside(row: usize, column: usize, rows: usize, columns: usize) -> Result<(), Error> {
    if row < rows && column < columns {
        return Ok(());
    }
    Err(Error::EntryOutOfRange {
        row,
        column,
        rows,
        columns,
    })
}

/// Errs unless memory has room for the entries, and for a number for each row and each column.
fn expect_room(rows: usize, columns: usize, entries: Option<usize>) -> Result<(), Error> {
    let most = rows.max(columns).checked_add(1);
    let needed = most.zip(entries).map(|(lines, entries)| lines.max(entries));
    match needed.map(|needed| Vec::<usize>::new().try_reserve_exact(needed)) {
        Some(Ok(())) => Ok(()),
        _ => Err(Error::PatternTooLarge { rows, columns }),
    }
}
