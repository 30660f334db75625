//! Singular values and right singular vectors by one-sided Jacobi rotations.

use crate::matrix::{axis, dot, norm};

/// A = U S V^T of a tall or square matrix, singular values in falling order.
#[derive(Clone, Debug)]
pub(crate) struct Svd {
    /// Singular values, the largest first.
    pub values: Vec<f64>,
    /// Right singular vectors, one for each value.
    pub vectors: Vec<Vec<f64>>,
}

impl Svd {
    /// Of the matrix with these columns (Demmel and Veselić, SIAM J. Matrix Anal. Appl. 13 (1992) 1204-1245): small
    /// singular values of a matrix with columns of equal length keep their digits.
    pub fn of(columns: &[Vec<f64>]) -> Self {
        let n = columns.len();
        let mut a = columns.to_vec();
        let mut v: Vec<Vec<f64>> = (0..n).map(|i| axis(n, i)).collect();
        // Sweeps until every pair of columns is orthogonal to rounding; convergence is quadratic, so 30 is never met.
        for _ in 0..30 {
            let mut rotated = false;
            for p in 0..n {
                for q in p + 1..n {
                    let (alpha, beta) = (dot(&a[p], &a[p]), dot(&a[q], &a[q]));
                    let gamma = dot(&a[p], &a[q]);
                    if gamma == 0.0 || gamma.abs() <= 4.0 * f64::EPSILON * (alpha * beta).sqrt() {
                        continue;
                    }
                    rotated = true;
                    let zeta = (beta - alpha) / (2.0 * gamma);
                    let t = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
                    let c = 1.0 / t.hypot(1.0);
                    let s = c * t;
                    rotate(&mut a, p, q, c, s);
                    rotate(&mut v, p, q, c, s);
                }
            }
            if !rotated {
                break;
            }
        }
        let mut order: Vec<(f64, Vec<f64>)> = a.iter().map(|column| norm(column)).zip(v).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (values, vectors) = order.into_iter().unzip();
        Svd { values, vectors }
    }
}

fn rotate(columns: &mut [Vec<f64>], p: usize, q: usize, c: f64, s: f64) {
    let (left, right) = columns.split_at_mut(q);
    for (a, b) in left[p].iter_mut().zip(&mut right[0]) {
        (*a, *b) = (c * *a - s * *b, s * *a + c * *b);
    }
}
