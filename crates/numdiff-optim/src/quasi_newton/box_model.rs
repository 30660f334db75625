//! The minimizer of a convex quadratic model within a box.

use crate::matrix::{Matrix, dot, negated};
use crate::oracle::Box1;

/// The step d that minimizes g^T d + d^T B d / 2 with x + d in the box: Newton's step without bounds,
/// otherwise by active sets, where all coordinates that would leave the box are fixed at once and
/// the one whose multiplier has the wrong sign by most is released. Ends with the best step seen when
/// the rounds, three for each coordinate, are used up. `None` when B is not positive definite.
pub(super) fn minimizer(hessian: &Matrix, g: &[f64], x: &[f64], bounds: &Box1) -> Option<Vec<f64>> {
    if bounds.is_none() {
        return Some(negated(&hessian.cholesky()?.solve(g)));
    }
    let n = x.len();
    let mut fixed: Vec<bool> = (0..n).map(|i| !bounds.is_free(i, x[i], g[i])).collect();
    let mut step = vec![0.0; n];
    let mut best: Option<(f64, Vec<f64>)> = None;
    for _ in 0..3 * n + 3 {
        let free: Vec<usize> = (0..n).filter(|&i| !fixed[i]).collect();
        let held: Vec<f64> = (0..n)
            .map(|i| if fixed[i] { step[i] } else { 0.0 })
            .collect();
        let pull = hessian.times(&held);
        let mut hit = false;
        if !free.is_empty() {
            let rhs: Vec<f64> = free.iter().map(|&i| -g[i] - pull[i]).collect();
            let solution = hessian.principal(&free).cholesky()?.solve(&rhs);
            for (&i, &d) in free.iter().zip(&solution) {
                let (lower, upper) = (bounds.lower(i) - x[i], bounds.upper(i) - x[i]);
                step[i] = d.clamp(lower, upper);
                if step[i] != d {
                    fixed[i] = true;
                    hit = true;
                }
            }
        }
        let bend = hessian.times(&step);
        let value = dot(g, &step) + 0.5 * dot(&bend, &step);
        let improved = best.as_ref().is_none_or(|(least, _)| value <= *least);
        if improved {
            best = Some((value, step.clone()));
        }
        if hit {
            continue;
        }
        // Pull of each multiplier into the box, in the metric of B.
        let wrong = |i: usize| {
            let at_lower = x[i] + step[i] <= bounds.lower(i);
            let pull = if at_lower {
                -(g[i] + bend[i])
            } else {
                g[i] + bend[i]
            };
            pull / hessian.get(i, i).max(f64::MIN_POSITIVE).sqrt()
        };
        let worst = (0..n)
            .filter(|&i| fixed[i] && !bounds.is_fixed(i))
            .map(|i| (i, wrong(i)))
            .filter(|(_, pull)| *pull > 0.0)
            .max_by(|a, b| a.1.total_cmp(&b.1));
        match worst {
            Some((i, _)) if improved => fixed[i] = false,
            _ => break,
        }
    }
    best.map(|(_, step)| step)
}
