//! Jacobians, dense or on a sparsity pattern, and the damped least-squares steps.

use crate::matrix::{add, dot, norm};
use numdiff_core::SparsityPattern;

/// A Jacobian of m rows and n columns.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Linear {
    /// Column by column.
    Dense { m: usize, columns: Vec<Vec<f64>> },
    /// In the order of the pattern's rows.
    Sparse {
        pattern: SparsityPattern,
        values: Vec<f64>,
    },
}

/// The entries of a pattern, row by row.
pub(crate) fn by_rows(pattern: &SparsityPattern) -> impl Iterator<Item = (usize, usize)> + '_ {
    (0..pattern.rows()).flat_map(|i| pattern.row(i).iter().map(move |&j| (i, j)))
}

/// The columns of these coordinates, of unit length.
pub(crate) fn unit_columns(columns: &[Vec<f64>], index: &[usize], norms: &[f64]) -> Vec<Vec<f64>> {
    let unit = |&j: &usize| columns[j].iter().map(|v| v / norms[j]).collect();
    index.iter().map(unit).collect()
}

impl Linear {
    pub fn from_rows(m: usize, n: usize, entries: &[f64]) -> Self {
        let column = |j: usize| (0..m).map(|i| entries[i * n + j]).collect();
        Linear::Dense {
            m,
            columns: (0..n).map(column).collect(),
        }
    }

    /// The columns, where J is dense.
    pub fn columns(&self) -> Option<&[Vec<f64>]> {
        match self {
            Linear::Dense { columns, .. } => Some(columns),
            Linear::Sparse { .. } => None,
        }
    }

    /// All columns, with zeros outside a pattern.
    pub fn to_columns(&self) -> Vec<Vec<f64>> {
        match self {
            Linear::Dense { columns, .. } => columns.clone(),
            Linear::Sparse { pattern, values } => {
                let mut columns = vec![vec![0.0; pattern.rows()]; pattern.columns()];
                let entries = by_rows(pattern).zip(values);
                entries.for_each(|((i, j), v)| columns[j][i] = *v);
                columns
            }
        }
    }

    /// The matrix of these columns, dense.
    pub fn of_columns(&self, index: &[usize]) -> Linear {
        let columns = self.to_columns();
        let m = columns.first().map_or(0, Vec::len);
        let columns = index.iter().map(|&j| columns[j].clone()).collect();
        Linear::Dense { m, columns }
    }

    /// Multiplies each row by its factor.
    pub fn scale_rows(&mut self, factors: &[f64]) {
        match self {
            Linear::Dense { columns, .. } => {
                for column in columns {
                    let entries = column.iter_mut().zip(factors);
                    entries.for_each(|(v, factor)| *v *= factor);
                }
            }
            Linear::Sparse { pattern, values } => {
                let entries = by_rows(pattern).zip(values);
                entries.for_each(|((i, _), v)| *v *= factors[i]);
            }
        }
    }

    /// Makes these columns zero.
    pub fn clear_columns(&mut self, index: &[usize]) {
        match self {
            Linear::Dense { columns, .. } => index.iter().for_each(|&j| columns[j].fill(0.0)),
            Linear::Sparse { pattern, values } => {
                let entries = by_rows(pattern).zip(values);
                let cleared = entries.filter(|((_, j), _)| index.contains(j));
                cleared.for_each(|(_, v)| *v = 0.0);
            }
        }
    }

    /// Adds to each column its second derivatives times the step along it.
    pub fn add_columns(&mut self, bends: &[Vec<f64>], step: &[f64]) {
        if let Linear::Dense { columns, .. } = self {
            for ((column, bend), s) in columns.iter_mut().zip(bends).zip(step) {
                add(column, *s, bend);
            }
        }
    }

    /// J v.
    pub fn times(&self, v: &[f64]) -> Vec<f64> {
        match self {
            Linear::Dense { m, columns } => {
                let mut product = vec![0.0; *m];
                for (column, v) in columns.iter().zip(v) {
                    add(&mut product, *v, column);
                }
                product
            }
            Linear::Sparse { pattern, values } => {
                let mut product = vec![0.0; pattern.rows()];
                let entries = by_rows(pattern).zip(values);
                entries.for_each(|((i, j), a)| product[i] += a * v[j]);
                product
            }
        }
    }

    /// J^T u.
    pub fn transposed_times(&self, u: &[f64]) -> Vec<f64> {
        match self {
            Linear::Dense { columns, .. } => columns.iter().map(|column| dot(column, u)).collect(),
            Linear::Sparse { pattern, values } => {
                let mut product = vec![0.0; pattern.columns()];
                let entries = by_rows(pattern).zip(values);
                entries.for_each(|((i, j), a)| product[j] += a * u[i]);
                product
            }
        }
    }

    /// Euclidean norms of the columns.
    pub fn column_norms(&self) -> Vec<f64> {
        match self {
            Linear::Dense { columns, .. } => columns.iter().map(|column| norm(column)).collect(),
            Linear::Sparse { pattern, values } => {
                let mut squares = vec![0.0; pattern.columns()];
                let entries = by_rows(pattern).zip(values);
                entries.for_each(|((_, j), v)| squares[j] += v * v);
                squares.iter().map(|s: &f64| s.sqrt()).collect()
            }
        }
    }

