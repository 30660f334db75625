//! Nonlinear conjugate gradients.

use super::{At, Direction};
use crate::interrupt::Interrupt;
use crate::matrix::dot;

/// beta of Polak and Ribière, not below 0 (Nocedal and Wright, equation 5.45), which restarts with
/// steepest descent when successive gradients are far from orthogonal.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct ConjugateGradient {
    gradient: Vec<f64>,
    direction: Vec<f64>,
    /// Both of the step that is tried.
    #[cfg_attr(feature = "serde", serde(skip))]
    next: (Vec<f64>, Vec<f64>),
}

impl Direction for ConjugateGradient {
    fn direction(&mut self, at: At<'_, '_>, p: &mut [f64]) -> Result<(), Interrupt> {
        let g = at.g;
        let beta = if self.gradient.is_empty() {
            0.0
        } else {
            let before = dot(&self.gradient, &self.gradient);
            ((dot(g, g) - dot(g, &self.gradient)) / before).max(0.0)
        };
        let (gradient, direction) = &mut self.next;
        direction.clear();
        if self.direction.is_empty() {
            direction.extend(g.iter().map(|g| 0.0 - g));
        } else {
            direction.extend(g.iter().zip(&self.direction).map(|(g, d)| beta * d - g));
        }
        if dot(g, direction) >= 0.0 {
            direction.iter_mut().zip(g).for_each(|(d, g)| *d = -g);
        }
        p.copy_from_slice(direction);
        gradient.clear();
        gradient.extend_from_slice(g);
        Ok(())
    }

    /// The step was taken: the next direction is conjugate to it.
    fn learn(&mut self, _: &mut Vec<f64>, _: &mut Vec<f64>, _: [f64; 3]) {
        (self.gradient, self.direction) = std::mem::take(&mut self.next);
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    /// Conjugate gradients need accurate searches (Nocedal and Wright, section 3.1).
    fn wolfe(&self) -> f64 {
        0.1
    }
}
