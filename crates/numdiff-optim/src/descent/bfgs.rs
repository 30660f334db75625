//! BFGS.

use super::steihaug::steihaug;
use super::{At, Direction};
use crate::interrupt::Interrupt;
use crate::matrix::{Matrix, dot};

/// The Hessian approximation B (Nocedal and Wright, equation 6.19), solved by Cholesky's
/// factorization; scaled by y^T y / y^T s before the first update (equation 6.20).
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Bfgs {
    hessian: Option<Matrix>,
}

impl Direction for Bfgs {
    fn has_scale(&self) -> bool {
        self.hessian.is_some()
    }

    fn reset(&mut self) {
        self.hessian = None;
    }

    fn direction(&mut self, at: At<'_, '_>, p: &mut [f64]) -> Result<(), Interrupt> {
        // What the bounds hold is a constant in the model, as in Newton's method.
        let (bounds, x) = (&at.problem.bounds, at.x);
        let g = &bounds.projected(x, at.g)[..];
        let reduced = self.hessian.clone().map(|mut hessian| {
            hessian.hold(|i| !bounds.is_free(i, x[i], g[i]));
            hessian
        });
        let newton = match (&reduced, at.radius) {
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
        Ok(())
    }

    fn learn(&mut self, s: &mut Vec<f64>, y: &mut Vec<f64>, _: [f64; 3]) {
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

    fn predicted(&self, g: &[f64], p: &[f64]) -> Option<f64> {
        let bend = match &self.hessian {
            Some(hessian) => dot(p, &hessian.times(p)),
            None => dot(p, p),
        };
        Some(-dot(g, p) - 0.5 * bend)
    }
}
