//! Strictly convex quadratic programs by the dual active-set method.
//!
//! D. Goldfarb and A. Idnani, A numerically stable dual method for solving strictly convex quadratic programs,
//! Mathematical Programming 27 (1983) 1-33. The names are the paper's: J = L^-T Q, R, z, r, t1, t2.

use crate::matrix::{Matrix, dot, norm};

/// A constraint whose normal is this close to the span of the active ones depends on them: sqrt(n) roundings of a
/// basis that has been updated some dozens of times.
const DEPENDENT: f64 = 1e-11;
/// A residual is zero within this share of the numbers that it is the difference of.
const ROUNDING: f64 = 1e-13;

/// Linear constraints: a_j^T p + c_j = 0 or >= 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub normals: Vec<Vec<f64>>,
    pub constants: Vec<f64>,
    pub equality: Vec<bool>,
    /// The rounding of each constant.
    pub rounding: Vec<f64>,
    /// The first rows are known to some relative error of their normals: how many, and to which.
    pub blurred: (usize, f64),
    /// Rows from here on are bounds, which the caller keeps whatever rounding makes of them.
    pub general: usize,
}

impl Rows {
    pub fn push(&mut self, normal: Vec<f64>, constant: f64, equality: bool, rounding: f64) {
        self.rounding.push(rounding);
        self.normals.push(normal);
        self.constants.push(constant);
        self.equality.push(equality);
    }

    /// lower <= p <= upper, of rows as wide as there are unknowns: an equality where they are equal, none where they are
    /// infinite.
    pub fn push_box(&mut self, lower: &[f64], upper: &[f64], width: usize) {
        for (i, (&l, &u)) in lower.iter().zip(upper).enumerate() {
            let unit = |sign: f64| {
                let mut row = vec![0.0; width];
                row[i] = sign;
                row
            };
            if l == u {
                self.push(unit(1.0), -l, true, 0.0);
                continue;
            }
            if l.is_finite() {
                self.push(unit(1.0), -l, false, 0.0);
            }
            if u.is_finite() {
                self.push(unit(-1.0), u, false, 0.0);
            }
        }
    }

    pub fn len(&self) -> usize {
        self.constants.len()
    }
}

/// Moves p into the box, and onto the bounds that hold it by these multipliers, those of the rows of
/// [`push_box`](Rows::push_box). Returns one a coordinate: positive at a lower bound, negative at an upper one.
pub(crate) fn meet_box(
    p: &mut [f64],
    lower: &[f64],
    upper: &[f64],
    multipliers: &[f64],
) -> Vec<f64> {
    let mut all = multipliers.iter().copied();
    let mut next = |has: bool| if has { all.next().unwrap_or(0.0) } else { 0.0 };
    let mut meet = |(p, (&l, &u)): (&mut f64, (&f64, &f64))| {
        let (low, high) = match l == u {
            true => (next(true), 0.0),
            false => (next(l.is_finite()), next(u.is_finite())),
        };
        if l < u && low > 0.0 {
            *p = l;
        } else if high > 0.0 {
            *p = u;
        }
        *p = p.clamp(l, u);
        low - high
    };
    p.iter_mut()
        .zip(lower.iter().zip(upper))
        .map(&mut meet)
        .collect()
}

/// What became of a quadratic program.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// The minimizer, and the multipliers of all rows: B p + g = sum of lambda_j a_j.
    Solved { p: Vec<f64>, multipliers: Vec<f64> },
    /// No p satisfies these rows together.
    Infeasible { rows: Vec<usize> },
    /// The Hessian is not positive definite, or rounding keeps the method from ending.
    Failed,
}

