//! Compressed entries: which outputs are taken from which group of columns, and where they go.

use super::coloring::star::alone;
use super::lists::Lists;
use super::{Coloring, ColoringKind, SparsityPattern};
use crate::Error;
use crate::error::expect_length;

/// In which order the values of a sparse result are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Storage {
    /// Column by column: compressed sparse columns.
    #[default]
    Csc,
    /// Row by row: compressed sparse rows.
    Csr,
}

/// A colored pattern, and the way from estimates along its groups to its entries.
///
/// The estimate of output i along group g is a *compressed entry*. They lie one after the other,
/// for direct colorings column by column, for acyclic ones group by group.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Compression {
    pub pattern: SparsityPattern,
    pub coloring: Coloring,
    pub storage: Storage,
    /// The output of each compressed entry, for each column (direct) or each group (substitution).
    entries: Lists,
    /// The compressed entry that gives entry k in CSC order; empty: k itself.
    sources: Vec<usize>,
    /// The entry in CSC order that stands at place k of the result; empty: k itself.
    permutation: Vec<usize>,
    /// How compressed entries that are sums become entries, in this order.
    pub substitutions: Vec<Substitution>,
}

/// H_uv (unit of v) is all that is left of a compressed entry of row u; it is then taken out of one of
/// row v.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Substitution {
    pub compressed: usize,
    pub column: usize,
    /// The compressed entry of row v that holds H_vu, and u; this one itself on the diagonal.
    pub mirror: usize,
    pub mirror_column: usize,
}

impl Compression {
    /// Checks that the coloring can compress the pattern.
    pub fn check(pattern: &SparsityPattern, coloring: &Coloring) -> Result<(), Error> {
        if coloring.kind() == ColoringKind::Rows {
            return Err(Error::RowColoring);
        }
        expect_length("the coloring", coloring.each().len(), pattern.columns())?;
        if coloring.is_valid(pattern) {
            Ok(())
        } else {
            Err(Error::InvalidColoring {
                colors: coloring.colors(),
            })
        }
    }

    /// The coloring is one of this pattern.
    pub fn new(pattern: SparsityPattern, coloring: Coloring) -> Self {
        let mut compression = Compression {
            entries: pattern.parts().0.clone(),
            sources: Vec::new(),
            permutation: Vec::new(),
            substitutions: Vec::new(),
            pattern,
            coloring,
            storage: Storage::Csc,
        };
        match compression.coloring.kind() {
            ColoringKind::Columns | ColoringKind::Rows => {}
            ColoringKind::Star => compression.compress_stars(),
            ColoringKind::Acyclic => compression.compress_trees(),
        }
        compression
    }

    pub fn store(&mut self, storage: Storage) {
        self.storage = storage;
        self.permutation.clear();
        if storage == Storage::Csr {
            self.permutation = inverted(self.pattern.parts().2);
        }
    }

    /// Whether compressed entries are sums of entries.
    pub fn substitutes(&self) -> bool {
        self.coloring.kind() == ColoringKind::Acyclic
    }

    /// How many compressed entries there are.
    pub fn compressed_entries(&self) -> usize {
        self.entries.items.len()
    }

    /// The compressed entries of a column (direct) or of a group (substitution): where they begin, and of which
    /// outputs they are.
    #[inline]
    pub fn entries_of(&self, line: usize) -> (usize, &[usize]) {
        (self.entries.starts[line], self.entries.of(line))
    }

    /// The entry in CSC order at place `k` of the result.
    #[inline]
    pub fn permuted(&self, k: usize) -> usize {
        self.permutation.get(k).copied().unwrap_or(k)
    }

    /// The compressed entry that gives the value at place `k` of the result.
    #[inline]
    pub fn compressed_entry(&self, k: usize) -> usize {
        let entry = self.permuted(k);
        self.sources.get(entry).copied().unwrap_or(entry)
    }

