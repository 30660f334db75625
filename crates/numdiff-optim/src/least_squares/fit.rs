//! What a fit shows and returns.

use super::FitCheckpoint;
use super::levenberg_marquardt::LevenbergMarquardt;
use crate::Status;
use crate::checkpoint::Stage;
use crate::journal::Journal;
use ndarray::{Array1, Array2};

/// The state of a fit between two iterations, as an observer sees it.
#[non_exhaustive]
pub struct FitIteration<'i, S: ?Sized> {
    /// Steps taken so far; 0 at the start.
    pub iteration: usize,
    /// x, as r sees it.
    pub x: &'i S,
    /// r(x) in row-major order.
    pub residuals: &'i [f64],
    /// |r(x)|^2.
    pub value: f64,
    /// Length of the last step; 0 at the start.
    pub step: f64,
    /// Evaluations of r so far, difference probes included.
    pub evaluations: usize,
    /// Evaluations of a given Jacobian so far.
    pub jacobian_evaluations: usize,
    pub(super) state: &'i LevenbergMarquardt,
    pub(super) journal: &'i Journal,
}

impl<'i> FitIteration<'i, [f64]> {
    /// The same with x of the caller's kind.
    pub(super) fn seen_as<S: ?Sized>(&self, x: &'i S) -> FitIteration<'i, S> {
        FitIteration {
            iteration: self.iteration,
            x,
            residuals: self.residuals,
            value: self.value,
            step: self.step,
            evaluations: self.evaluations,
            jacobian_evaluations: self.jacobian_evaluations,
            state: self.state,
            journal: self.journal,
        }
    }
}

impl<S: ?Sized> FitIteration<'_, S> {
    /// The whole state, to be saved and resumed.
    pub fn checkpoint(&self) -> FitCheckpoint {
        FitCheckpoint {
            stage: Stage::Run(self.state.clone()),
            evaluations: self.evaluations,
            jacobian_evaluations: self.jacobian_evaluations,
            journal: self.journal.clone(),
        }
    }
}

/// The end of a fit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fit<X> {
    /// The point, of the start's shape.
    pub x: X,
    /// r there, in row-major order.
    pub residuals: Array1<f64>,
    /// The sum of their squares.
    pub value: f64,
    /// The gradient of the sum, 2 J^T r, of x's shape.
    pub gradient: X,
    /// The Jacobian as last known: m x n, row i for residual i. With a sparsity pattern, zeros outside it.
    pub jacobian: Array2<f64>,
    /// Why the run ended.
    pub status: Status,
    /// Accepted steps.
    pub iterations: usize,
    /// Evaluations of r, difference probes included.
    pub evaluations: usize,
    /// Evaluations of a given Jacobian.
    pub jacobian_evaluations: usize,
    /// The state to resume from; every fit has one.
    pub checkpoint: Option<FitCheckpoint>,
}

impl Fit<Vec<f64>> {
    /// The same in the caller's kind of x.
    pub(super) fn in_kind<X>(self, kind: impl Fn(Vec<f64>) -> X) -> Fit<X> {
        Fit {
            x: kind(self.x),
            residuals: self.residuals,
            value: self.value,
            gradient: kind(self.gradient),
            jacobian: self.jacobian,
            status: self.status,
            iterations: self.iterations,
            evaluations: self.evaluations,
            jacobian_evaluations: self.jacobian_evaluations,
            checkpoint: self.checkpoint,
        }
    }
}

impl<X> Fit<X> {
    /// The covariance of the parameters by linear theory, s^2 (J^T J)^{-1} with s^2 = |r|^2 / (m - n); `None`
    /// when m <= n or the columns of J are dependent.
    pub fn covariance(&self) -> Option<Array2<f64>> {
        let (m, n) = self.jacobian.dim();
        let freedom = m.checked_sub(n).filter(|&d| d > 0)?;
        // Equilibrated columns: parameters of different sizes are no reason to fail.
        let norms: Vec<f64> = self
            .jacobian
            .columns()
            .into_iter()
            .map(|c| c.dot(&c).sqrt())
            .collect();
        let mut normal = crate::matrix::Matrix::zeros(n);
        for i in 0..n {
            for j in 0..n {
                let product = self.jacobian.column(i).dot(&self.jacobian.column(j));
                normal.set(i, j, product / (norms[i] * norms[j]));
            }
        }
        let factor = normal.cholesky()?;
        let variance = self.value / freedom as f64;
        let mut covariance = Array2::zeros((n, n));
        for j in 0..n {
            let unit: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i == j))).collect();
            for (i, v) in factor.solve(&unit).into_iter().enumerate() {
                covariance[(i, j)] = variance * v / (norms[i] * norms[j]);
            }
        }
        Some(covariance)
    }

    /// The standard errors of the parameters: the roots of the diagonal of the covariance.
    pub fn standard_errors(&self) -> Option<Array1<f64>> {
        self.covariance().map(|c| c.diag().mapv(f64::sqrt))
    }
}
