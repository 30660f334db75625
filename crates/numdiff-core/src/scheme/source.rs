//! Where a scheme's values come from.

use super::fixed::Nodes;
use crate::Error;
use crate::line::{Line, Pending};
use crate::stencil::MAX_NODES;

/// f's values along one line: computed at once, or told earlier.
pub(crate) trait Source {
    /// Where the values at `t` are kept; `Pending` when they are not here yet or f failed.
    fn fetch(&mut self, t: f64) -> Result<usize, Pending>;
    /// The same for all nodes of a fixed scheme.
    fn fetch_nodes(
        &mut self,
        nodes: &Nodes,
        slots: &mut [usize; MAX_NODES],
    ) -> Result<(), Pending> {
        nodes.displacements().for_each(|t| self.announce(&[t]));
        for (slot, t) in slots.iter_mut().zip(nodes.displacements()) {
            *slot = self.fetch(t)?;
        }
        Ok(())
    }
    /// Says that these will be fetched.
    fn announce(&mut self, ts: &[f64]) {
        let _ = ts;
    }
    /// Output `output` of the values kept at `slot`.
    fn get(&self, slot: usize, output: usize) -> f64;
    /// All outputs of the values kept at `slot`, where they stand side by side.
    fn all(&self, slot: usize) -> Option<&[f64]>;
    /// Outputs of f; known after the first fetch.
    fn outputs(&self) -> usize;
    /// Whether this output's estimate was found in an earlier run over the line.
    fn is_settled(&self, output: usize) -> bool {
        let _ = output;
        false
    }
    /// Takes note that this output's estimate was found.
    fn settle(&mut self, output: usize) {
        let _ = output;
    }
    /// Whether values that are missing come later, so that other outputs are worth running.
    fn waits(&self) -> bool {
        false
    }
}

/// One output along a line, as a scheme that looks for its steps sees it.
///
/// A scheme is written as straight-line code over it and is a pure function of the values. The serial driver answers
/// at once; an ask/tell plan answers from the values told so far and halts at the first that is missing, to be run
/// again when it is told: same code, same bits.
pub(crate) struct OneOutput<'a> {
    pub line: &'a Line<'a>,
    pub source: &'a mut dyn Source,
    pub output: usize,
}

impl OneOutput<'_> {
    /// f at displacement `t` along the line; `t = 0` is f(x). NaN or infinite where f is not
    /// defined. Asking for the same `t` again costs nothing.
    #[inline]
    pub fn value(&mut self, t: f64) -> Result<f64, Pending> {
        let slot = self.source.fetch(t)?;
        Ok(self.source.get(slot, self.output))
    }
}

/// Why a line was left.
pub(crate) enum LineError {
    Pending,
    Error(Error),
}

impl From<Pending> for LineError {
    fn from(_: Pending) -> Self {
        LineError::Pending
    }
}

impl From<Error> for LineError {
    fn from(error: Error) -> Self {
        LineError::Error(error)
    }
}