    /// Entry (i, j) is taken from row i if j is alone in its color there, else in row j.
    fn compress_stars(&mut self) {
        let (by_column, _, mirrors) = self.pattern.parts();
        let alone = alone(by_column, self.coloring.each(), self.coloring.colors());
        // The pattern is symmetric: row i of column j has its color class at row i.
        let readable = |slot: usize| alone[mirrors[slot]];
        let mut taken = vec![usize::MAX; mirrors.len()];
        let mut count = 0;
        let mut each = by_column.iter().enumerate();
        let mut from = 0..;
        self.entries = Lists::from_each(each.by_ref().map(|(j, rows)| {
            let slots = rows.iter().zip(from.by_ref());
            // A slot that is alone, unless its mirror image was taken.
            let read =
                slots.filter(|&(&i, slot)| readable(slot) && (i <= j || !readable(mirrors[slot])));
            let mut kept = Vec::new();
            for (&i, slot) in read {
                taken[slot] = count;
                count += 1;
                kept.push(i);
            }
            kept
        }));
        let sources = (0..taken.len()).map(|slot| taken[slot].min(taken[mirrors[slot]]));
        self.sources = sources.collect();
    }

    /// Entries follow from the leaves of the two-colored trees inward.
    fn compress_trees(&mut self) {
        let (by_column, _, mirrors) = self.pattern.parts();
        // A compressed entry for each row and each color in it: `classes[slot]` for the slot (row i, column j),
        // in the order of groups. The exclusive or of its open slots is the last one when only one is left.
        let mut classes = vec![usize::MAX; mirrors.len()];
        let mut last = vec![(usize::MAX, usize::MAX); by_column.len()];
        let (mut left, mut open) = (Vec::<u32>::new(), Vec::<usize>::new());
        self.entries = Lists::from_each((0..self.coloring.colors()).map(|color| {
            let mut rows = Vec::new();
            for &j in self.coloring.group(color) {
                for (&i, slot) in by_column.of(j).iter().zip(by_column.starts[j]..) {
                    if last[i].0 != color {
                        last[i] = (color, left.len());
                        rows.push(i);
                        left.push(0);
                        open.push(0);
                    }
                    classes[slot] = last[i].1;
                    left[last[i].1] += 1;
                    open[last[i].1] ^= slot;
                }
            }
            rows
        }));
        let column_of = by_column.owners();
        let mut ready: Vec<usize> = (0..left.len())
            .filter(|&compressed| left[compressed] == 1)
            .collect();
        self.sources = vec![usize::MAX; mirrors.len()];
        while let Some(compressed) = ready.pop() {
            if left[compressed] != 1 {
                continue;
            }
            let slot = open[compressed];
            let mirror = mirrors[slot];
            left[compressed] = 0;
            self.sources[slot] = compressed;
            self.sources[mirror] = compressed;
            let other = classes[mirror];
            self.substitutions.push(Substitution {
                compressed,
                column: column_of[slot],
                mirror: other,
                mirror_column: column_of[mirror],
            });
            if mirror != slot {
                left[other] -= 1;
                open[other] ^= mirror;
                if left[other] == 1 {
                    ready.push(other);
                }
            }
        }
    }
}

/// The off-diagonal pairs of a symmetric pattern, each once.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Pairs {
    /// i < j.
    pub list: Vec<(usize, usize)>,
    /// For each entry in CSC order its coordinate (on the diagonal), or n plus its pair.
    lines: Vec<usize>,
}

impl Pairs {
    pub fn new(pattern: &SparsityPattern) -> Self {
        let n = pattern.columns();
        let mirrors = pattern.parts().2;
        let mut pairs = Pairs {
            list: Vec::new(),
            lines: vec![0; pattern.nnz()],
        };
        for (slot, (i, j)) in pattern.entries().enumerate() {
            if i == j {
                pairs.lines[slot] = i;
            } else if i < j {
                pairs.lines[slot] = n + pairs.list.len();
                pairs.lines[mirrors[slot]] = n + pairs.list.len();
                pairs.list.push((i, j));
            }
        }
        pairs
    }

    /// The line of an entry, among `n` coordinates and the pairs after them.
    pub fn line(&self, entry: usize, n: usize) -> usize {
        debug_assert!(self.lines[entry] < n + self.list.len());
        self.lines[entry]
    }
}

/// The place that holds each place.
pub(super) fn inverted(places: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; places.len()];
    for (k, &place) in places.iter().enumerate() {
        inverse[place] = k;
    }
    inverse
}
