//! What the schemes found, line by line and output by output.

use super::LineEstimate;
use crate::error::expect_outputs;
use crate::{Error, Status};

/// Estimates of every output along every line, in the order of lines, then outputs.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct LineResults {
    /// Outputs of f after contraction; 0: not known yet.
    pub outputs: usize,
    pub lines: usize,
    /// Whether errors, steps and statuses are kept.
    pub bars: bool,
    pub value: Vec<f64>,
    pub error: Vec<f64>,
    pub step: Vec<f64>,
    pub status: Vec<Status>,
    /// Evaluations that each estimate asked for.
    pub counts: Vec<usize>,
    pub evaluations: usize,
    /// How many estimates are kept, of compressed lines; all outputs along all lines otherwise.
    pub compressed_entries: Option<usize>,
    /// Where output 0 of the line at hand goes, of compressed lines.
    pub offset: usize,
    /// Lines whose step vanished in rounding, and the first of them.
    pub vanished: usize,
    pub first_vanished: Option<usize>,
}

impl LineResults {
    pub fn begin(&mut self, lines: usize, compressed_entries: Option<usize>, bars: bool) {
        (self.outputs, self.lines, self.bars) = (0, lines, bars);
        (self.compressed_entries, self.offset) = (compressed_entries, 0);
        (self.evaluations, self.vanished, self.first_vanished) = (0, 0, None);
        self.value.clear();
        self.error.clear();
        self.step.clear();
        self.status.clear();
        self.counts.clear();
    }

    /// Learns the number of outputs, or checks it.
    #[inline]
    pub fn shape(&mut self, outputs: usize) -> Result<(), Error> {
        if outputs == self.outputs && outputs > 0 {
            return Ok(());
        }
        self.shape_anew(outputs)
    }

    fn shape_anew(&mut self, outputs: usize) -> Result<(), Error> {
        self.outputs = expect_outputs(outputs, self.outputs)?;
        let size = self.compressed_entries.unwrap_or(outputs * self.lines);
        self.resize(size);
        Ok(())
    }

    fn resize(&mut self, size: usize) {
        self.value.resize(size, 0.0);
        if self.bars {
            self.error.resize(size, 0.0);
            self.step.resize(size, 0.0);
            self.status.resize(size, Status::Converged);
            self.counts.resize(size, 0);
        }
    }

    /// The values of all outputs along a line, for schemes without error bars.
    #[inline]
    pub fn values_of(&mut self, line: usize) -> &mut [f64] {
        let at = match self.compressed_entries {
            None => line * self.outputs,
            Some(_) => self.offset,
        };
        &mut self.value[at..at + self.outputs]
    }

    #[inline]
    pub fn put(&mut self, line: usize, output: usize, estimate: LineEstimate) {
        let at = match self.compressed_entries {
            None => line * self.outputs + output,
            Some(_) => self.offset + output,
        };
        self.value[at] = estimate.value;
        if self.bars {
            self.error[at] = estimate.error;
            self.step[at] = estimate.step;
            self.status[at] = estimate.status;
            self.counts[at] = estimate.evaluations;
        }
    }

    /// Makes room for more lines; the number of outputs is known.
    #[cfg(feature = "rayon")]
    pub fn grow(&mut self, lines: usize) {
        self.lines += lines;
        let size = self.outputs * self.lines;
        self.resize(size);
    }

    /// Copies `lines` lines of `other`, from line `from` there to line `to` here.
    #[cfg(feature = "rayon")]
    pub fn copy(&mut self, to: usize, other: &LineResults, from: usize, lines: usize) {
        let m = self.outputs;
        let (to, from, size) = (to * m, from * m, lines * m);
        self.value[to..to + size].copy_from_slice(&other.value[from..from + size]);
        if self.bars {
            self.error[to..to + size].copy_from_slice(&other.error[from..from + size]);
            self.step[to..to + size].copy_from_slice(&other.step[from..from + size]);
            self.status[to..to + size].copy_from_slice(&other.status[from..from + size]);
            self.counts[to..to + size].copy_from_slice(&other.counts[from..from + size]);
        }
    }

    /// Takes estimates of other lines, of one output, behind its own.
    pub fn append(&mut self, other: &LineResults) {
        let first = other.first_vanished.map(|line| self.lines + line);
        self.first_vanished = self.first_vanished.or(first);
        self.vanished += other.vanished;
        self.evaluations += other.evaluations;
        (self.outputs, self.bars) = (1, other.bars);
        self.lines += other.lines;
        self.value.extend_from_slice(&other.value);
        self.error.extend_from_slice(&other.error);
        self.step.extend_from_slice(&other.step);
        self.status.extend_from_slice(&other.status);
        self.counts.extend_from_slice(&other.counts);
    }

    /// Takes the counts of `other` alone.
    pub fn count_as(&mut self, other: &LineResults) {
        self.evaluations = other.evaluations;
        (self.vanished, self.first_vanished) = (other.vanished, other.first_vanished);
    }

    pub fn vanish(&mut self, line: usize) {
        self.vanished += 1;
        self.first_vanished.get_or_insert(line);
    }

    /// The least trustworthy status.
    pub fn worst(&self) -> Status {
        self.status
            .iter()
            .copied()
            .fold(Status::Converged, Status::worse)
    }
}
