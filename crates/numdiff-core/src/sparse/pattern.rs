//! Which entries of a matrix may be nonzero, in compressed columns and compressed rows at once.

use super::csx::{Axis, accumulate, check_parts, check_size, transposed};
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
#[cfg_attr(
    feature = "serde",
    serde(try_from = "super::saved::Saved", into = "super::saved::Saved")
)]
pub struct SparsityPattern {
    rows: usize,
    columns: usize,
    column_starts: Vec<usize>,
    row_indices: Vec<usize>,
    row_starts: Vec<usize>,
    column_indices: Vec<usize>,
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
        check_size(rows, columns)?;
        let entries: Vec<(usize, usize)> = entries.into_iter().collect();
        let mut starts = vec![0; rows + 1];
        for &(row, column) in &entries {
            if row >= rows || column >= columns {
                return Err(Error::EntryOutOfRange {
                    row,
                    column,
                    rows,
                    columns,
                });
            }
            starts[row + 1] += 1;
        }
        accumulate(&mut starts);
        let mut next = starts.clone();
        let mut indices = vec![0; entries.len()];
        for &(row, column) in &entries {
            indices[next[row]] = column;
            next[row] += 1;
        }
        drop(entries);
        // Sorting by column and back by row leaves every row sorted, in linear time.
        let (column_starts, row_indices) = transposed(rows, columns, &starts, &indices);
        Ok(Self::from_columns(
            rows,
            columns,
            column_starts,
            row_indices,
            Duplicates::Merge,
        ))
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
        check_parts(rows, columns, starts, indices, Axis::Column)?;
        Ok(Self::from_columns(
            rows,
            columns,
            starts.to_vec(),
            indices.to_vec(),
            Duplicates::None,
        ))
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
        check_parts(columns, rows, starts, indices, Axis::Row)?;
        let (column_starts, row_indices) = transposed(rows, columns, starts, indices);
        Ok(Self::from_columns(
            rows,
            columns,
            column_starts,
            row_indices,
            Duplicates::None,
        ))
    }

    /// The entries (i, j) with -`lower` <= j - i <= `upper`: `lower` diagonals below the main one
    /// and `upper` above it. Tridiagonal: 1 and 1; diagonal: 0 and 0.
    ///
    /// # Errors
    /// [`Error::PatternTooLarge`] when memory can't hold the entries, or a number for each row and column.
    pub fn banded(rows: usize, columns: usize, lower: usize, upper: usize) -> Result<Self, Error> {
        check_size(rows, columns)?;
        let band = |j: usize| {
            let first = j.saturating_sub(upper).min(rows);
            let last = j.saturating_add(lower).saturating_add(1).min(rows);
            first..last.max(first)
        };
        let mut column_starts = Vec::with_capacity(columns + 1);
        column_starts.push(0_usize);
        let mut entries = 0_usize;
        for j in 0..columns {
            entries = entries
                .checked_add(band(j).len())
                .ok_or(Error::PatternTooLarge { rows, columns })?;
            column_starts.push(entries);
        }
        let mut row_indices = Vec::new();
        row_indices
            .try_reserve_exact(entries)
            .map_err(|_| Error::PatternTooLarge { rows, columns })?;
        (0..columns).for_each(|j| row_indices.extend(band(j)));
        Ok(Self::from_columns(
            rows,
            columns,
            column_starts,
            row_indices,
            Duplicates::None,
        ))
    }

    /// The positions where `nonzero(row, column)` is true; asks for all `rows * columns` of them.
    /// For large matrices use [`from_rows`](Self::from_rows).
    pub fn from_fn(
        rows: usize,
        columns: usize,
        mut nonzero: impl FnMut(usize, usize) -> bool,
    ) -> Self {
        let mut column_starts = vec![0];
        let mut row_indices = Vec::new();
        for j in 0..columns {
            row_indices.extend((0..rows).filter(|&i| nonzero(i, j)));
            column_starts.push(row_indices.len());
        }
        Self::from_columns(rows, columns, column_starts, row_indices, Duplicates::None)
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
        check_size(rows, columns)?;
        let mut starts = Vec::with_capacity(rows + 1);
        starts.push(0);
        let mut indices = Vec::new();
        for row in 0..rows {
            for column in columns_of(row) {
                if column >= columns {
                    return Err(Error::EntryOutOfRange {
                        row,
                        column,
                        rows,
                        columns,
                    });
                }
                indices.push(column);
            }
            starts.push(indices.len());
        }
        let (column_starts, row_indices) = transposed(rows, columns, &starts, &indices);
        Ok(Self::from_columns(
            rows,
            columns,
            column_starts,
            row_indices,
            Duplicates::Merge,
        ))
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
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of entries.
    pub fn nnz(&self) -> usize {
        self.row_indices.len()
    }

    /// Compressed columns: starts (`columns + 1`) and row indices (`nnz`).
    pub fn csc(&self) -> (&[usize], &[usize]) {
        (&self.column_starts, &self.row_indices)
    }

    /// Compressed rows: starts (`rows + 1`) and column indices (`nnz`).
    pub fn csr(&self) -> (&[usize], &[usize]) {
        (&self.row_starts, &self.column_indices)
    }

    /// The row indices of a column, increasing.
    ///
    /// # Panics
    /// When j is not below [`columns`](Self::columns).
    pub fn column(&self, j: usize) -> &[usize] {
        &self.row_indices[self.column_starts[j]..self.column_starts[j + 1]]
    }

    /// The column indices of a row, increasing.
    ///
    /// # Panics
    /// When i is not below [`rows`](Self::rows).
    pub fn row(&self, i: usize) -> &[usize] {
        &self.column_indices[self.row_starts[i]..self.row_starts[i + 1]]
    }

    /// Whether (row, column) is an entry.
    pub fn contains(&self, row: usize, column: usize) -> bool {
        row < self.rows && column < self.columns && self.column(column).binary_search(&row).is_ok()
    }

    /// The entries (row, column), column by column.
    pub fn entries(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (0..self.columns).flat_map(|j| self.column(j).iter().map(move |&i| (i, j)))
    }

    /// For each entry in CSC order, its place in CSR order: values in CSC order become values in
    /// CSR order by `csr[map[k]] = csc[k]`.
    pub fn csc_to_csr(&self) -> &[usize] {
        &self.row_slots
    }

    /// Rows and columns exchanged.
    pub fn transpose(&self) -> Self {
        Self::from_columns(
            self.columns,
            self.rows,
            self.row_starts.clone(),
            self.column_indices.clone(),
            Duplicates::None,
        )
    }

    /// Errs with the difference when the shape is not `rows` x `columns`.
    pub(crate) fn expect_shape(
        &self,
        other: &'static str,
        rows: usize,
        columns: usize,
    ) -> Result<(), Error> {
        if (self.rows, self.columns) == (rows, columns) {
            return Ok(());
        }
        Err(Error::PatternShape {
            rows: self.rows,
            columns: self.columns,
            other,
            other_rows: rows,
            other_columns: columns,
        })
    }

    fn from_columns(
        rows: usize,
        columns: usize,
        mut column_starts: Vec<usize>,
        mut row_indices: Vec<usize>,
        duplicates: Duplicates,
    ) -> Self {
        if let Duplicates::Merge = duplicates {
            let mut kept = 0;
            let mut from = 0;
            for j in 0..columns {
                let to = column_starts[j + 1];
                let first = kept;
                for slot in from..to {
                    if kept == first || row_indices[kept - 1] != row_indices[slot] {
                        row_indices[kept] = row_indices[slot];
                        kept += 1;
                    }
                }
                from = to;
                column_starts[j + 1] = kept;
            }
            row_indices.truncate(kept);
        }
        column_starts.shrink_to_fit();
        row_indices.shrink_to_fit();
        let mut row_starts = vec![0; rows + 1];
        row_indices.iter().for_each(|&i| row_starts[i + 1] += 1);
        accumulate(&mut row_starts);
        let mut next = row_starts.clone();
        let mut column_indices = vec![0; row_indices.len()];
        let mut row_slots = vec![0; row_indices.len()];
        for j in 0..columns {
            for slot in column_starts[j]..column_starts[j + 1] {
                let to = &mut next[row_indices[slot]];
                column_indices[*to] = j;
                row_slots[slot] = *to;
                *to += 1;
            }
        }
        Self {
            rows,
            columns,
            column_starts,
            row_indices,
            row_starts,
            column_indices,
            row_slots,
        }
    }
}

/// Prints the shape and the number of entries, not the entries.
impl std::fmt::Debug for SparsityPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "SparsityPattern({} x {}, {} entries)",
            self.rows,
            self.columns,
            self.nnz()
        )
    }
}

enum Duplicates {
    None,
    Merge,
}
