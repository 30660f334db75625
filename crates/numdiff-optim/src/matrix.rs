//! Small dense symmetric matrices, vectors, and the Cholesky factorization.

/// A symmetric matrix of order n, stored in full, row by row.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Matrix {
    n: usize,
    a: Vec<f64>,
}

/// Powell's damping: s^T y is kept above this share of s^T B s.
const DAMPING: f64 = 0.1;

impl Matrix {
    pub fn zeros(n: usize) -> Self {
        Matrix {
            n,
            a: vec![0.0; n * n],
        }
    }

    pub fn from_diagonal(diagonal: &[f64]) -> Self {
        let mut matrix = Self::zeros(diagonal.len());
        for (i, &d) in diagonal.iter().enumerate() {
            matrix.a[i * matrix.n + i] = d;
        }
        matrix
    }

    #[inline]
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.a[i * self.n + j]
    }

    #[inline]
    pub fn set(&mut self, i: usize, j: usize, value: f64) {
        self.a[i * self.n + j] = value;
    }

    /// Rows and columns of held coordinates become those of the identity: a step solved from this matrix moves the
    /// others as if the held ones were constants.
    pub fn hold(&mut self, held: impl Fn(usize) -> bool) {
        for i in (0..self.n).filter(|&i| held(i)) {
            for j in 0..self.n {
                let entry = f64::from(u8::from(i == j));
                self.set(i, j, entry);
                self.set(j, i, entry);
            }
        }
    }

    pub fn diagonal(&self) -> Vec<f64> {
        (0..self.n).map(|i| self.get(i, i)).collect()
    }

    /// Adds weight a b^T.
    pub fn add_outer(&mut self, weight: f64, a: &[f64], b: &[f64]) {
        for (row, a) in self.a.chunks_exact_mut(self.n.max(1)).zip(a) {
            row.iter_mut()
                .zip(b)
                .for_each(|(slot, b)| *slot += weight * a * b);
        }
    }

    pub fn times(&self, v: &[f64]) -> Vec<f64> {
        self.a
            .chunks_exact(self.n.max(1))
            .map(|row| dot(row, v))
            .collect()
    }

    /// The BFGS update of B = scale self to B s = y: B - (B s) (B s)^T / (s^T B s) + y y^T / (y^T s). Does nothing
    /// unless both denominators are positive and finite.
    pub fn satisfy(&mut self, scale: f64, s: &[f64], y: &[f64]) {
        let bs = self.times(s);
        let (sbs, ys) = (dot(s, &bs), dot(y, s));
        if !(sbs > 0.0 && sbs.is_finite() && ys > 0.0 && ys.is_finite()) {
            return;
        }
        let (less, more) = (-scale / sbs, 1.0 / ys);
        for (i, row) in self.a.chunks_exact_mut(self.n).enumerate() {
            let (b, c) = (less * bs[i], more * y[i]);
            for (slot, (&bs, &y)) in row.iter_mut().zip(bs.iter().zip(y)) {
                *slot = scale * *slot + b * bs + c * y;
            }
        }
    }

    /// The BFGS update by a step s and the change y of the gradient, damped so that the matrix stays positive definite
    /// (Powell 1978), and scaled before by s^T y / s^T B s, kept between `least` and 1 (Oren and Luenberger): large
    /// eigenvalues are forgotten sooner. Returns y as it was used; `None` where nothing can be learned.
    pub fn learn(&mut self, s: &[f64], mut y: Vec<f64>, least: f64) -> Option<Vec<f64>> {
        let bs = self.times(s);
        let sbs = dot(s, &bs);
        let mut ys = dot(&y, s);
        if !(sbs > 0.0 && sbs.is_finite() && ys.is_finite()) {
            return None;
        }
        if ys < DAMPING * sbs {
            let theta = (1.0 - DAMPING) * sbs / (sbs - ys);
            let mixed = y.iter_mut().zip(&bs);
            mixed.for_each(|(y, b)| *y = theta * *y + (1.0 - theta) * b);
            ys = dot(&y, s);
        }
        if !(ys > 0.0 && ys.is_finite()) {
            return None;
        }
        self.satisfy((ys / sbs).clamp(least, 1.0), s, &y);
        Some(y)
    }

    /// self <- D self D for the diagonal matrix D of `ratios`.
    pub fn rescale(&mut self, ratios: &[f64]) {
        let n = self.n;
        for (i, &ri) in ratios.iter().enumerate() {
            for (slot, &rj) in self.a[i * n..(i + 1) * n].iter_mut().zip(ratios) {
                *slot *= ri * rj;
            }
        }
    }

    /// The lower triangular factor L of self = L L^T; `None` when a pivot is not above 1e-14 of its
    /// diagonal entry, where the factorization has lost all but two digits.
    pub fn cholesky(&self) -> Option<Cholesky> {
        let n = self.n;
        let mut l = self.a.clone();
        for j in 0..n {
            let (above, below) = l.split_at_mut((j + 1) * n);
            let pivot_row = &mut above[j * n..];
            let pivot = pivot_row[j] - dot(&pivot_row[..j], &pivot_row[..j]);
            if !(pivot > 1e-14 * pivot_row[j] && pivot.is_finite()) {
                return None;
            }
            let root = pivot.sqrt();
            pivot_row[j] = root;
            for row in below.chunks_exact_mut(n) {
                row[j] = (row[j] - dot(&row[..j], &pivot_row[..j])) / root;
            }
        }
        Some(Cholesky { n, l })
    }
}