/// Minimizes g^T p + p^T B p / 2 subject to `rows`.
pub(crate) fn solve(hessian: &Matrix, gradient: &[f64], rows: &Rows) -> Outcome {
    let n = gradient.len();
    let Some(factor) = hessian.cholesky() else {
        return Outcome::Failed;
    };
    let p: Vec<f64> = factor.solve(gradient).iter().map(|v| -v).collect();
    // Column k of J = L^-T is kept as row k: L^T column = e_k.
    let mut columns = vec![vec![0.0; n]; n];
    for (k, column) in columns.iter_mut().enumerate() {
        column[k] = 1.0;
        factor.solve_upper(column);
    }
    let mut run = Run {
        rows,
        norms: rows.normals.iter().map(|a| norm(a)).collect(),
        p,
        columns,
        r: Vec::new(),
        active: Vec::new(),
        multipliers: Vec::new(),
        skipped: vec![false; rows.len()],
    };
    let limit = 50 * (n + rows.len() + 1);
    for _ in 0..limit {
        let Some((row, sign)) = run.choose() else {
            let mut multipliers = vec![0.0; rows.len()];
            for (&(j, sign), u) in run.active.iter().zip(&run.multipliers) {
                multipliers[j] += sign * u;
            }
            return Outcome::Solved {
                p: run.p,
                multipliers,
            };
        };
        match run.add(row, sign, limit) {
            Added::Yes => {}
            Added::Contradicts(rows) => return Outcome::Infeasible { rows },
            Added::Never => return Outcome::Failed,
        }
    }
    Outcome::Failed
}

enum Added {
    Yes,
    Contradicts(Vec<usize>),
    Never,
}

struct Run<'q> {
    rows: &'q Rows,
    norms: Vec<f64>,
    p: Vec<f64>,
    /// The columns of J.
    columns: Vec<Vec<f64>>,
    /// The columns of the upper triangular R: entry k has k + 1 numbers.
    r: Vec<Vec<f64>>,
    /// Rows in the working set, and the sign their normal was taken with.
    active: Vec<(usize, f64)>,
    multipliers: Vec<f64>,
    /// Rows that depend on the others and agree with them.
    skipped: Vec<bool>,
}

