//! What is to be colored: rows or columns that share an entry, or the adjacency graph of a symmetric pattern.

use super::acyclic::{self, Acyclic};
use super::distance2::{self, Distance2};
use super::greedy::{Marks, Rule, neighbors};
use super::star::{self, Star};
use super::{ColoringKind, SparsityPattern};
use crate::Error;
use crate::sparse::lists::Lists;

/// A pattern, and what its groups are to be good for.
#[derive(Clone, Copy)]
pub(super) struct Problem<'p> {
    pub kind: ColoringKind,
    /// The crossing lines of each line that is colored; the neighbors of each vertex of a graph.
    pub crossings: &'p Lists,
    /// The lines of each crossing line; the same as `crossings` for a graph.
    pub lines: &'p Lists,
    mirrors: &'p [usize],
}

impl<'p> Problem<'p> {
    /// Of a symmetric kind for a symmetric pattern.
    pub fn new(pattern: &'p SparsityPattern, kind: ColoringKind) -> Self {
        let (by_column, by_row, mirrors) = pattern.parts();
        let (crossings, lines) = match kind {
            ColoringKind::Columns => (by_column, by_row),
            ColoringKind::Rows => (by_row, by_column),
            ColoringKind::Star | ColoringKind::Acyclic => (by_column, by_column),
        };
        Problem {
            kind,
            crossings,
            lines,
            mirrors,
        }
    }

    /// The same after a look at the pattern.
    pub fn checked(pattern: &'p SparsityPattern, kind: ColoringKind) -> Result<Self, Error> {
        let problem = Problem::new(pattern, kind);
        if problem.is_graph() {
            pattern.expect_symmetric()?;
        }
        Ok(problem)
    }

    /// Whether vertices of a graph are colored, not lines that cross others.
    pub fn is_graph(&self) -> bool {
        matches!(self.kind, ColoringKind::Star | ColoringKind::Acyclic)
    }

    /// How many lines or vertices are colored.
    pub fn len(&self) -> usize {
        self.crossings.len()
    }

    /// No coloring has fewer colors.
    pub fn lower_bound(&self) -> usize {
        let n = self.len();
        if !self.is_graph() {
            return self.lines.longest().max(n.min(1));
        }
        // Every two of k colors hold a forest: the edges number at most (k - 1) n - k (k - 1) / 2.
        let ends = (0..n).map(|v| neighbors(self.crossings, v).count());
        let edges = (ends.sum::<usize>() / 2) as f64;
        (1..=n)
            .find(|&k| (k - 1) as f64 * (n as f64 - k as f64 / 2.0) >= edges)
            .unwrap_or(n)
    }

    /// Neighbors that a greedy pass looks at, at most.
    pub fn visits(&self) -> usize {
        let squares = self.lines.iter().map(|line| line.len().saturating_pow(2));
        squares.fold(0, usize::saturating_add)
    }

    /// What a greedy coloring has to heed.
    pub fn rule(&self) -> Box<dyn Rule + 'p> {
        match self.kind {
            ColoringKind::Star => Box::new(Star::new(self.crossings)),
            ColoringKind::Acyclic => Box::new(Acyclic::new(self.crossings)),
            _ => Box::new(Distance2::new(self.crossings, self.lines)),
        }
    }

    /// Whether these colors, below `count`, are a coloring.
    pub fn is_valid(&self, colors: &[u32], count: usize) -> bool {
        colors.len() == self.len()
            && match self.kind {
                ColoringKind::Star => star::is_valid(self.crossings, self.mirrors, colors, count),
                ColoringKind::Acyclic => acyclic::is_valid(self.crossings, colors),
                _ => distance2::is_valid(self.lines, colors, count),
            }
    }
}

/// The neighbors of each line or vertex, each once: those that a crossing line holds with it.
pub(super) struct Neighbors<'p> {
    pub problem: Problem<'p>,
    seen: Marks,
    /// Crossing lines that are longer are left out of an *order* (never out of a coloring).
    longest: usize,
}

impl<'p> Neighbors<'p> {
    pub fn new(problem: Problem<'p>) -> Self {
        Neighbors {
            problem,
            seen: Marks::new(problem.len()),
            longest: affordable_length(problem.lines),
        }
    }

    pub fn visit(&mut self, v: usize, mut visit: impl FnMut(usize)) {
        let Problem {
            crossings, lines, ..
        } = self.problem;
        if self.problem.is_graph() {
            neighbors(crossings, v).for_each(visit);
            return;
        }
        self.seen.clear();
        self.seen.mark(v as u32);
        let affordable = crossings.of(v).iter().map(|&k| lines.of(k));
        for line in affordable.filter(|line| line.len() <= self.longest) {
            for &w in line {
                if self.seen.mark(w as u32) {
                    visit(w);
                }
            }
        }
    }
}

/// The length of crossing lines up to which neighbors can be listed: it costs the sum of the squared lengths,
/// which one dense row makes n^2. All of a dense row's columns are neighbors of each other, so that it hardly
/// distinguishes them.
fn affordable_length(lines: &Lists) -> usize {
    // At most 64 visits per entry, but always what takes about a second at 2^29 visits.
    let budget = (64.0 * lines.items.len() as f64).max((1_u64 << 29) as f64);
    let mut lengths: Vec<usize> = lines.iter().map(<[usize]>::len).collect();
    lengths.sort_unstable();
    let mut work = 0.0;
    let too_long = lengths.into_iter().find(|&length| {
        work += (length as f64).powi(2);
        work > budget
    });
    too_long.map_or(usize::MAX, |length| length - 1)
}
