//! f's values along one line.

/// Values at displacements along a line, in the order of their evaluation.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct LineValues {
    pub ts: Vec<f64>,
    /// f's outputs for each displacement.
    pub values: Vec<f64>,
}

/// The slot of the values at x itself.
pub(crate) const BASE: usize = usize::MAX;

impl LineValues {
    pub fn clear(&mut self) {
        self.ts.clear();
        self.values.clear();
    }

    /// Latest first: a scheme asks again for what it has just seen.
    #[inline]
    pub fn find(&self, t: f64) -> Option<usize> {
        self.ts.iter().rposition(|&seen| seen == t)
    }
}

/// f's values along the line at hand and at x, kept between runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    pub cache: LineValues,
    /// f(x), once it is known.
    pub base: Vec<f64>,
    pub moves: Vec<(usize, f64)>,
    /// The point at which f is, of several.
    pub point: usize,
}
