//! Limited-memory BFGS; with bounds L-BFGS-B.

use super::pairs::Pairs;
use super::{At, Direction, lbfgsb};
use crate::interrupt::Interrupt;

/// The last pairs stand for the inverse Hessian.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Lbfgs {
    pairs: Pairs,
}

impl Lbfgs {
    /// With at most so many pairs.
    pub fn new(memory: usize) -> Self {
        let pairs = Pairs::new(memory);
        Lbfgs { pairs }
    }
}

impl Direction for Lbfgs {
    fn direction(&mut self, at: At<'_, '_>, p: &mut [f64]) -> Result<(), Interrupt> {
        let bounds = &at.problem.bounds;
        match bounds.is_none() {
            true => self.pairs.two_loops(at.g, p),
            false => lbfgsb::direction(&self.pairs, bounds, at.x, at.g, p),
        }
        Ok(())
    }

    fn learn(&mut self, s: &mut Vec<f64>, y: &mut Vec<f64>, products: [f64; 3]) {
        self.pairs.learn(s, y, products);
    }

    fn reset(&mut self) {
        self.pairs.reset();
    }

    fn has_scale(&self) -> bool {
        !self.pairs.list().is_empty()
    }

    /// The pairs have y^T s > 0, so that H is positive definite: two passes over long vectors are saved.
    fn always_descends(&self) -> bool {
        true
    }
}
