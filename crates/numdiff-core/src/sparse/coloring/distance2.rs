//! Lines (columns, or rows) of one color share no crossing line: partial distance-2 coloring.

/// Colors that one crossing line's lines have taken: all below `full`, and `others`.
///
/// First fit starts at the largest `full` among a line's crossings instead of at 0. That is the
/// difference between linear and quadratic time when a crossing line is dense.
pub(super) struct Distance2<'p> {
    starts: &'p [usize],
    crossings: &'p [usize],
    crossing_starts: &'p [usize],
    full: Vec<u32>,
    others: Vec<u32>,
    other_counts: Vec<u32>,
    taken: Vec<u32>,
}

impl<'p> Distance2<'p> {
    pub fn new(starts: &'p [usize], crossings: &'p [usize], crossing_starts: &'p [usize]) -> Self {
        let crossing_count = crossing_starts.len() - 1;
        Self {
            starts,
            crossings,
            crossing_starts,
            full: vec![0; crossing_count],
            others: vec![0; crossings.len()],
            other_counts: vec![0; crossing_count],
            taken: Vec::new(),
        }
    }

    /// Colors every line with the smallest color that its neighbors before it in `order` leave
    /// free. Algorithm 3.1 of Gebremedhin, Manne and Pothen (2005), the same colors.
    pub fn first_fit(&mut self, order: &[usize], colors: &mut [u32]) -> usize {
        self.full.fill(0);
        self.other_counts.fill(0);
        self.taken.clear();
        let mut count = 0;
        for (stamp, &line) in (1_u32..).zip(order) {
            let crossings = &self.crossings[self.starts[line]..self.starts[line + 1]];
            let floor = crossings.iter().map(|&k| self.full[k]).max().unwrap_or(0);
            for &k in crossings {
                let from = self.crossing_starts[k];
                for &color in &self.others[from..from + self.other_counts[k] as usize] {
                    if color >= floor {
                        self.taken[color as usize] = stamp;
                    }
                }
            }
            let mut color = floor;
            while self.taken.get(color as usize) == Some(&stamp) {
                color += 1;
            }
            if color as usize >= count {
                count = color as usize + 1;
                self.taken.resize(count, 0);
            }
            colors[line] = color;
            for &k in crossings {
                self.take(k, color);
            }
        }
        count
    }

    fn take(&mut self, crossing: usize, color: u32) {
        let from = self.crossing_starts[crossing];
        let count = &mut self.other_counts[crossing];
        let full = &mut self.full[crossing];
        if color != *full {
            self.others[from + *count as usize] = color;
            *count += 1;
            return;
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

/// Whether no crossing line holds two lines of one color.
pub(super) fn is_valid(
    crossing_starts: &[usize],
    lines: &[usize],
    colors: &[u32],
    count: usize,
) -> bool {
    let mut seen = vec![usize::MAX; count];
    crossing_starts.windows(2).enumerate().all(|(k, w)| {
        lines[w[0]..w[1]].iter().all(|&line| {
            let color = colors[line] as usize;
            std::mem::replace(&mut seen[color], k) != k
        })
    })
}
