//! Newton's method.

use super::steihaug::steihaug;
use super::{At, Direction};
use crate::interrupt::Interrupt;
use crate::matrix::{Matrix, dot, largest};
use crate::search::Search;

/// The full Hessian every iteration: n (n + 1) + 1 evaluations of f, or 2n gradients.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Newton {
    hessian: Option<Matrix>,
}

impl Direction for Newton {
    fn search(&self) -> Search {
        Search::Backtracking
    }

    fn has_scale(&self) -> bool {
        true
    }

    /// Solves (H + lambda I) p = -g with lambda = 0, or the smallest of a geometric sequence that makes
    /// it positive definite (Nocedal and Wright, algorithm 3.3).
    fn direction(&mut self, at: At<'_, '_>, p: &mut [f64]) -> Result<(), Interrupt> {
        let (problem, x, g) = (at.problem, at.x, at.g);
        let n = x.len();
        let Some(entries) = problem.hessian(x, None)? else {
            // f does not let itself be differentiated twice here: the gradient still serves.
            self.hessian = None;
            p.iter_mut().zip(g).for_each(|(p, g)| *p = -g);
            return Ok(());
        };
        let mut hessian = Matrix::zeros(n);
        for i in 0..n {
            for j in 0..n {
                hessian.set(i, j, 0.5 * (entries[i * n + j] + entries[j * n + i]));
            }
        }
        hessian.hold(|i| !problem.bounds.is_free(i, x[i], g[i]));
        if let Some(radius) = at.radius {
            p.copy_from_slice(&steihaug(g, radius, 1e-10, |v| Some(hessian.times(v))).0);
            self.hessian = Some(hessian);
            return Ok(());
        }
        let scale = largest(&hessian.diagonal()).max(f64::MIN_POSITIVE);
        let mut shift = 0.0;
        loop {
            let mut shifted = hessian.clone();
            for i in 0..n {
                shifted.set(i, i, shifted.get(i, i) + shift);
            }
            if let Some(factor) = shifted.cholesky() {
                let step = factor.solve(g);
                p.iter_mut().zip(&step).for_each(|(p, s)| *p = -s);
                break;
            }
            // beta = 1e-3 of the algorithm, relative to the diagonal.
            shift = if shift == 0.0 {
                1e-3 * scale
            } else {
                2.0 * shift
            };
            if !shift.is_finite() {
                p.iter_mut().zip(g).for_each(|(p, g)| *p = -g);
                break;
            }
        }
        self.hessian = Some(hessian);
        Ok(())
    }

    fn predicted(&self, g: &[f64], p: &[f64]) -> Option<f64> {
        let hessian = self.hessian.as_ref()?;
        Some(-dot(g, p) - 0.5 * dot(p, &hessian.times(p)))
    }
}
