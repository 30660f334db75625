//! Which coordinates a line moves.

/// One line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Direction<'a> {
    Coordinate(usize),
    Pair([(usize, f64); 2]),
    /// An entry of its own, plus a factor times the explicit entries.
    Offset((usize, f64), f64, &'a [(usize, f64)]),
    Entries(&'a [(usize, f64)]),
    /// Coordinates that all move by their units.
    Group(&'a [usize]),
}
