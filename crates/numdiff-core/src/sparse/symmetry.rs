//! Symmetry and unions of patterns.

use super::SparsityPattern;
use crate::Error;

impl SparsityPattern {
    /// Whether (j, i) is an entry wherever (i, j) is. True only for square patterns.
    pub fn is_symmetric(&self) -> bool {
        self.rows() == self.columns() && self.csc() == self.csr()
    }

    /// The union with the transpose.
    ///
    /// # Errors
    /// [`Error::NotSquare`].
    pub fn symmetrized(&self) -> Result<Self, Error> {
        if self.rows() != self.columns() {
            return Err(Error::NotSquare {
                rows: self.rows(),
                columns: self.columns(),
            });
        }
        Self::from_rows(self.rows(), self.rows(), |i| {
            self.row(i).iter().chain(self.column(i)).copied()
        })
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

    /// The first entry (i, j) without its mirror image, if the pattern is square and not symmetric.
    pub(crate) fn asymmetric_entry(&self) -> Option<(usize, usize)> {
        self.entries().find(|&(i, j)| !self.contains(j, i))
    }
}
