//! The values of the iteration at hand: a run that was cut short in its middle goes on exactly there.
//!
//! An iteration is all or nothing: cut short, it leaves the state as it was. What it has paid for by then is
//! written down here and saved with the state. A resumed run begins the iteration anew, and is given the
//! values instead of calls until they end: the same bits and the same counts as without the cut, however
//! small the slices are.

/// Calls in the order in which they were made, and their values.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct ReplayLog {
    entries: Vec<Entry>,
    /// The entry at hand, from 1, and how many of its values were read or written.
    #[cfg_attr(feature = "serde", serde(skip))]
    at: (usize, usize),
    /// Nothing is written in an iteration that cannot be cut short.
    #[cfg_attr(feature = "serde", serde(skip))]
    off: bool,
}

/// One point, one gradient, one Hessian.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Entry {
    fingerprint: u64,
    values: Vec<f64>,
}

impl ReplayLog {
    /// A new iteration: the past is not needed any more. With `off`, the iteration is not written down.
    pub fn clear(&mut self, off: bool) {
        self.entries.clear();
        (self.at, self.off) = ((0, 0), off);
    }

    /// Whether the iteration at hand is not written down.
    pub fn is_off(&self) -> bool {
        self.off
    }

    /// The values of the first call.
    pub fn first(&self) -> Option<&[f64]> {
        Some(&self.entries.first()?.values)
    }

    /// Back to the first entry: the iteration is about to be repeated, under limits that may end it.
    pub fn rewind(&mut self) {
        (self.at, self.off) = ((0, 0), false);
    }

    /// Begins the next entry. `kind` says what is evaluated, `parts` where. Where it is not the entry of the
    /// saved run, because the caller resumes with a gradient, say, the values from here on are forgotten.
    pub fn open(&mut self, kind: &str, parts: &[&[f64]]) {
        if self.off {
            return;
        }
        let fingerprint = fingerprint(kind, parts);
        let index = self.at.0;
        if self
            .entries
            .get(index)
            .is_none_or(|q| q.fingerprint != fingerprint)
        {
            self.entries.truncate(index);
            self.entries.push(Entry {
                fingerprint,
                values: Vec::new(),
            });
        }
        self.at = (index + 1, 0);
    }

    /// The next value of the entry at hand, if it is known.
    pub fn recall(&mut self) -> Option<f64> {
        let entry = self.entries.get(self.at.0.checked_sub(1)?)?;
        let value = entry.values.get(self.at.1).copied()?;
        self.at.1 += 1;
        Some(value)
    }

    /// The next value of several numbers, written by [`write_many`](Self::write_many).
    pub fn recall_many(&mut self) -> Option<Option<Vec<f64>>> {
        let before = self.at.1;
        let length = self.recall()?;
        if length < 0.0 {
            return Some(None);
        }
        let numbers: Option<Vec<f64>> = (0..length as usize).map(|_| self.recall()).collect();
        if numbers.is_none() {
            self.at.1 = before;
        }
        numbers.map(Some)
    }

    /// Adds a value to the entry at hand.
    pub fn write(&mut self, value: f64) {
        if self.off || self.at.0 == 0 {
            return;
        }
        // What follows came after values that are different now.
        self.entries.truncate(self.at.0);
        if let Some(entry) = self.entries.last_mut() {
            entry.values.truncate(self.at.1);
            entry.values.push(value);
            self.at.1 += 1;
        }
    }

    /// Adds a value of several numbers; `None` for a failure.
    pub fn write_many(&mut self, numbers: Option<&[f64]>) {
        match numbers {
            None => self.write(-1.0),
            Some(numbers) => {
                self.write(numbers.len() as f64);
                numbers.iter().for_each(|v| self.write(*v));
            }
        }
    }
}

/// FNV-1a on the words of the numbers, with a rotation that brings their high bits into play.
fn fingerprint(kind: &str, parts: &[&[f64]]) -> u64 {
    let mix = |hash: u64, word: u64| {
        (hash ^ word)
            .wrapping_mul(0x0000_0100_0000_01b3)
            .rotate_left(29)
    };
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for byte in kind.bytes() {
        hash = mix(hash, u64::from(byte));
    }
    for part in parts {
        hash = mix(hash, part.len() as u64);
        for number in *part {
            hash = mix(hash, number.to_bits());
        }
    }
    hash
}
