//! Nonlinear conjugate gradients.

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

impl ConjugateGradient {
    pub fn direction(&mut self, g: &[f64], p: &mut [f64]) {
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
    }

    /// The step was taken: the next direction is conjugate to it.
    pub fn learn(&mut self) {
        (self.gradient, self.direction) = std::mem::take(&mut self.next);
    }
}
