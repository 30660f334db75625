//! The Hessian of the Lagrangian in the tangent space of the active constraints, by second differences.

use crate::matrix::{Matrix, add, axis, dot, largest, norm};
use crate::svd::Svd;

/// An orthonormal basis of what is orthogonal to `normals`, beginning with the part of `first` that is.
pub(super) fn basis(normals: &[Vec<f64>], first: &[f64]) -> Vec<Vec<f64>> {
    let n = first.len();
    let mut spanned = Vec::new();
    for normal in normals {
        extend(&mut spanned, normal, 1e-8);
    }
    let fixed = spanned.len();
    extend(&mut spanned, first, 0.1);
    let mut axes: Vec<Vec<f64>> = (0..n).map(|i| axis(n, i)).collect();
    while spanned.len() < n {
        // The longest rest of all first, so that the basis is well conditioned.
        let rest = |axis: &Vec<f64>| norm(&orthogonal(axis.clone(), &spanned));
        let rests: Vec<f64> = axes.iter().map(rest).collect();
        let longest = (0..rests.len()).max_by(|&a, &b| rests[a].total_cmp(&rests[b]));
        let Some(pick) = longest else { break };
        if !extend(&mut spanned, &axes.swap_remove(pick), 1e-6) {
            break;
        }
    }
    spanned.split_off(fixed)
}

/// Adds what of v is orthogonal to the others, as a unit vector, if it is more than this share of v.
fn extend(spanned: &mut Vec<Vec<f64>>, v: &[f64], share: f64) -> bool {
    let rest = orthogonal(v.to_vec(), spanned);
    let size = norm(&rest);
    let is_new = size > share * norm(v) && size > 0.0;
    if is_new {
        spanned.push(rest.iter().map(|v| v / size).collect());
    }
    is_new
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
    let directions: Vec<Vec<f64>> = vectors.iter().map(|v| combined(v, basis)).collect();
    let mut changed = hessian.clone();
    let images: Vec<Vec<f64>> = directions.iter().map(|d| hessian.times(d)).collect();
    for (k, d) in directions.iter().enumerate() {
        for (l, e) in directions.iter().enumerate() {
            let wanted = if k == l {
                values[k].abs().max(1e-3 * most)
            } else {
                0.0
            };
            changed.add_outer(wanted - dot(&images[l], d), d, e);
        }
    }
    let mut weight = most;
    for _ in 0..8 {
        if changed.cholesky().is_some() {
            return Some(changed);
        }
        for normal in normals {
            let size = dot(normal, normal).max(1e-300);
            changed.add_outer(weight / size, normal, normal);
        }
        weight *= 10.0;
    }
    None
}
