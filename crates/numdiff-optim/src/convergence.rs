//! The gradient test of the methods that have no model of the Hessian.

use crate::problem::Problem;

/// max_i |g_i| max(|x_i|, 1) / max(|f|, 1), bounds respected: the relative gradient of Dennis and
/// Schnabel (Numerical Methods for Unconstrained Optimization, equation 7.2.5) with typical sizes 1.
pub(crate) fn relative_gradient(problem: &Problem<'_>, x: &[f64], f: f64, g: &[f64]) -> f64 {
    if problem.bounds.is_none() {
        return largest_product(x, g) / f.abs().max(1.0);
    }
    let mut largest: f64 = 0.0;
    for (i, (&x, &g)) in x.iter().zip(g).enumerate() {
        if !problem.bounds.is_free(i, x, g) {
            continue;
        }
        if g.is_nan() {
            return f64::NAN;
        }
        largest = largest.max(g.abs() * x.abs().max(1.0));
    }
    largest / f.abs().max(1.0)
}

/// max_i |g_i| max(|x_i|, 1), NaN if a g_i is. Four maxima and counts, so that nothing waits for one another.
fn largest_product(x: &[f64], g: &[f64]) -> f64 {
    let (mut most, mut defects) = ([0.0f64; 4], [0.0f64; 4]);
    let n = x.len() / 4 * 4;
    for (x, g) in x[..n].chunks_exact(4).zip(g[..n].chunks_exact(4)) {
        for j in 0..4 {
            most[j] = most[j].max(g[j].abs() * x[j].abs().max(1.0));
            defects[j] += f64::from(u8::from(g[j].is_nan()));
        }
    }
    for (x, g) in x[n..].iter().zip(&g[n..]) {
        most[0] = most[0].max(g.abs() * x.abs().max(1.0));
        defects[0] += f64::from(u8::from(g.is_nan()));
    }
    if defects.iter().any(|d| *d > 0.0) {
        return f64::NAN;
    }
    most.into_iter().fold(0.0, f64::max)
}
