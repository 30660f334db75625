//! Lines (columns, or rows) of one color share no crossing line: partial distance-2 coloring.

use super::greedy::{Marks, Rule};
use crate::sparse::lists::Lists;

/// Colors that one crossing line's lines have taken: all below `full`, and `others`.
///
/// First fit starts at the largest `full` among a line's crossings instead of at 0. That is the
/// difference between linear and quadratic time when a crossing line is dense. The colors are those of
/// algorithm 3.1 of Gebremedhin, Manne and Pothen (2005).
pub(super) struct Distance2<'p> {
    /// The crossing lines of each line.
    crossings: &'p Lists,
    /// Where the lines of each crossing line begin.
    starts: &'p [usize],
    full: Vec<u32>,
    others: Vec<u32>,
    other_counts: Vec<u32>,
}

impl<'p> Distance2<'p> {
    pub fn new(crossings: &'p Lists, lines: &'p Lists) -> Self {
        Self {
            crossings,
            starts: &lines.starts,
            full: vec![0; lines.len()],
            others: vec![0; lines.items.len()],
            other_counts: vec![0; lines.len()],
        }
    }
}

impl Rule for Distance2<'_> {
    fn clear(&mut self) {
        self.full.fill(0);
        self.other_counts.fill(0);
    }

    fn forbid(&mut self, line: usize, _: &[u32], forbidden: &mut Marks) -> u32 {
        let crossings = self.crossings.of(line);
        let floor = crossings.iter().map(|&k| self.full[k]).max().unwrap_or(0);
        for &k in crossings {
            let from = self.starts[k];
            for &color in &self.others[from..from + self.other_counts[k] as usize] {
                if color >= floor {
                    forbidden.mark(color);
                }
            }
        }
        floor
    }

    fn take(&mut self, line: usize, colors: &[u32]) {
        let color = colors[line];
        for &k in self.crossings.of(line) {
            let (from, count, full) =
                (self.starts[k], &mut self.other_counts[k], &mut self.full[k]);
            if color != *full {
                self.others[from + *count as usize] = color;
                *count += 1;
                continue;
            }
            *full += 1;
            // Colors that stood apart may now continue the full range.
            while let Some(at) = self.others[from..from + *count as usize]
                .iter()
                .position(|c| c == full)
            {
                *count -= 1;
                self.others.swap(from + at, from + *count as usize);
                *full += 1;
            }
        }
    }
}

/// Whether no crossing line holds two lines of one color.
pub(super) fn is_valid(lines: &Lists, colors: &[u32], count: usize) -> bool {
    let mut seen = Marks::new(count);
    lines.iter().all(|crossing| {
        seen.clear();
        crossing.iter().all(|&line| seen.mark(colors[line]))
    })
}