    /// Broyden's update J <- J + e s^T W / (s^T W s) for the error e of the prediction along s, in the
    /// metric W; on a pattern row by row over its entries (Schubert, Math. Comp. 24 (1970) 27-30).
    pub fn learn(&mut self, e: &[f64], s: &[f64], weights: &[f64]) {
        let weighted: Vec<f64> = s.iter().zip(weights).map(|(s, w)| s * w * w).collect();
        match self {
            Linear::Dense { columns, .. } => {
                let length = dot(s, &weighted);
                for (column, w) in columns.iter_mut().zip(&weighted) {
                    add(column, w / length, e);
                }
            }
            Linear::Sparse { pattern, values } => {
                let (starts, indices) = pattern.csr();
                for (i, e) in e.iter().enumerate() {
                    let row = starts[i]..starts[i + 1];
                    let length: f64 = row
                        .clone()
                        .map(|k| s[indices[k]] * weighted[indices[k]])
                        .sum();
                    if length > 0.0 {
                        row.for_each(|k| values[k] += e * weighted[indices[k]] / length);
                    }
                }
            }
        }
    }

    /// The p that minimizes |J p + r|^2 + lambda |D p|^2 over the free coordinates.
    pub fn damped_step(&self, r: &[f64], lambda: f64, d: &[f64], free: &[bool]) -> Vec<f64> {
        match self {
            Linear::Dense { m, columns } => {
                let index: Vec<usize> = (0..d.len()).filter(|&j| free[j]).collect();
                let damping = lambda.sqrt();
                let extra = if lambda > 0.0 { index.len() } else { 0 };
                let mut a: Vec<Vec<f64>> = Vec::with_capacity(index.len());
                // In the variables D p, so that the units of an unknown do not decide whether its column counts; to
                // powers of two, which round nothing.
                let unit = |j: usize| d[j].log2().round().exp2();
                for (k, &j) in index.iter().enumerate() {
                    let mut column: Vec<f64> = columns[j].iter().map(|c| c / unit(j)).collect();
                    column.resize(m + extra, 0.0);
                    if extra > 0 {
                        column[m + k] = damping * (d[j] / unit(j));
                    }
                    a.push(column);
                }
                let mut b: Vec<f64> = r.iter().map(|r| -r).collect();
                b.resize(m + extra, 0.0);
                let solution = householder(a, b);
                let mut p = vec![0.0; d.len()];
                let entries = index.iter().zip(solution);
                entries.for_each(|(&j, v)| p[j] = v / unit(j));
                p
            }
            Linear::Sparse { .. } => self.conjugate_gradients(r, lambda, d, free),
        }
    }

    /// CGLS (Björck, Numerical Methods for Least Squares Problems, algorithm 7.4.1) in the variables D p,
    /// which equilibrates the columns.
    fn conjugate_gradients(&self, r: &[f64], lambda: f64, d: &[f64], free: &[bool]) -> Vec<f64> {
        let n = d.len();
        let scaled = |v: &[f64]| -> Vec<f64> {
            (0..n)
                .map(|j| if free[j] { v[j] / d[j] } else { 0.0 })
                .collect()
        };
        let mut y = vec![0.0; n];
        let mut residual: Vec<f64> = r.iter().map(|r| -r).collect();
        let mut s = scaled(&self.transposed_times(&residual));
        let mut direction = s.clone();
        let mut gamma = dot(&s, &s);
        let goal = 1e-24 * gamma;
        for _ in 0..4 * n + 20 {
            if gamma <= goal || gamma == 0.0 {
                break;
            }
            let q = self.times(&scaled(&direction));
            let delta = dot(&q, &q) + lambda * dot(&direction, &direction);
            if !(delta > 0.0) {
                break;
            }
            let alpha = gamma / delta;
            add(&mut y, alpha, &direction);
            add(&mut residual, -alpha, &q);
            s = scaled(&self.transposed_times(&residual));
            add(&mut s, -lambda, &y);
            let next = dot(&s, &s);
            let beta = next / gamma;
            gamma = next;
            let pairs = direction.iter_mut().zip(&s);
            pairs.for_each(|(p, s)| *p = s + beta * *p);
        }
        scaled(&y)
    }
}

/// The least-squares solution of A x = b by Householder reflections with column pivoting; columns whose
/// remainder is below 1e-14 of the largest are left out (their x is 0), so that rank deficiency gives a basic
/// solution.
fn householder(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = a.len();
    let m = b.len();
    let mut order: Vec<usize> = (0..n).collect();
    let mut diagonal = vec![0.0; n];
    let mut rank = 0;
    let mut first = 0.0;
    for k in 0..n.min(m) {
        let sizes: Vec<f64> = (k..n).map(|j| norm(&a[j][k..])).collect();
        let larger = |best: (usize, f64), s: (usize, f64)| if s.1 > best.1 { s } else { best };
        let (offset, size) = sizes.into_iter().enumerate().fold((0, -1.0), larger);
        a.swap(k, k + offset);
        order.swap(k, k + offset);
        if k == 0 {
            first = size;
        }
        if !(size > 1e-14 * first) {
            break;
        }
        let (left, right) = a.split_at_mut(k + 1);
        let v = &mut left[k];
        let alpha = if v[k] > 0.0 { -size } else { size };
        v[k] -= alpha;
        diagonal[k] = alpha;
        let vv = dot(&v[k..], &v[k..]);
        let reflect = |c: &mut [f64]| {
            let factor = 2.0 * dot(&v[k..], &c[k..]) / vv;
            add(&mut c[k..], -factor, &v[k..]);
        };
        right.iter_mut().for_each(|c| reflect(c));
        reflect(&mut b);
        rank += 1;
    }
    let mut x = vec![0.0; n];
    for k in (0..rank).rev() {
        let tail: f64 = (k + 1..rank).map(|j| a[j][k] * x[order[j]]).sum();
        x[order[k]] = (b[k] - tail) / diagonal[k];
    }
    x
}
