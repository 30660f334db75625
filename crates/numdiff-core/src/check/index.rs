//! Indices of entries, counted and as users write them.

use std::fmt;

/// Multi-dimensional index of entry `k` of an array of `shape`.
pub(super) fn index(shape: &[usize], k: usize) -> Vec<usize> {
    let mut rest = k;
    let mut index = vec![0; shape.len()];
    for (slot, &length) in index.iter_mut().zip(shape).rev() {
        *slot = rest % length.max(1);
        rest /= length.max(1);
    }
    index
}

/// An index as users write it: 3, or (3, 17).
pub(super) struct Index<'a>(pub &'a [usize]);

impl fmt::Display for Index<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => write!(f, "()"),
            [i] => write!(f, "{i}"),
            many => {
                let words: Vec<String> = many.iter().map(usize::to_string).collect();
                write!(f, "({})", words.join(", "))
            }
        }
    }
}
