//! Sums of squares from their residuals.

use ndarray::{Array1, array};
use numdiff_core::SparsityPattern;
use numdiff_optim::{Stall, Status, least_squares};
use numdiff_problems::mgh;
use proptest::prelude::*;

#[test]
fn every_problem_from_its_residuals() {
    for problem in mgh::main().into_iter().chain(mgh::larger()) {
        let start = Array1::from(problem.start.clone());
        let mut calls = 0;
        let fit = least_squares(
            |x: &Array1<f64>| {
                calls += 1;
                problem.residuals(&x.to_vec()).unwrap()
            },
            &start,
        )
        .run()
        .unwrap();
        let minimum = problem.nearest_minimum(fit.value);
        let way = problem.value(&problem.start) - minimum;
        assert!(
            fit.value - minimum <= 1e-9 * way,
            "{}: {:e} {}",
            problem.id,
            fit.value,
            fit.status
        );
        // Two of its unknowns do not enter, and are named.
        let flat = Status::Stalled {
            cause: Stall::Flat {
                coordinates: vec![0, 9],
            },
        };
        let told = problem.id == "lin0_n10" && fit.status == flat;
        assert!(
            told || fit.status.is_success(),
            "{}: {}",
            problem.id,
            fit.status
        );
        assert_eq!(calls, fit.evaluations, "{}", problem.id);
        let given = least_squares(
            |x: &Array1<f64>| problem.residuals(&x.to_vec()).unwrap(),
            &start,
        )
        .jacobian(|x: &Array1<f64>| problem.jacobian(&x.to_vec()).unwrap().concat())
        .run()
        .unwrap();
        let minimum = problem.nearest_minimum(given.value);
        assert!(
            given.value - minimum <= 1e-9 * way,
            "{}: {:e}",
            problem.id,
            given.value
        );
    }
}

#[test]
fn a_pattern_saves_evaluations_and_finds_the_same() {
    let n = 60;
    let problem = mgh::larger()
        .into_iter()
        .find(|p| p.id == "trid_n60")
        .unwrap();
    let start = Array1::from(problem.start.clone());
    let r = |x: &Array1<f64>| problem.residuals(&x.to_vec()).unwrap();
    let dense = least_squares(r, &start).run().unwrap();
    let sparse = least_squares(r, &start)
        .sparsity(SparsityPattern::banded(n, n, 1, 1).unwrap())
        .run()
        .unwrap();
    assert!(
        sparse.status.is_success() && sparse.value < 1e-20,
        "{} {:e}",
        sparse.status,
        sparse.value
    );
    assert!((&sparse.x - &dense.x).iter().all(|d| d.abs() < 1e-8));
    // Three colors instead of sixty columns.
    assert!(
        sparse.evaluations * 5 < dense.evaluations,
        "{} {}",
        sparse.evaluations,
        dense.evaluations
    );
}

/// A given Jacobian on a pattern, entry by entry: the same fit as with the dense one, with weights and a parameter that is
/// fixed.
#[test]
fn a_given_jacobian_may_be_sparse() {
    let n = 12;
    let r = |x: &[f64]| -> Vec<f64> {
        let chain = (1..n).map(|i| (x[i] - x[i - 1]).sin() + 0.1 * x[i] - 0.3);
        [x[0].exp() - 2.0].into_iter().chain(chain).collect()
    };
    let entries = |x: &[f64]| -> Vec<(usize, usize, f64)> {
        let pair = |i: usize| {
            let slope = (x[i] - x[i - 1]).cos();
            [(i, i - 1, -slope), (i, i, slope + 0.1)]
        };
        let first = [(0, 0, x[0].exp())];
        first.into_iter().chain((1..n).flat_map(pair)).collect()
    };
    let pattern = SparsityPattern::banded(n, n, 1, 0).unwrap();
    let dense = |x: &[f64]| {
        let mut rows = vec![0.0; n * n];
        entries(x)
            .into_iter()
            .for_each(|(i, j, v)| rows[i * n + j] = v);
        rows
    };
    let sparse = |x: &[f64]| -> Vec<f64> { entries(x).into_iter().map(|e| e.2).collect() };
    let start = vec![0.5; n];
    let sigma: Vec<f64> = (1..=n).map(|i| 0.1 * i as f64).collect();
    let set_up = || least_squares(r, &start).sigma(&sigma).fixed(&[4]);
    let by_rows = set_up().jacobian(dense).run().unwrap();
    let by_entries = set_up().jacobian(sparse).sparsity(pattern).run().unwrap();
    assert!(by_entries.status.is_success(), "{}", by_entries.status);
    assert!(by_entries.jacobian_evaluations > 0);
    for (a, b) in by_rows.x.iter().zip(&by_entries.x) {
        assert!((a - b).abs() < 1e-8, "{a} {b}");
    }
}

