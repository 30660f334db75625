//! What is saved of a pattern.

use super::SparsityPattern;
use super::csx::check_size;
use crate::Error;

/// One of the two orders, from which the other is made anew, so that a damaged file is an error.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Saved {
    rows: usize,
    columns: usize,
    column_starts: Vec<usize>,
    row_indices: Vec<usize>,
}

impl From<SparsityPattern> for Saved {
    fn from(pattern: SparsityPattern) -> Self {
        let (starts, indices) = pattern.csc();
        Saved {
            rows: pattern.rows(),
            columns: pattern.columns(),
            column_starts: starts.to_vec(),
            row_indices: indices.to_vec(),
        }
    }
}

impl TryFrom<Saved> for SparsityPattern {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        check_size(saved.rows, saved.columns)?;
        let (starts, indices) = (&saved.column_starts, &saved.row_indices);
        Self::from_csc(saved.rows, saved.columns, starts, indices)
    }
}
