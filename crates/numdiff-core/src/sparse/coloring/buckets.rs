//! Vertices sorted by a small integer that changes by one at a time.

const NONE: u32 = u32::MAX;

/// How vertices of one key are told apart.
#[derive(Clone, Copy)]
pub(super) struct Ties<'a> {
    /// Whether the vertex of a bucket that came in first comes out first, not the last.
    pub oldest: bool,
    /// In which order the vertices come in at the beginning.
    pub arrivals: &'a [usize],
}

/// A bucket queue: every operation takes constant time, and all of them together linear time, as
/// in Matula and Beck, "Smallest-last ordering and clustering and graph coloring algorithms",
/// J. ACM 30 (1983).
pub(super) struct Buckets {
    oldest: bool,
    head: Vec<u32>,
    tail: Vec<u32>,
    next: Vec<u32>,
    previous: Vec<u32>,
    key: Vec<u32>,
    /// Taken out.
    gone: Vec<bool>,
    /// No bucket below is occupied.
    cursor: usize,
}

impl Buckets {
    /// Vertices 0.. with their keys.
    pub fn new(keys: Vec<u32>, ties: Ties<'_>) -> Self {
        let (n, largest) = (keys.len(), keys.iter().copied().max().unwrap_or(0));
        let mut buckets = Self {
            oldest: ties.oldest,
            tail: vec![NONE; largest as usize + 1],
            head: vec![NONE; largest as usize + 1],
            next: vec![NONE; n],
            previous: vec![NONE; n],
            key: keys,
            gone: vec![false; n],
            cursor: 0,
        };
        ties.arrivals.iter().for_each(|&v| buckets.push(v));
        buckets
    }

    /// Takes a vertex with the smallest key.
    pub fn take_smallest(&mut self) -> Option<usize> {
        while self.cursor < self.head.len() && self.head[self.cursor] == NONE {
            self.cursor += 1;
        }
        let end = if self.oldest { &self.tail } else { &self.head };
        let v = *end.get(self.cursor)? as usize;
        self.unlink(v);
        self.gone[v] = true;
        Some(v)
    }

    /// Lowers the key of a vertex by one, unless it was taken.
    pub fn lower(&mut self, v: usize) {
        if !self.gone[v] {
            self.unlink(v);
            self.key[v] -= 1;
            self.cursor = self.cursor.min(self.key[v] as usize);
            self.push(v);
        }
    }

    fn push(&mut self, v: usize) {
        let key = self.key[v] as usize;
        let first = std::mem::replace(&mut self.head[key], v as u32);
        self.next[v] = first;
        self.previous[v] = NONE;
        match first {
            NONE => self.tail[key] = v as u32,
            first => self.previous[first as usize] = v as u32,
        }
    }

    fn unlink(&mut self, v: usize) {
        let (previous, next) = (self.previous[v], self.next[v]);
        let key = self.key[v] as usize;
        match previous {
            NONE => self.head[key] = next,
            previous => self.next[previous as usize] = next,
        }
        match next {
            NONE => self.tail[key] = previous,
            next => self.previous[next as usize] = previous,
        }
    }
}
