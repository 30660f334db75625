//! The Hessian of the Lagrangian in the tangent space of the active constraints, by second differences.

use crate::matrix::{Matrix, add, axis, dot, largest, norm};
use crate::svd::Svd;

/// An orthonormal basis of what is orthogonal to `normals`, beginning with the part of `first` that is.
pub(super) fn basis(normals: &[Vec<f64>], first: &[f64]) -> Vec<Vec<f64>> {
    let n = first.len();
    let mut spanned: Vec<Vec<f64>> = Vec::new();
    for normal in normals {
        let before = norm(normal);
        let rest = orthogonal(normal.clone(), &spanned);
        let size = norm(&rest);
        if size > 1e-8 * before && size > 0.0 {
            spanned.push(rest.iter().map(|v| v / size).collect());
        }
    }
    let fixed = spanned.len();
    let axes = (0..n).map(|i| axis(n, i));
    let mut candidates: Vec<Vec<f64>> = std::iter::once(first.to_vec()).chain(axes).collect();
    while spanned.len() < n {
        // The longest rest of all first, so that the basis is well conditioned; the given direction before all.
        let rests: Vec<Vec<f64>> = candidates
            .iter()
            .map(|c| orthogonal(c.clone(), &spanned))
            .collect();
        let given =
            spanned.len() == fixed && norm(&rests[0]) > 0.1 * norm(first) && norm(first) > 0.0;
        let pick = if given {
            0
        } else {
            let longest =
                (1..rests.len()).max_by(|&a, &b| norm(&rests[a]).total_cmp(&norm(&rests[b])));
            match longest {
                Some(pick) if norm(&rests[pick]) > 1e-6 => pick,
                _ => break,
            }
        };
        let size = norm(&rests[pick]);
        spanned.push(rests[pick].iter().map(|v| v / size).collect());
        if pick > 0 {
            candidates.swap_remove(pick);
        }
    }
    spanned.split_off(fixed)
}

fn orthogonal(mut v: Vec<f64>, to: &[Vec<f64>]) -> Vec<f64> {
    // Twice is enough (Kahan).
    for _ in 0..2 {
        for u in to {
            let along = dot(u, &v);
            add(&mut v, -along, u);
        }
    }
    v
}

/// Eigenvalues and eigenvectors (as rows) of a small symmetric matrix: a shift by its norm makes them singular ones, to
/// the rounding of the norm.
pub(super) fn eigen(matrix: &[Vec<f64>]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let shift = norm(&matrix.concat());
    let mut shifted = matrix.to_vec();
    for (i, row) in shifted.iter_mut().enumerate() {
        row[i] += shift;
    }
    let Svd { values, vectors } = Svd::of(&shifted);
    (values.iter().map(|value| value - shift).collect(), vectors)
}

/// The sum of the basis with these weights.
pub(super) fn combined(weights: &[f64], basis: &[Vec<f64>]) -> Vec<f64> {
    let mut sum = vec![0.0; basis[0].len()];
    let terms = weights.iter().zip(basis);
    terms.for_each(|(w, b)| add(&mut sum, *w, b));
    sum
}

/// `hessian` with the block of `basis` replaced by `block`, whose eigenvalues are taken positive; `None` where the
/// whole would not be positive definite for any weight of the `normals`, which do not matter to the step.
pub(super) fn replace(
    hessian: &Matrix,
    basis: &[Vec<f64>],
    block: &[Vec<f64>],
    normals: &[Vec<f64>],
) -> Option<Matrix> {
    let (values, vectors) = eigen(block);
    let most = largest(&values);
    if !(most > 0.0 && most.is_finite()) {
        return None;
    }
    let n = basis[0].len();
    let directions: Vec<Vec<f64>> = vectors.iter().map(|v| combined(v, basis)).collect();
    let mut changed = hessian.clone();
    let add_to = |m: &mut Matrix, weight: f64, a: &[f64], b: &[f64]| {
        for i in 0..n {
            for j in 0..n {
                m.set(i, j, m.get(i, j) + weight * a[i] * b[j]);
            }
        }
    };
    let images: Vec<Vec<f64>> = directions.iter().map(|d| hessian.times(d)).collect();
    for (k, d) in directions.iter().enumerate() {
        for (l, e) in directions.iter().enumerate() {
            let wanted = if k == l {
                values[k].abs().max(1e-3 * most)
            } else {
                0.0
            };
            add_to(&mut changed, wanted - dot(&images[l], d), d, e);
        }
    }
    let mut weight = most;
    for _ in 0..8 {
        if changed.cholesky().is_some() {
            return Some(changed);
        }
        for normal in normals {
            let size = dot(normal, normal).max(1e-300);
            add_to(&mut changed, weight / size, normal, normal);
        }
        weight *= 10.0;
    }
    None
}
