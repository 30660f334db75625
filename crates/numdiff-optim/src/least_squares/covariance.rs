//! The covariance of the parameters by linear theory.

use crate::levenberg_marquardt::{Linear, unit_columns};
use crate::matrix::{Matrix, axis, dot};
use crate::svd::Svd;
use ndarray::Array2;

/// A squared share in a direction that the residuals do not see is none below this.
const INVOLVED: f64 = 1e-6;

/// Above this many parameters the normal equations are factored instead of the Jacobian.
const LARGE: usize = 200;

/// What the Jacobian says of the parameters that are free.
#[derive(Clone, Debug)]
pub(crate) struct Covariance {
    /// (J^T J)^{-1}, of the directions that the residuals see.
    pub inverse: Array2<f64>,
    /// Directions that they do not see.
    pub unseen: Vec<Vec<f64>>,
    /// How many directions are seen.
    pub rank: usize,
}

impl Covariance {
    /// From the weighted Jacobian by the singular values of its columns in units of their lengths, of which those below
    /// the `errors` of the columns, as they are in the direction, relative to the largest are taken for zero.
    pub fn of(jacobian: &Linear, errors: &[f64]) -> Self {
        let columns = jacobian.to_columns();
        let n = columns.len();
        let norms = jacobian.column_norms();
        let seen: Vec<usize> = (0..n).filter(|&j| norms[j] > 0.0).collect();
        let unit = unit_columns(&columns, &seen, &norms);
        if n > LARGE {
            return Self::by_cholesky(&unit, &norms, &seen);
        }
        let svd = Svd::of(&unit);
        let largest = svd.values.first().copied().unwrap_or(0.0);
        let rows = columns.first().map_or(0, Vec::len);
        let pairs = svd.values.iter().zip(&svd.vectors).enumerate();
        let (known, unknown): (Vec<_>, Vec<_>) = pairs.partition(|(k, (value, v))| {
            let parts = seen.iter().zip(*v).map(|(&j, v)| errors[j] * v);
            *k < rows && **value > largest * parts.fold(0.0, f64::hypot)
        });
        let mut inverse = Array2::zeros((n, n));
        for (_, (value, v)) in &known {
            for (a, &i) in seen.iter().enumerate() {
                for (b, &j) in seen.iter().enumerate() {
                    inverse[(i, j)] += v[a] / norms[i] / *value * (v[b] / norms[j] / *value);
                }
            }
        }
        let direction = |v: &Vec<f64>| {
            let mut direction = vec![0.0; n];
            let parts = seen.iter().zip(v).filter(|(_, v)| *v * *v > INVOLVED);
            parts.for_each(|(&j, v)| direction[j] = v / norms[j]);
            direction
        };
        let mut unseen: Vec<Vec<f64>> = unknown.iter().map(|(_, (_, v))| direction(v)).collect();
        unseen.extend((0..n).filter(|&j| norms[j] == 0.0).map(|j| axis(n, j)));
        Covariance {
            inverse,
            unseen,
            rank: known.len(),
        }
    }

    /// From the normal equations; where they are singular, nothing is determined.
    fn by_cholesky(unit: &[Vec<f64>], norms: &[f64], seen: &[usize]) -> Self {
        let n = norms.len();
        let mut normal = Matrix::zeros(unit.len());
        for (i, a) in unit.iter().enumerate() {
            for (j, b) in unit.iter().enumerate() {
                normal.set(i, j, dot(a, b));
            }
        }
        let factor = normal.cholesky().filter(|_| seen.len() == n);
        let mut inverse = Array2::zeros((n, n));
        if let Some(factor) = &factor {
            for j in 0..n {
                for (i, v) in factor.solve(&axis(n, j)).into_iter().enumerate() {
                    inverse[(i, j)] = v / (norms[i] * norms[j]);
                }
            }
        }
        Covariance {
            inverse,
            unseen: match factor {
                Some(_) => Vec::new(),
                None => (0..n).map(|j| axis(n, j)).collect(),
            },
            rank: n,
        }
    }
}
