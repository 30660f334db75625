//! Accepted points satisfy the conditions of the search that accepted them.

use ndarray::{Array1, array};
use numdiff_optim::{Method, Search, minimize};
use numdiff_problems::mgh;

#[test]
fn conditions_hold_at_accepted_points() {
    for problem in mgh::main() {
        let start = Array1::from(problem.start.clone());
        for (method, sigma) in [
            (Method::Bfgs, 0.9),
            (Method::Lbfgs { memory: 5 }, 0.9),
            (Method::ConjugateGradient, 0.1),
        ] {
            for search in [
                Search::Backtracking,
                Search::StrongWolfe,
                Search::HagerZhang,
            ] {
                let end = minimize(|x: &Array1<f64>| problem.value(&x.to_vec()), &start)
                    .gradient(|x: &Array1<f64>| problem.gradient(&x.to_vec()))
                    .method(method.clone())
                    .search(search)
                    .max_iterations(20)
                    .record()
                    .run()
                    .unwrap();
                for pair in end.trajectory.records.windows(2) {
                    let (from, to) = (&pair[0], &pair[1]);
                    let step: Vec<f64> = to.x.iter().zip(&from.x).map(|(a, b)| a - b).collect();
                    let slope = |x: &[f64]| -> f64 {
                        problem
                            .gradient(x)
                            .iter()
                            .zip(&step)
                            .map(|(g, s)| g * s)
                            .sum()
                    };
                    let (before, after) = (slope(&from.x), slope(&to.x));
                    let change = to.value - from.value;
                    // Steps of the size of the rounding of x or f end a search early.
                    let scale = from.value.abs().max(to.value.abs());
                    if change.abs() < 1e-9 * scale || to.step < 1e-9 {
                        continue;
                    }
                    let what = format!(
                        "{} {method:?} {search:?} {change:e} {before:e} {after:e}",
                        problem.id
                    );
                    match search {
                        Search::Backtracking => assert!(change <= 0.9999e-4 * before, "{what}"),
                        Search::StrongWolfe => {
                            assert!(change <= 0.9999e-4 * before, "{what}");
                            assert!(after.abs() <= 1.001 * sigma * before.abs(), "{what}");
                        }
                        _ => {
                            let wolfe = change <= 0.0999 * before && after >= 0.901 * before;
                            let near = -0.7999 * before >= after
                                && after >= 0.901 * before
                                && change <= 1e-6 * scale;
                            assert!(wolfe || near, "{what}");
                        }
                    }
                }
            }
        }
    }
}

/// A trial that lowers f by a fifth of what Armijo asks for is no step: from 0.5 + d over the minimum at 0 to -0.5 + d.
#[test]
fn a_decrease_that_is_too_small_for_the_step_is_not_accepted() {
    for search in [Search::Backtracking, Search::StrongWolfe] {
        let end = minimize(|x: &Array1<f64>| 2.0 * x[0] * x[0], &array![0.500_01])
            .gradient(|x: &Array1<f64>| vec![4.0 * x[0]])
            .method(Method::SteepestDescent)
            .search(search)
            .max_iterations(1)
            .record()
            .run()
            .unwrap();
        // The first trial has a length of 1.
        let step = end.trajectory.records[1].step;
        assert!(step < 0.9, "{search:?} {step}");
    }
}

/// On a quadratic with condition 10^4 Barzilai and Borwein's steps need less than a third of the gradients of steepest descent,
/// and f rises on the way, but never above the highest of the last ten values.
#[test]
fn barzilai_borwein_goes_where_steepest_descent_crawls() {
    let n = 100;
    let weight = |i: usize| 10f64.powf(4.0 * i as f64 / (n - 1) as f64);
    let f = |x: &Array1<f64>| (0..n).map(|i| 0.5 * weight(i) * x[i] * x[i]).sum::<f64>();
    let gradient = |x: &Array1<f64>| Array1::from_shape_fn(n, |i| weight(i) * x[i]);
    let start = Array1::from_elem(n, 1.0);
    let run = |method| {
        let run = minimize(f, &start).gradient(gradient).method(method);
        run.max_evaluations(20_000).record().run().unwrap()
    };
    let (steps, crawl) = (run(Method::BarzilaiBorwein), run(Method::SteepestDescent));
    assert!(steps.status.is_success(), "{}", steps.status);
    let gradients = (steps.gradient_evaluations, crawl.gradient_evaluations);
    assert!(3 * gradients.0 < gradients.1, "{gradients:?}");
    let values: Vec<f64> = steps.trajectory.records.iter().map(|r| r.value).collect();
    assert!(values.windows(2).any(|pair| pair[1] > pair[0]));
    for k in 1..values.len() {
        let highest = values[k.saturating_sub(10)..k]
            .iter()
            .copied()
            .fold(0.0, f64::max);
        assert!(values[k] <= highest, "{k}");
    }
}