/// A Cholesky factor.
pub(crate) struct Cholesky {
    n: usize,
    l: Vec<f64>,
}

impl Cholesky {
    /// Replaces b by the solution x of L^T x = b.
    pub fn solve_upper(&self, b: &mut [f64]) {
        let n = self.n;
        for i in (0..n).rev() {
            b[i] /= self.l[i * n + i];
            let xi = b[i];
            let row = &self.l[i * n..i * n + i];
            for (slot, l) in b[..i].iter_mut().zip(row) {
                *slot -= l * xi;
            }
        }
    }

    /// Solves L L^T x = b.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let n = self.n;
        let mut x = b.to_vec();
        for i in 0..n {
            let row = &self.l[i * n..i * n + i];
            x[i] = (x[i] - dot(row, &x[..i])) / self.l[i * n + i];
        }
        self.solve_upper(&mut x);
        x
    }
}

/// a^T b in four sums, so that the additions do not wait for one another.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (head, tail) = (n / 4 * 4, n % 4);
    let mut sums = [0.0; 4];
    for (a, b) in a[..head].chunks_exact(4).zip(b[..head].chunks_exact(4)) {
        for j in 0..4 {
            sums[j] += a[j] * b[j];
        }
    }
    let rest: f64 = (0..tail).map(|j| a[head + j] * b[head + j]).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// The Euclidean norm; scaled where the squares would overflow or underflow.
pub(crate) fn norm(a: &[f64]) -> f64 {
    let sum = dot(a, a);
    if sum.is_normal() && sum > 1e-280 {
        return sum.sqrt();
    }
    let largest = largest(a);
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    largest * a.iter().map(|v| (v / largest).powi(2)).sum::<f64>().sqrt()
}

/// The largest absolute value; NaN if there is one.
pub(crate) fn largest(a: &[f64]) -> f64 {
    a.iter().fold(0.0, |m: f64, v| {
        if m.is_nan() || v.is_nan() {
            f64::NAN
        } else {
            m.max(v.abs())
        }
    })
}

/// a <- a + t b.
pub(crate) fn add(a: &mut [f64], t: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += t * b);
}

pub(crate) fn negated(a: &[f64]) -> Vec<f64> {
    a.iter().map(|v| -v).collect()
}

/// The products of the entries.
pub(crate) fn products(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

/// The quotients of the entries.
pub(crate) fn quotients(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a / b).collect()
}

/// The unit vector of a coordinate.
pub(crate) fn axis(n: usize, i: usize) -> Vec<f64> {
    (0..n).map(|j| f64::from(u8::from(i == j))).collect()
}

pub(crate) fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// Solves A x = b for a small general matrix A (row by row, n x n) by Gaussian elimination with partial pivoting;
/// `None` when A is singular.
pub(crate) fn solve_general(mut a: Vec<f64>, n: usize, mut b: Vec<f64>) -> Option<Vec<f64>> {
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[i * n + k].abs().total_cmp(&a[j * n + k].abs()))?;
        if !(a[pivot * n + k].abs() > 0.0 && a[pivot * n + k].is_finite()) {
            return None;
        }
        if pivot != k {
            (0..n).for_each(|j| a.swap(k * n + j, pivot * n + j));
            b.swap(k, pivot);
        }
        for i in k + 1..n {
            let factor = a[i * n + k] / a[k * n + k];
            if factor != 0.0 {
                (k..n).for_each(|j| a[i * n + j] -= factor * a[k * n + j]);
                b[i] -= factor * b[k];
            }
        }
    }
    for k in (0..n).rev() {
        let tail: f64 = (k + 1..n).map(|i| a[k * n + i] * b[i]).sum();
        b[k] = (b[k] - tail) / a[k * n + k];
    }
    b.iter().all(|v| v.is_finite()).then_some(b)
}

/// Whether all numbers are finite. Whole blocks: a test that could stop at each number takes one at a time.
pub(crate) fn is_finite(v: &[f64]) -> bool {
    v.chunks(64)
        .all(|block| block.iter().fold(true, |all, v| all & v.is_finite()))
}