impl Run<'_> {
    fn residual(&self, j: usize) -> f64 {
        dot(&self.rows.normals[j], &self.p) + self.rows.constants[j]
    }

    fn tolerance(&self, j: usize) -> f64 {
        ROUNDING * (self.rows.constants[j].abs() + self.norms[j] * norm(&self.p))
            + self.rows.rounding[j]
    }

    /// The relative error of a normal, or of those that a bound may depend on.
    fn blur(&self, j: usize) -> f64 {
        let (count, blur) = self.rows.blurred;
        let is_bound = j >= self.rows.general;
        let touched = j < count || (is_bound && self.active.iter().any(|(k, _)| *k < count));
        if touched { blur } else { 0.0 }
    }

    /// The next row to be satisfied: equalities first, then the most violated one.
    fn choose(&self) -> Option<(usize, f64)> {
        let mut worst = None;
        let (mut most, mut first) = (0.0, None);
        for j in 0..self.rows.len() {
            if self.skipped[j] || self.active.iter().any(|(i, _)| *i == j) {
                continue;
            }
            let s = self.residual(j);
            if self.rows.equality[j] {
                // Exact rows first: what depends on them gives way.
                let next = (j, if s > 0.0 { -1.0 } else { 1.0 });
                if j >= self.rows.blurred.0 {
                    return Some(next);
                }
                first.get_or_insert(next);
                continue;
            }
            if s < -self.tolerance(j) {
                let far = -s / self.norms[j].max(f64::MIN_POSITIVE);
                if far > most {
                    (worst, most) = (Some((j, 1.0)), far);
                }
            }
        }
        first.or(worst)
    }

    /// Takes a row into the working set, dropping those that stand in the way.
    fn add(&mut self, row: usize, sign: f64, limit: usize) -> Added {
        let normal: Vec<f64> = self.rows.normals[row].iter().map(|a| sign * a).collect();
        let mut own = 0.0;
        for _ in 0..limit {
            let q = self.active.len();
            let d: Vec<f64> = self.columns.iter().map(|c| dot(c, &normal)).collect();
            let (size, rest) = (norm(&d), norm(&d[q..]));
            let mut z = vec![0.0; self.p.len()];
            for (column, d) in self.columns[q..].iter().zip(&d[q..]) {
                z.iter_mut().zip(column).for_each(|(z, c)| *z += d * c);
            }
            let r = self.back_substitute(&d[..q]);
            // The largest step in the dual space before a multiplier changes its sign.
            let mut blocking = None;
            let mut t1 = f64::INFINITY;
            for (k, (&r, &u)) in r.iter().zip(&self.multipliers).enumerate() {
                let significant = r > DEPENDENT * size;
                if !self.rows.equality[self.active[k].0] && significant && u / r < t1 {
                    (blocking, t1) = (Some(k), u / r);
                }
            }
            let s = sign * self.residual(row);
            let blur = self.blur(row);
            let dependent = rest <= DEPENDENT.max(blur) * size || size == 0.0;
            let t2 = if dependent {
                f64::INFINITY
            } else {
                -s / (rest * rest)
            };
            let known = 10.0 * blur * self.norms[row] * norm(&self.p);
            if dependent && s.abs() <= 1e3 * self.tolerance(row) + known {
                self.skipped[row] = true;
                return Added::Yes;
            }
            let t = t1.min(t2);
            if t == f64::INFINITY {
                let mut rows: Vec<usize> = (0..q)
                    .filter(|&k| r[k].abs() > DEPENDENT * size)
                    .map(|k| self.active[k].0)
                    .collect();
                rows.push(row);
                return Added::Contradicts(rows);
            }
            if !dependent {
                self.p.iter_mut().zip(&z).for_each(|(p, z)| *p += t * z);
            }
            for (u, r) in self.multipliers.iter_mut().zip(&r) {
                *u -= t * r;
            }
            own += t;
            if t2 <= t1 {
                self.extend(d);
                self.active.push((row, sign));
                self.multipliers.push(own);
                return Added::Yes;
            }
            if let Some(k) = blocking {
                self.drop(k);
            }
        }
        Added::Never
    }

    /// R^-1 d.
    fn back_substitute(&self, d: &[f64]) -> Vec<f64> {
        let mut r = d.to_vec();
        for k in (0..r.len()).rev() {
            r[k] /= self.r[k][k];
            let rk = r[k];
            for (slot, column) in r[..k].iter_mut().zip(&self.r[k]) {
                *slot -= column * rk;
            }
        }
        r
    }

    /// Rotates the columns of J until `d` has no entry below row q, and makes it the next column of R.
    fn extend(&mut self, mut d: Vec<f64>) {
        let q = self.active.len();
        for k in (q + 1..d.len()).rev() {
            let (c, s, length) = rotation(d[k - 1], d[k]);
            (d[k - 1], d[k]) = (length, 0.0);
            self.rotate(k - 1, k, c, s);
        }
        d.truncate(q + 1);
        self.r.push(d);
    }

    /// Takes the k-th row out of the working set and makes R triangular again.
    fn drop(&mut self, k: usize) {
        self.active.remove(k);
        self.multipliers.remove(k);
        self.r.remove(k);
        for i in k..self.r.len() {
            let (c, s, length) = rotation(self.r[i][i], self.r[i][i + 1]);
            self.r[i][i] = length;
            self.r[i].truncate(i + 1);
            for column in &mut self.r[i + 1..] {
                let (a, b) = (column[i], column[i + 1]);
                (column[i], column[i + 1]) = (c * a + s * b, c * b - s * a);
            }
            self.rotate(i, i + 1, c, s);
        }
    }

    fn rotate(&mut self, i: usize, j: usize, c: f64, s: f64) {
        let (head, tail) = self.columns.split_at_mut(j);
        for (a, b) in head[i].iter_mut().zip(&mut tail[0]) {
            (*a, *b) = (c * *a + s * *b, c * *b - s * *a);
        }
    }
}

