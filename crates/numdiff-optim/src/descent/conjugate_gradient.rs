//! Nonlinear conjugate gradients.

use crate::matrix::dot;

/// beta of Polak and Ribière, not below 0 (Nocedal and Wright, equation 5.45), which restarts with
/// steepest descent when successive gradients are far from orthogonal.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct ConjugateGradient {
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    gradient: Vec<f64>,
    #[cfg_attr(feature = "serde", serde(with = "crate::bits"))]
    direction: Vec<f64>,
}

impl ConjugateGradient {
    pub fn direction(&mut self, g: &[f64], p: &mut [f64]) {
        let beta = if self.gradient.is_empty() {
            0.0
        } else {
            let before = dot(&self.gradient, &self.gradient);
            ((dot(g, g) - dot(g, &self.gradient)) / before).max(0.0)
        };
        self.direction.resize(g.len(), 0.0);
        for ((p, d), g) in p.iter_mut().zip(&mut self.direction).zip(g) {
            *d = beta * *d - g;
            *p = *d;
        }
        if dot(g, p) >= 0.0 {
            for ((p, d), g) in p.iter_mut().zip(&mut self.direction).zip(g) {
                *d = -g;
                *p = -g;
            }
        }
        self.gradient.clear();
        self.gradient.extend_from_slice(g);
    }
}
