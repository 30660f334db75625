//! BFGS.

use super::steihaug::steihaug;
use crate::matrix::{Matrix, dot};

/// The Hessian approximation B (Nocedal and Wright, equation 6.19), solved by Cholesky's
/// factorization; scaled by y^T y / y^T s before the first update (equation 6.20).
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Bfgs {
    hessian: Option<Matrix>,
}

impl Bfgs {
    pub fn is_scaled(&self) -> bool {
        self.hessian.is_some()
    }

    pub fn direction(&mut self, g: &[f64], radius: Option<f64>, p: &mut [f64]) {
        let newton = match (&self.hessian, radius) {
            (Some(hessian), Some(radius)) => {
                Some(steihaug(g, radius, 1e-10, |v| Some(hessian.times(v))).0)
            }
            (Some(hessian), None) => hessian
                .cholesky()
                .map(|l| l.solve(g).iter().map(|v| -v).collect()),
            (None, Some(radius)) => Some(steihaug(g, radius, 1e-10, |v| Some(v.to_vec())).0),
            (None, None) => None,
        };
        match newton {
            Some(step) => p.copy_from_slice(&step),
            None => {
                self.hessian = None;
                p.iter_mut().zip(g).for_each(|(p, g)| *p = -g);
            }
        }
    }

    pub fn learn(&mut self, s: &[f64], y: &[f64]) {
        let ys = dot(y, s);
        // The curvature condition, above the rounding of the product.
        if !(ys > f64::EPSILON * dot(y, y).sqrt() * dot(s, s).sqrt()) {
            return;
        }
        let hessian = self
            .hessian
            .get_or_insert_with(|| Matrix::from_diagonal(&vec![dot(y, y) / ys; s.len()]));
        hessian.satisfy(1.0, s, y);
    }

    /// p^T B p.
    pub fn bend(&self, p: &[f64]) -> f64 {
        self.hessian
            .as_ref()
            .map_or_else(|| dot(p, p), |hessian| dot(p, &hessian.times(p)))
    }
}
