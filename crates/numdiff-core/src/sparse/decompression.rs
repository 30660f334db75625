//! Compressed entries: which outputs are taken from which group of columns, and where they go.

use super::{Coloring, ColoringKind, SparsityPattern};
use crate::Error;

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
    /// Starts of each column's compressed entries (direct) or of each group's (substitution).
    starts: Vec<usize>,
    /// The output of each compressed entry.
    rows: Vec<usize>,
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
        if coloring.is_valid(pattern) {
            Ok(())
        } else {
            Err(Error::InvalidColoring {
                colors: coloring.colors(),
            })
        }
    }

    /// The coloring is one of this pattern.
    pub fn new(pattern: SparsityPattern, coloring: Coloring, storage: Storage) -> Self {
        let mut compression = Compression {
            permutation: Vec::new(),
            starts: Vec::new(),
            rows: Vec::new(),
            sources: Vec::new(),
            substitutions: Vec::new(),
            pattern,
            coloring,
            storage,
        };
        match compression.coloring.kind() {
            ColoringKind::Columns | ColoringKind::Rows => {
                let (starts, rows) = compression.pattern.csc();
                (compression.starts, compression.rows) = (starts.to_vec(), rows.to_vec());
            }
            ColoringKind::Star => compression.compress_stars(),
            ColoringKind::Acyclic => compression.compress_trees(),
        }
        compression.store(storage);
        compression
    }

    pub fn store(&mut self, storage: Storage) {
        self.storage = storage;
        self.permutation.clear();
        if storage == Storage::Csr {
            self.permutation.resize(self.pattern.nnz(), 0);
            for (k, &place) in self.pattern.csc_to_csr().iter().enumerate() {
                self.permutation[place] = k;
            }
        }
    }

    /// Whether compressed entries are sums of entries.
    pub fn substitutes(&self) -> bool {
        self.coloring.kind() == ColoringKind::Acyclic
    }

    /// How many compressed entries there are.
    pub fn compressed_entries(&self) -> usize {
        self.rows.len()
    }

    /// The compressed entries of a column (direct) or of a group (substitution): where they begin, and of which
    /// outputs they are.
    #[inline]
    pub fn entries_of(&self, line: usize) -> (usize, &[usize]) {
        let (from, to) = (self.starts[line], self.starts[line + 1]);
        (from, &self.rows[from..to])
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
        let n = self.pattern.columns();
        let (starts, rows) = self.pattern.csc();
        let alone = alone(&self.pattern, &self.coloring);
        let transpose_map = transpose_map(&self.pattern);
        // A slot (row i, column j) of CSC is taken if it is alone, unless its mirror image was.
        let mut taken = vec![usize::MAX; rows.len()];
        self.starts.push(0);
        for j in 0..n {
            for slot in starts[j]..starts[j + 1] {
                let i = rows[slot];
                // The pattern is symmetric: row i of column j has its color class at row i.
                let readable = |slot: usize| alone[transpose_map[slot]];
                let first = i <= j || !readable(transpose_map[slot]);
                if readable(slot) && (first || i == j) {
                    taken[slot] = self.rows.len();
                    self.rows.push(i);
                }
            }
            self.starts.push(self.rows.len());
        }
        self.sources = (0..rows.len())
            .map(|slot| {
                if taken[slot] == usize::MAX {
                    taken[transpose_map[slot]]
                } else {
                    taken[slot]
                }
            })
            .collect();
    }

    /// Entries follow from the leaves of the two-colored trees inward.
    fn compress_trees(&mut self) {
        let n = self.pattern.columns();
        let (starts, rows) = self.pattern.csc();
        let colors = self.coloring.colors();
        // A compressed entry for each row and each color in it: `classes[slot]` for the slot (row i, column j),
        // in the order of groups.
        let mut classes = vec![usize::MAX; rows.len()];
        let mut last = vec![(usize::MAX, usize::MAX); n];
        let mut left: Vec<u32> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        self.starts.push(0);
        for color in 0..colors {
            for &j in self.coloring.group(color) {
                for slot in starts[j]..starts[j + 1] {
                    let i = rows[slot];
                    if last[i].0 != color {
                        last[i] = (color, self.rows.len());
                        self.rows.push(i);
                        left.push(0);
                        open.push(0);
                    }
                    classes[slot] = last[i].1;
                    left[last[i].1] += 1;
                    // The exclusive or of its open slots is the last one when only one is left.
                    open[last[i].1] ^= slot;
                }
            }
            self.starts.push(self.rows.len());
        }
        let transpose_map = transpose_map(&self.pattern);
        let column_of = columns_of_slots(&self.pattern);
        let mut ready: Vec<usize> = (0..left.len())
            .filter(|&compressed| left[compressed] == 1)
            .collect();
        self.sources = vec![usize::MAX; rows.len()];
        while let Some(compressed) = ready.pop() {
            if left[compressed] != 1 {
                continue;
            }
            let slot = open[compressed];
            let mirror = transpose_map[slot];
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
        let transpose_map = transpose_map(pattern);
        let mut pairs = Pairs {
            list: Vec::new(),
            lines: vec![0; pattern.nnz()],
        };
        for (slot, (i, j)) in pattern.entries().enumerate() {
            if i == j {
                pairs.lines[slot] = i;
            } else if i < j {
                pairs.lines[slot] = n + pairs.list.len();
                pairs.lines[transpose_map[slot]] = n + pairs.list.len();
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

/// For each CSC slot (row i, column j) of a symmetric pattern, the slot (row j, column i).
pub(crate) fn transpose_map(pattern: &SparsityPattern) -> Vec<usize> {
    // Compressed rows have the same starts, and slot k by columns lies at `csc_to_csr[k]` by rows,
    // which is where its mirror image lies by columns.
    pattern.csc_to_csr().to_vec()
}

/// For each slot (vertex j's list, neighbor i): whether i is the only neighbor of j of its color.
/// j itself counts with its own color, which no neighbor has.
fn alone(pattern: &SparsityPattern, coloring: &Coloring) -> Vec<bool> {
    let (starts, rows) = pattern.csc();
    let mut times = vec![0_u32; coloring.colors()];
    let mut alone = vec![false; rows.len()];
    for w in starts.windows(2) {
        let list = &rows[w[0]..w[1]];
        list.iter().for_each(|&i| times[coloring.color_of(i)] += 1);
        for (alone, &i) in alone[w[0]..w[1]].iter_mut().zip(list) {
            *alone = times[coloring.color_of(i)] == 1;
        }
        list.iter().for_each(|&i| times[coloring.color_of(i)] = 0);
    }
    alone
}

fn columns_of_slots(pattern: &SparsityPattern) -> Vec<usize> {
    let starts = pattern.csc().0;
    (0..pattern.columns())
        .flat_map(|j| std::iter::repeat_n(j, starts[j + 1] - starts[j]))
        .collect()
}
