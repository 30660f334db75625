//! The minimizer of a convex quadratic model within a box.

use crate::bounds::Bounds;
use crate::matrix::{Matrix, dot, negated};

/// The step d that minimizes g^T d + d^T B d / 2 with x + d in the box: Newton's step without bounds,
/// otherwise by a primal active-set method, whose value never rises (Nocedal and Wright, algorithm 16.3,
/// for bounds). Where the way to the minimizer over the free coordinates leaves the box, all that leave it
/// are fixed at once if that lowers the value, else only the first. `None` when B is not positive definite.
pub(super) fn minimizer(
    hessian: &Matrix,
    g: &[f64],
    x: &[f64],
    bounds: &Bounds,
) -> Option<Vec<f64>> {
    if bounds.is_none() {
        return Some(negated(&hessian.cholesky()?.solve(g)));
    }
    let n = x.len();
    let room = |i: usize| (bounds.lower(i) - x[i], bounds.upper(i) - x[i]);
    let mut fixed: Vec<bool> = (0..n).map(|i| !bounds.is_free(i, x[i], g[i])).collect();
    let mut step = vec![0.0; n];
    let mut value = 0.0;
    // Each round fixes or releases a coordinate; twice around is more than bounds on real problems need.
    for _ in 0..4 * n + 4 {
        let free: Vec<usize> = (0..n).filter(|&i| !fixed[i]).collect();
        let mut target = step.clone();
        if !free.is_empty() {
            let held: Vec<f64> = (0..n)
                .map(|i| if fixed[i] { step[i] } else { 0.0 })
                .collect();
            let pull = hessian.times(&held);
            let rhs: Vec<f64> = free.iter().map(|&i| -g[i] - pull[i]).collect();
            let solution = hessian.principal(&free).cholesky()?.solve(&rhs);
            free.iter()
                .zip(&solution)
                .for_each(|(&i, &d)| target[i] = d);
        }
        let leaves = |i: usize| target[i] < room(i).0 || target[i] > room(i).1;
        if free.iter().any(|&i| leaves(i)) {
            let clipped: Vec<f64> = (0..n)
                .map(|i| target[i].clamp(room(i).0, room(i).1))
                .collect();
            let lower = model(hessian, g, &clipped);
            if lower < value {
                free.iter()
                    .filter(|&&i| leaves(i))
                    .for_each(|&i| fixed[i] = true);
                (step, value) = (clipped, lower);
                continue;
            }
            // As far as the first bound in the way.
            let share = |i: usize| {
                let bound = if target[i] > step[i] {
                    room(i).1
                } else {
                    room(i).0
                };
                (bound - step[i]) / (target[i] - step[i])
            };
            let first = free
                .iter()
                .copied()
                .filter(|&i| leaves(i))
                .min_by(|&i, &j| share(i).total_cmp(&share(j)))?;
            let t = share(first).clamp(0.0, 1.0);
            for &i in &free {
                step[i] = (step[i] + t * (target[i] - step[i])).clamp(room(i).0, room(i).1);
            }
            step[first] = if target[first] > room(first).1 {
                room(first).1
            } else {
                room(first).0
            };
            fixed[first] = true;
            value = model(hessian, g, &step);
            continue;
        }
        (step, value) = (target.clone(), model(hessian, g, &target));
        let bend = hessian.times(&step);
        // Pull of each multiplier into the box, in the metric of B.
        let wrong = |i: usize| {
            let at_lower = step[i] <= room(i).0;
            let pull = if at_lower {
                -(g[i] + bend[i])
            } else {
                g[i] + bend[i]
            };
            pull / hessian.get(i, i).max(f64::MIN_POSITIVE).sqrt()
        };
        // Relative to the size of the gradient in that metric: below lies rounding.
        let size = (0..n)
            .map(|i| g[i].abs() / hessian.get(i, i).max(f64::MIN_POSITIVE).sqrt())
            .fold(0.0, f64::max);
        let worst = (0..n)
            .filter(|&i| fixed[i] && !bounds.is_fixed(i))
            .map(|i| (i, wrong(i)))
            .filter(|(_, pull)| *pull > 1e-12 * size)
            .max_by(|a, b| a.1.total_cmp(&b.1));
        match worst {
            Some((i, _)) => fixed[i] = false,
            None => break,
        }
    }
    Some(step)
}

fn model(hessian: &Matrix, g: &[f64], step: &[f64]) -> f64 {
    dot(g, step) + 0.5 * dot(&hessian.times(step), step)
}
