//! Which outputs depend on which coordinates, by moving many coordinates at once.

use super::coloring::{Coloring, Order};
use super::pattern::SparsityPattern;
use std::ops::Range;

/// Bisection of the columns: ranges of columns and the rows that depend on them, level by level.
///
/// Ranges whose rows are known to be disjoint are tested together, and a row tells which of them
/// it heard. A pattern of k colors takes about 2 k log2(n) tests, a dense one 2 n.
pub(crate) struct Bisection {
    ranges: Vec<Range<usize>>,
    /// Rows by ranges: what may depend on what, at this level.
    candidates: SparsityPattern,
    coloring: Coloring,
    /// The test that is next.
    test: usize,
    /// What was found at this level: (row, range).
    found: Vec<(usize, usize)>,
    /// For each row the range that the present test can mean.
    meant: Vec<Option<usize>>,
}

impl Bisection {
    /// All rows may depend on all columns.
    pub fn new(rows: usize, columns: usize) -> Self {
        let ranges: Vec<Range<usize>> = (columns > 0).then_some(0..columns).into_iter().collect();
        let candidates = SparsityPattern::from_fn(rows, ranges.len(), |_, _| true);
        Bisection {
            coloring: Coloring::columns(&candidates, Order::Natural),
            ranges,
            candidates,
            test: 0,
            found: Vec::new(),
            meant: vec![None; rows],
        }
    }

    /// The ranges of columns that the next test moves; none when the pattern is known.
    pub fn test(&self) -> Option<impl Iterator<Item = Range<usize>> + '_> {
        let group = (self.test < self.coloring.colors()).then(|| self.coloring.group(self.test))?;
        Some(group.iter().map(|&range| self.ranges[range].clone()))
    }

    /// Takes the rows that changed in the test.
    pub fn tell(&mut self, changed: impl Fn(usize) -> bool) {
        let group = self.coloring.group(self.test);
        for &range in group {
            for &row in self.candidates.column(range) {
                self.meant[row] = Some(range);
            }
        }
        for &row in group
            .iter()
            .flat_map(|&range| self.candidates.column(range))
        {
            let meant = self.meant[row].take().filter(|_| changed(row));
            self.found.extend(meant.map(|range| (row, range)));
        }
        self.test += 1;
        if self.test == self.coloring.colors() {
            let found = std::mem::take(&mut self.found);
            self.candidates = of_entries(self.candidates.rows(), self.ranges.len(), found);
            self.open();
        }
    }

    /// The pattern that was found.
    pub fn finish(self) -> SparsityPattern {
        self.candidates
    }

    /// Halves the ranges and plans their tests. Ranges of one column are known.
    fn open(&mut self) {
        self.test = 0;
        if self.ranges.iter().all(|range| range.len() <= 1) {
            let none = SparsityPattern::from_fn(0, 0, |_, _| false);
            self.coloring = Coloring::columns(&none, Order::Natural);
            return;
        }
        let halves_of = |range: &Range<usize>| {
            let middle = range.start + range.len() / 2;
            let halves = [range.start..middle, middle..range.end];
            halves.into_iter().filter(|half| !half.is_empty())
        };
        let (mut halves, mut ends) = (Vec::new(), vec![0]);
        for range in &self.ranges {
            halves.extend(halves_of(range));
            ends.push(halves.len());
        }
        let entries = self
            .candidates
            .entries()
            .flat_map(|(row, range)| (ends[range]..ends[range + 1]).map(move |half| (row, half)));
        self.candidates = of_entries(self.candidates.rows(), halves.len(), entries);
        self.ranges = halves;
        self.coloring = Coloring::columns(&self.candidates, Order::Natural);
    }
}

fn of_entries(
    rows: usize,
    columns: usize,
    entries: impl IntoIterator<Item = (usize, usize)>,
) -> SparsityPattern {
    match SparsityPattern::from_triplets(rows, columns, entries) {
        Ok(pattern) => pattern,
        Err(_) => unreachable!("rows and ranges come from patterns of the same shape"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(pattern: &SparsityPattern) -> (SparsityPattern, usize) {
        let mut bisection = Bisection::new(pattern.rows(), pattern.columns());
        let mut tests = 0;
        while let Some(ranges) = bisection.test().map(Iterator::collect::<Vec<_>>) {
            tests += 1;
            bisection.tell(|row| {
                pattern
                    .row(row)
                    .iter()
                    .any(|&j| ranges.iter().any(|range| range.contains(&j)))
            });
        }
        (bisection.finish(), tests)
    }

    #[test]
    fn finds_every_pattern() {
        for (m, n) in [(1, 1), (5, 1), (1, 5), (7, 9), (13, 13), (0, 3), (3, 0)] {
            for modulus in 1..7 {
                let pattern =
                    SparsityPattern::from_fn(m, n, |i, j| (3 * i + 5 * j + i * j) % modulus == 0);
                assert_eq!(run(&pattern).0, pattern);
            }
        }
    }

    #[test]
    fn takes_colors_times_levels() {
        let n = 1 << 10;
        let band = SparsityPattern::banded(n, n, 1, 1).unwrap();
        let (found, tests) = run(&band);
        assert_eq!(found, band);
        // Two halves of a range and of its neighbor, at each of 10 levels.
        assert!(tests <= 1 + 4 * 10, "{tests} tests");
    }
}
