//! Compressed columns or rows: checks, and one made of the other.

use crate::Error;

#[derive(Clone, Copy)]
pub(super) enum Axis {
    Row,
    Column,
}

/// Counts at 1.. become starts.
pub(super) fn accumulate(starts: &mut [usize]) {
    let mut sum = 0;
    for start in starts {
        sum += *start;
        *start = sum;
    }
}

/// The compressed columns of compressed rows: a counting sort, rows increase within each column.
pub(super) fn transposed(
    rows: usize,
    columns: usize,
    starts: &[usize],
    indices: &[usize],
) -> (Vec<usize>, Vec<usize>) {
    let mut turned = vec![0; columns + 1];
    indices.iter().for_each(|&j| turned[j + 1] += 1);
    accumulate(&mut turned);
    let mut next = turned.clone();
    let mut out = vec![0; indices.len()];
    for i in 0..rows {
        for &j in &indices[starts[i]..starts[i + 1]] {
            out[next[j]] = i;
            next[j] += 1;
        }
    }
    (turned, out)
}

/// `minor` bounds the indices, `major` counts the starts.
pub(super) fn check_parts(
    minor: usize,
    major: usize,
    starts: &[usize],
    indices: &[usize],
    axis: Axis,
) -> Result<(), Error> {
    if starts.len() != major + 1 {
        return Err(Error::Length {
            argument: "starts",
            found: starts.len(),
            expected: major + 1,
        });
    }
    if starts[0] != 0 {
        return Err(Error::PatternParts {
            part: "starts",
            place: 0,
            value: starts[0],
            rule: "0",
        });
    }
    if starts[major] != indices.len() {
        return Err(Error::Length {
            argument: "indices",
            found: indices.len(),
            expected: starts[major],
        });
    }
    for k in 0..major {
        let (from, to) = (starts[k], starts[k + 1]);
        if to < from || to > indices.len() {
            return Err(Error::PatternParts {
                part: "starts",
                place: k + 1,
                value: to,
                rule: "at least its predecessor and at most the number of indices",
            });
        }
        for slot in from..to {
            let index = indices[slot];
            if index >= minor {
                return Err(match axis {
                    Axis::Column => Error::EntryOutOfRange {
                        row: index,
                        column: k,
                        rows: minor,
                        columns: major,
                    },
                    Axis::Row => Error::EntryOutOfRange {
                        row: k,
                        column: index,
                        rows: major,
                        columns: minor,
                    },
                });
            }
            if slot > from && index <= indices[slot - 1] {
                return Err(Error::PatternParts {
                    part: "indices",
                    place: slot,
                    value: index,
                    rule: "larger than its predecessor in the same column (CSC) or row (CSR)",
                });
            }
        }
    }
    Ok(())
}

/// Whether memory has room for a number for each row and each column.
pub(super) fn check_size(rows: usize, columns: usize) -> Result<(), Error> {
    let too_large = Error::PatternTooLarge { rows, columns };
    let Some(needed) = rows.max(columns).checked_add(1) else {
        return Err(too_large);
    };
    match Vec::<usize>::new().try_reserve_exact(needed) {
        Ok(()) => Ok(()),
        Err(_) => Err(too_large),
    }
}
