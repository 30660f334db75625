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
    /// Whether the estimates have error bars.
    pub bars: bool,
    /// The values of estimates without bars.
    pub values: Vec<f64>,
    /// Estimates with bars.
    pub estimates: Vec<LineEstimate>,
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
        self.forget_counts();
        self.values.clear();
        self.estimates.clear();
    }

    pub fn forget_counts(&mut self) {
        (self.evaluations, self.vanished, self.first_vanished) = (0, 0, None);
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
        if self.bars {
            let none = LineEstimate::zero(Status::Converged);
            self.estimates.resize(size, none);
        } else {
            self.values.resize(size, 0.0);
        }
    }

    /// Where output 0 of a line goes.
    #[inline]
    fn place(&self, line: usize) -> usize {
        match self.compressed_entries {
            None => line * self.outputs,
            Some(_) => self.offset,
        }
    }

    /// The values of all outputs along a line, for schemes without error bars.
    #[inline]
    pub fn values_of(&mut self, line: usize) -> &mut [f64] {
        let at = self.place(line);
        &mut self.values[at..at + self.outputs]
    }

    #[inline]
    pub fn put(&mut self, line: usize, output: usize, estimate: LineEstimate) {
        self.replace(self.place(line) + output, estimate);
    }

    /// The estimate of an output along a line.
    #[inline]
    pub fn get(&self, line: usize, output: usize) -> LineEstimate {
        self.at(line * self.outputs + output)
    }

    /// Estimate number `at`.
    #[inline]
    pub fn at(&self, at: usize) -> LineEstimate {
        if self.bars {
            return self.estimates[at];
        }
        LineEstimate {
            value: self.values[at],
            error: f64::NAN,
            step: f64::NAN,
            ..LineEstimate::zero(Status::Converged)
        }
    }

    #[inline]
    pub fn replace(&mut self, at: usize, estimate: LineEstimate) {
        if self.bars {
            self.estimates[at] = estimate;
        } else {
            self.values[at] = estimate.value;
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
        let range = |line: usize| line * self.outputs..(line + lines) * self.outputs;
        let (to, from) = (range(to), range(from));
        if self.bars {
            self.estimates[to].copy_from_slice(&other.estimates[from]);
        } else {
            self.values[to].copy_from_slice(&other.values[from]);
        }
    }

    pub fn vanish(&mut self, line: usize) {
        self.vanished += 1;
        self.first_vanished.get_or_insert(line);
    }

    /// The least trustworthy status.
    pub fn worst(&self) -> Status {
        let statuses = self.estimates.iter().map(|estimate| estimate.status);
        statuses.fold(Status::Converged, Status::worse)
    }
}
