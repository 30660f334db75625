//! Conjugate gradients on a quadratic model within a radius.

use crate::matrix::{dot, norm};

/// Minimizes g^T p + p^T B p / 2 with |p| <= radius approximately (Steihaug, SIAM J. Numer. Anal. 20
/// (1983) 626-637): stops where the residual has shrunk by `tolerance`, at the radius, or at negative
/// curvature, which is followed to the radius. With an infinite radius negative curvature ends it where
/// it stands. `product` is B v; `None` ends it, too. Returns p and the decrease that the model predicts for it.
pub(crate) fn steihaug(
    g: &[f64],
    radius: f64,
    tolerance: f64,
    mut product: impl FnMut(&[f64]) -> Option<Vec<f64>>,
) -> (Vec<f64>, f64) {
    let n = g.len();
    let mut p = vec![0.0; n];
    let mut r = g.to_vec();
    let mut d: Vec<f64> = g.iter().map(|g| -g).collect();
    let mut rr = dot(&r, &r);
    let goal = tolerance * rr.sqrt();
    // In exact arithmetic n steps are enough; rounding may take some more.
    for step in 0..2 * n {
        if rr.sqrt() <= goal {
            break;
        }
        let Some(bd) = product(&d) else { break };
        let curvature = dot(&d, &bd);
        if !(curvature > 0.0) {
            let t = match radius.is_finite() {
                true => to_radius(&mut p, &d, radius),
                false if step == 0 => {
                    p.copy_from_slice(&d);
                    1.0
                }
                false => 0.0,
            };
            r.iter_mut().zip(&bd).for_each(|(r, b)| *r += t * b);
            break;
        }
        let alpha = rr / curvature;
        let next: Vec<f64> = p.iter().zip(&d).map(|(p, d)| p + alpha * d).collect();
        if norm(&next) >= radius {
            let t = to_radius(&mut p, &d, radius);
            r.iter_mut().zip(&bd).for_each(|(r, b)| *r += t * b);
            break;
        }
        p = next;
        r.iter_mut().zip(&bd).for_each(|(r, b)| *r += alpha * b);
        let after = dot(&r, &r);
        let beta = after / rr;
        rr = after;
        d.iter_mut().zip(&r).for_each(|(d, r)| *d = beta * *d - r);
    }
    if p.iter().all(|p| *p == 0.0) {
        // The very first product failed.
        p.iter_mut().zip(g).for_each(|(p, g)| *p = -g);
        let length = norm(&p);
        if length > radius {
            p.iter_mut().for_each(|p| *p *= radius / length);
        }
        // Of the curvature nothing is known.
        let predicted = -dot(g, &p);
        return (p, predicted);
    }
    // p^T B p = p^T (r - g).
    let predicted = -0.5 * (dot(g, &p) + dot(&r, &p));
    (p, predicted)
}

/// p + t d with |p + t d| = radius, t > 0; returns t.
fn to_radius(p: &mut [f64], d: &[f64], radius: f64) -> f64 {
    let (a, b) = (dot(d, d), dot(p, d));
    let c = dot(p, p) - radius * radius;
    let root = (b * b - a * c).max(0.0).sqrt();
    let t = if b > 0.0 {
        -c / (b + root)
    } else {
        (root - b) / a
    };
    p.iter_mut().zip(d).for_each(|(p, d)| *p += t * d);
    t
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_to_the_radius_ends_there() {
        // Away from p, across it, and back over it.
        for d in [[1.0, 0.5], [-2.0, 3.0], [-3.0, -0.1]] {
            let mut p = [0.6, 0.3];
            to_radius(&mut p, &d, 2.0);
            // A dozen roundings.
            assert!((norm(&p) - 2.0).abs() < 12.0 * 2.0 * f64::EPSILON, "{p:?}");
            let along = (p[0] - 0.6) * d[0] + (p[1] - 0.3) * d[1];
            assert!(along > 0.0, "{p:?}");
        }
    }

    /// Two unknowns, two steps: Newton's step inside the radius, the radius where curvature is negative.
    #[test]
    fn quadratic_models() {
        let bowl = |v: &[f64]| Some(vec![2.0 * v[0] + v[1], v[0] + 3.0 * v[1]]);
        let (p, predicted) = steihaug(&[1.0, -2.0], 10.0, 1e-12, bowl);
        // -g^T p / 2 at the minimizer of the model.
        assert!((predicted - 1.5).abs() < 1e-12, "{predicted}");
        // B p = -g.
        assert!(
            (p[0] + 1.0).abs() < 1e-12 && (p[1] - 1.0).abs() < 1e-12,
            "{p:?}"
        );
        let saddle = |v: &[f64]| Some(vec![2.0 * v[0], -3.0 * v[1]]);
        let (p, predicted) = steihaug(&[1.0, -2.0], 5.0, 1e-12, saddle);
        let model = p[0] - 2.0 * p[1] + p[0] * p[0] - 1.5 * p[1] * p[1];
        assert!((predicted + model).abs() < 1e-12 * predicted, "{predicted}");
        assert!((norm(&p) - 5.0).abs() < 1e-12 && p[1] > 0.0, "{p:?}");
    }
}
