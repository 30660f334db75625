//! Jacobians, dense or on a sparsity pattern, and the damped least-squares steps.

use crate::matrix::{add, dot, negated, norm};
use numdiff_core::SparsityPattern;

/// A Jacobian, column by column; on a pattern each column has its own rows.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Linear {
    /// How many rows.
    m: usize,
    columns: Vec<Vec<f64>>,
    /// The rows of the entries of each column; `None` for all.
    rows: Option<Vec<Vec<usize>>>,
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
    pub fn dense(m: usize, columns: Vec<Vec<f64>>) -> Self {
        let rows = None;
        Linear { m, columns, rows }
    }

    /// The matrix with these entries at the places of a pattern.
    pub fn on_pattern(pattern: &SparsityPattern, entry: impl FnMut((usize, usize)) -> f64) -> Self {
        let mut rows = vec![Vec::new(); pattern.columns()];
        let mut columns = vec![Vec::new(); pattern.columns()];
        for ((i, j), v) in by_rows(pattern).zip(by_rows(pattern).map(entry)) {
            rows[j].push(i);
            columns[j].push(v);
        }
        Linear {
            m: pattern.rows(),
            columns,
            rows: Some(rows),
        }
    }

    /// The columns, where J is dense.
    pub fn columns(&self) -> Option<&[Vec<f64>]> {
        self.rows.is_none().then_some(&self.columns)
    }

    /// All columns, with zeros outside a pattern.
    pub fn to_columns(&self) -> Vec<Vec<f64>> {
        if self.rows.is_none() {
            return self.columns.clone();
        }
        let column = |j: usize| {
            let mut column = vec![0.0; self.m];
            self.add_column(j, 1.0, &mut column);
            column
        };
        (0..self.columns.len()).map(column).collect()
    }

    /// `to` + factor times column j.
    fn add_column(&self, j: usize, factor: f64, to: &mut [f64]) {
        match &self.rows {
            None => add(to, factor, &self.columns[j]),
            Some(rows) => {
                let entries = rows[j].iter().zip(&self.columns[j]);
                entries.for_each(|(&i, v)| to[i] += factor * v);
            }
        }
    }

    /// The entries of each column with their rows.
    fn entries_mut(&mut self) -> impl Iterator<Item = (usize, usize, &mut f64)> {
        let rows = self.rows.as_deref();
        self.columns
            .iter_mut()
            .enumerate()
            .flat_map(move |(j, column)| {
                let entries = column.iter_mut().enumerate();
                entries.map(move |(k, v)| (rows.map_or(k, |rows| rows[j][k]), j, v))
            })
    }

    /// Multiplies each row by its factor.
    pub fn scale_rows(&mut self, factors: &[f64]) {
        self.entries_mut().for_each(|(i, _, v)| *v *= factors[i]);
    }

    /// Adds to each column its second derivatives times the step along it.
    pub fn add_columns(&mut self, bends: &[Vec<f64>], step: &[f64]) {
        for ((column, bend), s) in self.columns.iter_mut().zip(bends).zip(step) {
            add(column, *s, bend);
        }
    }

    /// J v.
    pub fn times(&self, v: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.m];
        for (j, v) in v.iter().enumerate().take(self.columns.len()) {
            self.add_column(j, *v, &mut product);
        }
        product
    }

    /// J^T u.
    pub fn transposed_times(&self, u: &[f64]) -> Vec<f64> {
        let along = |(j, column): (usize, &Vec<f64>)| match &self.rows {
            None => dot(column, u),
            Some(rows) => rows[j].iter().zip(column).map(|(&i, v)| v * u[i]).sum(),
        };
        self.columns.iter().enumerate().map(along).collect()
    }

    /// Euclidean norms of the columns.
    pub fn column_norms(&self) -> Vec<f64> {
        self.columns.iter().map(|column| norm(column)).collect()
    }

    /// Broyden's update J <- J + e s^T W / (s^T W s) for the error e of the prediction along s, in the
    /// metric W; on a pattern row by row over its entries (Schubert, Math. Comp. 24 (1970) 27-30).
    pub fn learn(&mut self, e: &[f64], s: &[f64], weights: &[f64]) {
        let weighted: Vec<f64> = s.iter().zip(weights).map(|(s, w)| s * w * w).collect();
        if self.rows.is_none() {
            let length = dot(s, &weighted);
            for (column, w) in self.columns.iter_mut().zip(&weighted) {
                add(column, w / length, e);
            }
            return;
        }
        let mut lengths = vec![0.0; self.m];
        let entries = self.entries_mut();
        entries.for_each(|(i, j, _)| lengths[i] += s[j] * weighted[j]);
        for (i, j, v) in self.entries_mut().filter(|(i, ..)| lengths[*i] > 0.0) {
            *v += e[i] * weighted[j] / lengths[i];
        }
    }

    /// The p that minimizes |J p + r|^2 + lambda |D p|^2 over the free coordinates.
    pub fn damped_step(&self, r: &[f64], lambda: f64, d: &[f64], free: &[bool]) -> Vec<f64> {
        if self.rows.is_some() {
            return self.conjugate_gradients(r, lambda, d, free);
        }
        let index: Vec<usize> = (0..d.len()).filter(|&j| free[j]).collect();
        let (m, damping) = (self.m, lambda.sqrt());
        let extra = if lambda > 0.0 { index.len() } else { 0 };
        let mut a: Vec<Vec<f64>> = Vec::with_capacity(index.len());
        // In the variables D p, so that the units of an unknown do not decide whether its column counts; to
        // powers of two, which round nothing.
        let unit = |j: usize| d[j].log2().round().exp2();
        for (k, &j) in index.iter().enumerate() {
            let mut column: Vec<f64> = self.columns[j].iter().map(|c| c / unit(j)).collect();
            column.resize(m + extra, 0.0);
            if extra > 0 {
                column[m + k] = damping * (d[j] / unit(j));
            }
            a.push(column);
        }
        let mut b: Vec<f64> = negated(r);
        b.resize(m + extra, 0.0);
        let solution = householder(a, b);
        let mut p = vec![0.0; d.len()];
        let entries = index.iter().zip(solution);
        entries.for_each(|(&j, v)| p[j] = v / unit(j));
        p
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
        let mut residual = negated(r);
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
