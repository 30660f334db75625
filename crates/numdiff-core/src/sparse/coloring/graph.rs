//! The two graphs that are colored: rows or columns that share an entry, and the adjacency graph.

/// A graph whose neighbors can be listed, each once, without itself.
pub(super) trait Graph {
    fn len(&self) -> usize;
    fn neighbors(&mut self, v: usize, visit: impl FnMut(usize));
    /// Whether a coloring class by class may have more colors than the one that it recolors.
    fn recoloring_may_add(&self) -> bool;
}

/// Two *lines* (columns, or rows) are neighbors when a *crossing* line (row, or column) holds both.
pub(super) struct Intersection<'p> {
    starts: &'p [usize],
    crossings: &'p [usize],
    crossing_starts: &'p [usize],
    lines: &'p [usize],
    seen: Vec<u32>,
    stamp: u32,
    longest: usize,
}

impl<'p> Intersection<'p> {
    /// `lines` are compressed by (`starts`, `crossings`), the crossing lines by the other pair.
    pub fn new(
        (starts, crossings): (&'p [usize], &'p [usize]),
        (crossing_starts, lines): (&'p [usize], &'p [usize]),
    ) -> Self {
        Self {
            starts,
            crossings,
            crossing_starts,
            lines,
            seen: vec![0; starts.len() - 1],
            stamp: 0,
            longest: affordable_length(crossing_starts, crossings.len()),
        }
    }
}

impl Graph for Intersection<'_> {
    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn recoloring_may_add(&self) -> bool {
        false
    }

    fn neighbors(&mut self, v: usize, mut visit: impl FnMut(usize)) {
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.seen.fill(0);
            self.stamp = 1;
        }
        self.seen[v] = self.stamp;
        for &crossing in &self.crossings[self.starts[v]..self.starts[v + 1]] {
            let line = self.crossing_starts[crossing]..self.crossing_starts[crossing + 1];
            if line.len() > self.longest {
                continue;
            }
            for &w in &self.lines[line] {
                if self.seen[w] != self.stamp {
                    self.seen[w] = self.stamp;
                    visit(w);
                }
            }
        }
    }
}

/// The length above which crossing lines are left out of an *order* (never out of a coloring):
/// listing neighbors costs the sum of the squared lengths, which one dense row makes n^2. All of a
/// dense row's columns are neighbors of each other, so that it hardly distinguishes them.
fn affordable_length(starts: &[usize], entries: usize) -> usize {
    // At most 64 visits per entry, but always what takes about a second at 2^29 visits.
    let budget = (64.0 * entries as f64).max((1_u64 << 29) as f64);
    let mut lengths: Vec<usize> = starts.windows(2).map(|w| w[1] - w[0]).collect();
    lengths.sort_unstable();
    let mut work = 0.0;
    for &length in &lengths {
        work += (length as f64).powi(2);
        if work > budget {
            return length - 1;
        }
    }
    usize::MAX
}

/// The adjacency graph of a symmetric pattern; its diagonal is no edge.
#[derive(Clone, Copy)]
pub(super) struct Adjacency<'p> {
    pub starts: &'p [usize],
    pub indices: &'p [usize],
}

impl<'p> Adjacency<'p> {
    pub fn of(self, v: usize) -> impl Iterator<Item = usize> + 'p {
        self.indices[self.starts[v]..self.starts[v + 1]]
            .iter()
            .copied()
            .filter(move |&w| w != v)
    }
}

impl Graph for Adjacency<'_> {
    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn recoloring_may_add(&self) -> bool {
        true
    }

    fn neighbors(&mut self, v: usize, visit: impl FnMut(usize)) {
        self.of(v).for_each(visit);
    }
}
