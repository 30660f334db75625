//! What was answered in the iteration at hand, so that a run cut short in its middle goes on exactly there.
//!
//! An iteration is all or nothing: cut short, it leaves the state as it was. What it has paid for by then is
//! written down here and saved with the state. A resumed run begins the iteration anew, and is given the
//! answers instead of calls until they end: the same bits and the same counts as without the cut, however
//! small the slices are.

/// Questions in the order they were asked, and their answers.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Journal {
    questions: Vec<Question>,
    /// The question at hand, from 1, and the answers of it that were read or written.
    #[cfg_attr(feature = "serde", serde(skip))]
    at: (usize, usize),
    /// Nothing is written in an iteration that cannot be cut short.
    #[cfg_attr(feature = "serde", serde(skip))]
    off: bool,
}

/// One point, one gradient, one Hessian.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Question {
    fingerprint: u64,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    answers: Vec<f64>,
}

impl Journal {
    /// A new iteration: the past is not needed any more. With `off`, the iteration is not written down.
    pub fn clear(&mut self, off: bool) {
        self.questions.clear();
        (self.at, self.off) = ((0, 0), off);
    }

    /// Whether the iteration at hand is not written down.
    pub fn is_off(&self) -> bool {
        self.off
    }

    /// Back to the first question: the iteration is about to be repeated.
    pub fn rewind(&mut self) {
        self.at = (0, 0);
    }

    /// Begins the next question. `kind` tells what is asked, `parts` where: when it is not the question of the
    /// saved run, because the caller resumes with other bounds or a gradient of his own, say, the answers from
    /// here on are forgotten.
    pub fn open(&mut self, kind: &str, parts: &[&[f64]]) {
        if self.off {
            return;
        }
        let fingerprint = fingerprint(kind, parts);
        let index = self.at.0;
        if self
            .questions
            .get(index)
            .is_none_or(|q| q.fingerprint != fingerprint)
        {
            self.questions.truncate(index);
            self.questions.push(Question {
                fingerprint,
                answers: Vec::new(),
            });
        }
        self.at = (index + 1, 0);
    }

    /// The next answer to the question at hand, if it is known.
    pub fn recall(&mut self) -> Option<f64> {
        let question = self.questions.get(self.at.0.checked_sub(1)?)?;
        let answer = question.answers.get(self.at.1).copied()?;
        self.at.1 += 1;
        Some(answer)
    }

    /// The next answer of several numbers, written by [`write_many`](Self::write_many).
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

    /// Adds an answer to the question at hand.
    pub fn write(&mut self, answer: f64) {
        if self.off || self.at.0 == 0 {
            return;
        }
        // What follows was asked after answers that are different now.
        self.questions.truncate(self.at.0);
        if let Some(question) = self.questions.last_mut() {
            question.answers.truncate(self.at.1);
            question.answers.push(answer);
            self.at.1 += 1;
        }
    }

    /// Adds an answer of several numbers; `None` for a failure.
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