#[test]
fn bounds_budget_and_covariance() {
    let r = |x: &Array1<f64>| array![x[0] - 2.0, 10.0 * (x[1] - x[0])];
    let fit = least_squares(r, &array![0.0, 0.0])
        .bounds(-1.0, 1.0)
        .run()
        .unwrap();
    assert_eq!(fit.x, array![1.0, 1.0]);
    assert!(
        matches!(
            fit.status,
            Status::Converged {
                active_bounds: 1..,
                ..
            }
        ),
        "{}",
        fit.status
    );
    for budget in 1..30 {
        let mut calls = 0;
        let fit = least_squares(
            |x: &Array1<f64>| {
                calls += 1;
                array![10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]
            },
            &array![-1.2, 1.0],
        )
        .max_evaluations(budget)
        .run()
        .unwrap();
        assert!(
            calls <= budget && calls == fit.evaluations,
            "{calls} {budget}"
        );
    }
    // A straight line: s^2 (J^T J)^-1 in closed form.
    let (t, y) = ([0.0, 1.0, 2.0, 3.0], [1.0, 3.1, 4.9, 7.0]);
    let line =
        |p: &Array1<f64>| -> Vec<f64> { (0..4).map(|i| p[0] + p[1] * t[i] - y[i]).collect() };
    let fit = least_squares(line, &array![0.0, 0.0]).run().unwrap();
    let covariance = fit.covariance().unwrap();
    let variance = fit.value / 2.0;
    // sum t = 6, sum t^2 = 14, determinant 20; differences of a linear r are exact to 1e-8.
    for (found, expected) in [
        (covariance[(0, 0)], 14.0),
        (covariance[(0, 1)], -6.0),
        (covariance[(1, 1)], 4.0),
    ] {
        assert!(
            (found - variance * expected / 20.0).abs() < 1e-7 * variance.max(1e-3),
            "{covariance}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// In any box, a claim of convergence is a point where no coordinate alone promises, by the exact Jacobian, more
    /// than 1e-6 of |r|^2: a cosine of 1e-3 between its column and the residuals. The promise is too high where the
    /// residuals are large and curved, by a factor of a hundred for the penalty functions: their second derivatives
    /// are not in it.
    #[test]
    fn a_claim_in_a_box_holds(
        k in 0usize..40,
        below in prop::collection::vec(0.0f64..2.0, 6),
        above in prop::collection::vec(0.0f64..2.0, 6),
        given in any::<bool>(),
    ) {
        let mut problems: Vec<_> = mgh::main().into_iter().filter(|p| p.n() <= 6).collect();
        let problem = problems.swap_remove(k % problems.len());
        let lower: Vec<f64> = problem.start.iter().zip(&below).map(|(x, d)| x - d).collect();
        let upper: Vec<f64> = problem.start.iter().zip(&above).map(|(x, d)| x + d).collect();
        let r = |x: &Array1<f64>| problem.residuals(&x.to_vec()).unwrap();
        let x0 = Array1::from(problem.start.clone());
        let run = least_squares(r, &x0).bounds(&lower, &upper);
        let run = match given {
            true => run.jacobian(|x: &Array1<f64>| problem.jacobian(&x.to_vec()).unwrap().concat()),
            false => run,
        };
        let fit = run.run().unwrap();
        let start = problem.value(&problem.start);
        prop_assert!(fit.value <= start);
        // Residuals of 1e-10 of the start's are zero to rounding in most of these problems.
        if !fit.status.is_success() || fit.value <= 1e-20 * start {
            return Ok(());
        }
        let x = fit.x.to_vec();
        let rows = problem.jacobian(&x).unwrap();
        for i in 0..x.len() {
            let column: Vec<f64> = rows.iter().map(|row| row[i]).collect();
            let square: f64 = column.iter().map(|v| v * v).sum();
            let pull: f64 = column.iter().zip(&fit.residuals).map(|(a, b)| a * b).sum();
            let room = if pull > 0.0 { x[i] - lower[i] } else { upper[i] - x[i] };
            // The minimum of |r + t a|^2 over t, or what the way to the bound allows at most.
            let gain = (pull * pull / square).min(2.0 * pull.abs() * room);
            prop_assert!(!(gain > 1e-6 * fit.value), "{} x[{i}]: {:e} {}", problem.id, gain / fit.value, fit.status);
        }
    }
}

/// Twelve points of a decay above a floor, with residuals of a hundredth.
fn decay(p: &[f64]) -> [f64; 12] {
    std::array::from_fn(|i| {
        let t = 0.25 * i as f64;
        let seen = 2.0 * (-0.7 * t).exp() + 0.3 + 0.01 * (7.0 * t).sin();
        p[0] * (-p[1] * t).exp() + p[2] - seen
    })
}

/// Differences of residuals that are known to a few digits are taken wider, and the end is called what it is.
#[test]
fn noisy_residuals_are_fitted_as_far_as_their_noise() {
    let start = array![1.0, 1.0, 0.0];
    let exact = least_squares(|p: &Array1<f64>| decay(&p.to_vec()), &start)
        .run()
        .unwrap();
    for quantum in [1e-12, 1e-9, 1e-6, 1e-4] {
        let rounded = |r: f64| (r / quantum).round() * quantum;
        let f = |p: &Array1<f64>| decay(&p.to_vec()).map(rounded);
        let fit = least_squares(f, &start).run().unwrap();
        let told = fit.status.is_success() || matches!(fit.status, Status::NoiseLimited { .. });
        // Twelve residuals of 0.007 each rounded to a quantum, a few of them together.
        let left = fit.value - exact.value;
        let what = format!("{quantum:e}: {left:e} {}", fit.status);
        assert!(told && left < 10.0 * 12.0 * 0.007 * quantum, "{what}");
    }
}

/// A minimum beyond the edge of the domain of r: the fit ends at the edge with what it has.
#[test]
fn the_edge_of_the_domain_ends_a_fit_with_a_status() {
    let beyond = |p: &Array1<f64>| match p[1] < 0.8 {
        true => Err("decays too slowly"),
        false => Ok(decay(&p.to_vec())),
    };
    let fit = least_squares(beyond, &array![1.0, 1.0, 0.0]).run().unwrap();
    assert!(!fit.status.is_success(), "{}", fit.status);
    assert!(
        fit.value < 9.0 && fit.x[1] >= 0.8,
        "{} {}",
        fit.value,
        fit.x
    );
    // And on the way it is only backed away from.
    let beside = |p: &Array1<f64>| match p[1] > 1.2 || p[0] > 2.01 {
        true => [f64::NAN; 12],
        false => decay(&p.to_vec()),
    };
    let fit = least_squares(beside, &array![1.0, 1.0, 0.0]).run().unwrap();
    assert!(
        fit.status.is_success() && fit.value < 5.6e-4,
        "{} {}",
        fit.value,
        fit.status
    );
}

/// Units that make the first displacement as long as the unknowns, and others at which r overflows along it.
#[test]
fn units_of_the_unknowns_of_a_fit() {
    for unit in [1e-5, 1e-9, 1e-10, 1e-11, 1e-60, 1e-150] {
        let f = |p: &Array1<f64>| decay(&p.mapv(|p| p / unit).to_vec());
        let fit = least_squares(f, &array![unit, unit, 0.1 * unit])
            .run()
            .unwrap();
        let what = format!("{unit:e}: {:e} {}", fit.value, fit.status);
        // The minimum is 5.500460568e-4, and 9.47 the start: nine digits of the way.
        assert!(fit.status.is_success() && fit.value < 5.5005e-4, "{what}");
    }
}

/// Accepted points are lower, each of them.
#[test]
fn the_sum_of_squares_never_rises() {
    for problem in mgh::main() {
        let start = Array1::from(problem.start.clone());
        let (mut last, mut steps) = (f64::INFINITY, 0);
        least_squares(
            |x: &Array1<f64>| problem.residuals(&x.to_vec()).unwrap(),
            &start,
        )
        .on_iteration(|it| {
            assert!(
                it.value < last,
                "{}: {} {}",
                problem.id,
                it.iteration,
                it.value
            );
            (last, steps) = (it.value, it.iteration);
            std::ops::ControlFlow::Continue(())
        })
        .run()
        .unwrap();
        assert!(steps > 0, "{}", problem.id);
    }
}
