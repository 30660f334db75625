//! Convex quadratic programs against their solution by enumeration, and linear programs without one.

use ndarray::{Array1, Array2};
use numdiff_optim::{Status, minimize};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

fn uniform(stream: &mut ChaCha8Rng) -> f64 {
    2.0 * (stream.next_u64() >> 11) as f64 / (1u64 << 53) as f64 - 1.0
}

/// Solves A x = b by Gauss and Jordan's elimination; `None` where A is singular.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for k in 0..n {
        let pivot = (k..n).max_by(|i, j| a[*i][k].abs().total_cmp(&a[*j][k].abs()))?;
        if a[pivot][k].abs() < 1e-9 {
            return None;
        }
        a.swap(k, pivot);
        b.swap(k, pivot);
        for i in (0..n).filter(|i| *i != k) {
            let factor = a[i][k] / a[k][k];
            let row = a[k].clone();
            a[i].iter_mut()
                .zip(&row)
                .for_each(|(x, y)| *x -= factor * y);
            b[i] -= factor * b[k];
        }
    }
    Some((0..n).map(|k| b[k] / a[k][k]).collect())
}

/// x^T Q x / 2 + c^T x subject to A x >= b: the active set whose solution is feasible and whose multipliers are not
/// negative, of all there are.
fn enumerate(q: &[Vec<f64>], c: &[f64], a: &[Vec<f64>], b: &[f64]) -> Option<Vec<f64>> {
    let (n, m) = (c.len(), b.len());
    for set in 0..1u32 << m {
        let active: Vec<usize> = (0..m).filter(|j| set & (1 << j) != 0).collect();
        if active.len() > n {
            continue;
        }
        let size = n + active.len();
        let mut matrix = vec![vec![0.0; size]; size];
        let mut right = vec![0.0; size];
        for i in 0..n {
            matrix[i][..n].copy_from_slice(&q[i]);
            right[i] = -c[i];
            for (k, j) in active.iter().enumerate() {
                (matrix[i][n + k], matrix[n + k][i]) = (-a[*j][i], a[*j][i]);
            }
        }
        active
            .iter()
            .enumerate()
            .for_each(|(k, j)| right[n + k] = b[*j]);
        let Some(all) = solve(matrix, right) else {
            continue;
        };
        let residual = |j: usize| a[j].iter().zip(&all).map(|(a, x)| a * x).sum::<f64>() - b[j];
        if (0..m).all(|j| residual(j) >= -1e-10) && all[n..].iter().all(|l| *l >= -1e-10) {
            return Some(all[..n].to_vec());
        }
    }
    None
}

/// Given as matrices, as closures, and with a bound; in either case linear constraints are kept to rounding.
#[test]
fn solutions_by_enumeration() {
    let mut stream = ChaCha8Rng::seed_from_u64(9);
    let mut told = 0;
    for round in 0..80 {
        let (n, m) = (2 + round % 4, 1 + round % 6);
        let mut draw = |k: usize| -> Vec<f64> { (0..k).map(|_| uniform(&mut stream)).collect() };
        let root: Vec<Vec<f64>> = (0..n).map(|_| draw(n)).collect();
        let entry = |i: usize, j: usize| {
            let sum: f64 = (0..n).map(|k| root[k][i] * root[k][j]).sum();
            sum + if i == j { 0.3 } else { 0.0 }
        };
        let q: Vec<Vec<f64>> = (0..n)
            .map(|i| (0..n).map(|j| entry(i, j)).collect())
            .collect();
        let c: Vec<f64> = draw(n).iter().map(|c| 3.0 * c).collect();
        let a: Vec<Vec<f64>> = (0..m).map(|_| draw(n)).collect();
        let b = draw(m);
        let start = draw(n);
        let Some(solution) = enumerate(&q, &c, &a, &b) else {
            continue;
        };
        told += 1;
        let f = |x: &Array1<f64>| {
            let row = |i: usize| (0..n).map(|j| q[i][j] * x[j]).sum::<f64>();
            (0..n).map(|i| x[i] * (0.5 * row(i) + c[i])).sum::<f64>()
        };
        let start = Array1::from(start);
        let matrix = Array2::from_shape_fn((m, n), |(i, j)| a[i][j]);
        let right = Array1::from(b.clone());
        let rows = |x: &Array1<f64>| matrix.dot(x) - &right;
        let linear = minimize(f, &start)
            .linear_inequality(&matrix, &right)
            .run()
            .unwrap();
        let closed = minimize(f, &start).inequality(rows).run().unwrap();
        for (how, best) in [("matrix", &linear), ("closure", &closed)] {
            assert!(best.status.is_success(), "{round} {how}: {}", best.status);
            for (x, s) in best.x.iter().zip(&solution) {
                assert!(
                    (x - s).abs() < 2e-6 * s.abs().max(1.0),
                    "{round} {how}: {x} for {s}"
                );
            }
        }
        assert!(rows(&linear.x).iter().all(|r| *r > -1e-13), "{round}");
    }
    assert!(told > 50, "{told}");
}

/// A linear f falls for ever along a direction that the constraints leave open.
#[test]
fn unbounded_problems_are_told() {
    let mut stream = ChaCha8Rng::seed_from_u64(10);
    for round in 0..30 {
        let n = 2 + round % 3;
        let away: Vec<f64> = (0..n).map(|_| uniform(&mut stream)).collect();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut row = || -> Vec<f64> {
            let a: Vec<f64> = (0..n).map(|_| uniform(&mut stream)).collect();
            let sign = if dot(&a, &away) < 0.0 { -1.0 } else { 1.0 };
            a.iter().map(|a| sign * a).collect()
        };
        let (slope, rows) = (row(), [row(), row()]);
        let best = minimize(|x: &[f64]| -dot(&slope, x), &vec![0.1; n])
            .inequality(|x: &[f64]| [dot(&rows[0], x) + 1.0, dot(&rows[1], x) + 1.0])
            .run()
            .unwrap();
        let fell = matches!(best.status, Status::Diverged { .. });
        assert!(fell, "{round}: {}", best.status);
    }
}
