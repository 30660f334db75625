//! Where f is the loss of residuals: its gradient and its Hessian from their Jacobian.

use super::sqp::Sqp;
use super::tangent::basis;
use crate::matrix::Matrix;

/// Damping of Gauss and Newton's matrix, relative to its largest entry: the least that makes it positive definite.
const DAMPING: [f64; 5] = [1e-13, 1e-11, 1e-8, 1e-5, 1e-2];

impl Sqp {
    pub(super) fn is_fit(&self) -> bool {
        !self.jacobian.is_empty()
    }

    /// 2 J^T r with the loss in it.
    pub(super) fn loss_gradient(&self) -> Vec<f64> {
        let mut sum = vec![0.0; self.size.len()];
        for (r, row) in self.point.residuals.iter().zip(&self.jacobian) {
            let pull = 2.0 * self.weight(*r) * r;
            sum.iter_mut().zip(row).for_each(|(s, a)| *s += pull * a);
        }
        sum
    }

    /// What the loss makes of the square of a residual: 1 without one.
    fn weight(&self, r: f64) -> f64 {
        let loss = self.shape.loss;
        loss.rho((r / loss.scale()).powi(2))[1]
    }

    /// 2 J^T J with the weights of the loss in it: no less than its curvature, but for that of the residuals.
    pub(super) fn gauss_newton(&self) -> Matrix {
        let n = self.size.len();
        let mut product = Matrix::zeros(n);
        for (r, row) in self.point.residuals.iter().zip(&self.jacobian) {
            product.add_outer(2.0 * self.weight(*r), row, row);
        }
        let diagonal = product.diagonal();
        let sizes = diagonal.iter().zip(&self.size);
        let most = sizes
            .fold(0.0, |m: f64, (d, s)| m.max(d * s * s))
            .max(1e-300);
        for damping in DAMPING {
            let mut damped = product.clone();
            for (i, s) in self.size.iter().enumerate() {
                damped.set(i, i, diagonal[i] + damping * most / (s * s));
            }
            if damped.cholesky().is_some() {
                return damped;
            }
        }
        self.diagonal(most)
    }

    /// The Jacobian of the residuals, column by column.
    pub(crate) fn jacobian_columns(&self) -> Vec<Vec<f64>> {
        let column = |j: usize| self.jacobian.iter().map(|row| row[j]).collect();
        (0..self.size.len()).map(column).collect()
    }

    /// An orthonormal basis of what the constraints and bounds that hold x leave open, in sizes of the unknowns.
    pub(crate) fn open_directions(&self) -> Vec<Vec<f64>> {
        let normals = self.normals_held_by(&self.multipliers, &self.bound_multipliers);
        basis(&normals, &vec![0.0; self.size.len()])
    }
}
