//! The last secant equations, which the Hessian is made to satisfy again.

use crate::matrix::{Matrix, dot};

/// Equations kept at most: a sweep over 30 takes 90 n^2 multiplications, a factorization n^3 / 6.
const MOST: usize = 30;

/// The pairs (s, y) of the last steps, the oldest first: s moved x, y is what the gradient changed by.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Secants {
    /// Pairs kept at most.
    room: usize,
    pairs: Vec<(Vec<f64>, Vec<f64>)>,
}

impl Secants {
    /// With a given gradient the last n, which would settle a constant Hessian: searches are short and their
    /// steps far from conjugate. By differences n - 4: among few unknowns an equation is out of date before
    /// long searches let it be of use. (Measured on problems of many kinds: with a gradient sweeps spare 7 % of
    /// the work, whatever n is; by values alone nothing up to nine unknowns, then 2 to 15 %.)
    pub fn new(n: usize, given: bool) -> Self {
        let room = if given { n } else { n.saturating_sub(4) };
        Secants {
            room: room.min(MOST),
            pairs: Vec::new(),
        }
    }

    /// Takes each equation once more, the oldest first. An update makes B satisfy its own equation and leaves
    /// the others off; each is a projection, and a cycle of projections goes to what the equations share where
    /// the Hessian is constant (Gower and Richtarik, SIAM J. Matrix Anal. Appl. 38 (2017) 1380-1409).
    pub fn sweep(&self, hessian: &mut Matrix) {
        for (s, y) in &self.pairs {
            hessian.satisfy(1.0, s, y);
        }
    }

    /// Keeps the equation of a step along which f bends upwards.
    pub fn keep(&mut self, s: &[f64], y: &[f64]) {
        if self.room == 0 || !(dot(s, y) > 0.0) {
            return;
        }
        if self.pairs.len() == self.room {
            self.pairs.remove(0);
        }
        self.pairs.push((s.to_vec(), y.to_vec()));
    }

    /// What was learned is not to be trusted.
    pub fn forget(&mut self) {
        self.pairs.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(i: usize, j: usize) -> f64 {
        ((3 * i + 7 * j + 1) as f64).sin()
    }

    /// A constant Hessian: sweeps bring B to all equations, and never farther from the Hessian that fulfills
    /// them, in the norm of the projections, tr (B^-1 A - I)^2.
    #[test]
    fn sweeps_go_to_what_the_equations_share() {
        let n = 8;
        let mut truth = Matrix::from_diagonal(&[1.0; 8]);
        for k in 0..n {
            let v: Vec<f64> = (0..n).map(|i| entry(k, i)).collect();
            let moved = truth.times(&v);
            truth.satisfy(1.0, &v, &moved.iter().map(|m| 3.0 * m).collect::<Vec<_>>());
        }
        let mut secants = Secants::new(n, true);
        for k in 0..4 {
            let s: Vec<f64> = (0..n).map(|i| entry(i, k)).collect();
            secants.keep(&s, &truth.times(&s));
        }
        assert_eq!(secants.pairs.len(), 4);
        let off = |b: &Matrix| {
            let inverse = b.cholesky().unwrap();
            let column = |j: usize| -> Vec<f64> { (0..n).map(|i| truth.get(i, j)).collect() };
            let m: Vec<Vec<f64>> = (0..n).map(|j| inverse.solve(&column(j))).collect();
            let less = |i: usize, j: usize| m[j][i] - f64::from(u8::from(i == j));
            let pairs = (0..n * n).map(|k| less(k / n, k % n) * less(k % n, k / n));
            pairs.sum::<f64>()
        };
        let mut b = Matrix::from_diagonal(&[1.0; 8]);
        let mut last = off(&b);
        let sweeps = 500;
        for _ in 0..sweeps {
            secants.sweep(&mut b);
            let now = off(&b);
            assert!(now <= last * (1.0 + 1e-9) + 1e-20, "{now} after {last}");
            last = now;
        }
        for (s, y) in &secants.pairs {
            let bs = b.times(s);
            let miss = bs
                .iter()
                .zip(y)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f64::max);
            // Each sweep rounds by eps times the condition of the Hessian, 3^8 at most.
            let rounding = f64::from(sweeps) * f64::EPSILON * 3f64.powi(8);
            let size = y.iter().fold(0.0, |m: f64, y| m.max(y.abs()));
            assert!(miss < rounding * size, "{miss} of {size}");
        }
    }

    /// As many as there is room for, the last ones, and none along which f does not bend upwards.
    #[test]
    fn the_last_equations_are_kept() {
        let mut secants = Secants::new(7, false);
        let unit = |i: usize| {
            (0..7)
                .map(|j| f64::from(u8::from(i == j)))
                .collect::<Vec<_>>()
        };
        for i in 0..7 {
            secants.keep(&unit(i), &unit(i));
        }
        secants.keep(&unit(0), &unit(1));
        secants.keep(&unit(0), &unit(0).iter().map(|u| -u).collect::<Vec<_>>());
        let first: Vec<_> = secants.pairs.iter().map(|(s, _)| s.clone()).collect();
        assert_eq!(first, [unit(4), unit(5), unit(6)]);
        secants.forget();
        assert!(secants.pairs.is_empty());
        let mut few = Secants::new(4, false);
        few.keep(&[1.0; 4], &[1.0; 4]);
        assert!(few.pairs.is_empty());
    }
}