/// c, s and the length of (a, b): c a + s b = length, c b - s a = 0.
fn rotation(a: f64, b: f64) -> (f64, f64, f64) {
    if b == 0.0 {
        return (1.0, 0.0, a);
    }
    let length = a.hypot(b);
    (a / length, b / length, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore, SeedableRng};

    /// Programs that are made from their solution, with equalities, rows that hold, rows that do not, and rows
    /// that are repeated.
    #[test]
    fn solutions_that_are_known() {
        let mut stream = ChaCha8Rng::seed_from_u64(3);
        let mut draw = || 2.0 * (stream.next_u64() >> 11) as f64 / (1u64 << 53) as f64 - 1.0;
        for round in 0..300 {
            let n = 1 + round % 8;
            let held = round % (n + 1);
            let mut hessian = Matrix::from_diagonal(&vec![0.1; n]);
            for _ in 0..n {
                let v: Vec<f64> = (0..n).map(|_| draw()).collect();
                for i in 0..n {
                    for j in 0..n {
                        hessian.set(i, j, hessian.get(i, j) + v[i] * v[j]);
                    }
                }
            }
            let solution: Vec<f64> = (0..n).map(|_| draw()).collect();
            let mut gradient = hessian.times(&solution);
            gradient.iter_mut().for_each(|g| *g = -*g);
            let mut rows = Rows::default();
            for k in 0..held {
                let normal: Vec<f64> = (0..n).map(|_| draw()).collect();
                let equality = k % 3 == 0;
                let worth = if equality {
                    draw()
                } else {
                    draw().abs() + 0.01
                };
                gradient
                    .iter_mut()
                    .zip(&normal)
                    .for_each(|(g, a)| *g += worth * a);
                let constant = -dot(&normal, &solution);
                rows.push(normal.clone(), constant, equality, 1e-15);
                if k % 4 == 1 {
                    let far = normal.iter().map(|a| 1e3 * a).collect();
                    rows.push(far, 1e3 * constant, equality, 1e-12);
                }
            }
            for _ in 0..3 {
                let normal: Vec<f64> = (0..n).map(|_| draw()).collect();
                let constant = draw().abs() + 0.01 - dot(&normal, &solution);
                rows.push(normal, constant, false, 1e-15);
            }
            let Outcome::Solved { p, multipliers } = solve(&hessian, &gradient, &rows) else {
                panic!("{round}");
            };
            let error = p
                .iter()
                .zip(&solution)
                .fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
            assert!(error < 1e-9, "{round}: {error}");
            let mut left = hessian.times(&p);
            for i in 0..n {
                left[i] += gradient[i];
                for (j, l) in multipliers.iter().enumerate() {
                    left[i] -= l * rows.normals[j][i];
                }
            }
            assert!(norm(&left) < 1e-9, "{round}");
            let mut signs = multipliers.iter().zip(&rows.equality);
            assert!(signs.all(|(l, equality)| *equality || *l >= 0.0), "{round}");
        }
    }

    /// Two half spaces that do not meet, whatever else is asked.
    #[test]
    fn contradictions_are_named() {
        let hessian = Matrix::from_diagonal(&[1.0, 2.0, 3.0]);
        let mut rows = Rows::default();
        rows.push(vec![0.0, 0.0, 1.0], 5.0, false, 0.0);
        rows.push(vec![1.0, 1.0, 0.0], -1.0, false, 0.0);
        rows.push(vec![-2.0, -2.0, 0.0], 1.0, false, 0.0);
        let outcome = solve(&hessian, &[1.0, 1.0, 1.0], &rows);
        let Outcome::Infeasible { mut rows } = outcome else {
            panic!("{outcome:?}");
        };
        rows.sort_unstable();
        assert_eq!(rows, [1, 2]);
    }
}
