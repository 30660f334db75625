//! Minimization subject to constraints.

use ndarray::{Array1, Array2, array};
use numdiff_optim::{Constraint, Error, Method, Search, Status, Test, minimize};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::cell::Cell;
use std::ops::ControlFlow;

fn uniform(stream: &mut ChaCha8Rng) -> f64 {
    2.0 * (stream.next_u64() >> 11) as f64 / (1u64 << 53) as f64 - 1.0
}

/// Convex quadratic programs made so that the solution is known: g = sum of multipliers times normals at it.
#[test]
fn quadratic_programs() {
    let mut stream = ChaCha8Rng::seed_from_u64(1);
    for round in 0..40 {
        let n = 2 + round % 5;
        let m = 1 + round % (n - 1).max(1);
        let mut draw = |k: usize| -> Vec<f64> { (0..k).map(|_| uniform(&mut stream)).collect() };
        let root = draw(n * n);
        let solution = draw(n);
        let normals: Vec<Vec<f64>> = (0..m).map(|_| draw(n)).collect();
        let worth: Vec<f64> = draw(m).iter().map(|l| l.abs() + 0.1).collect();
        let slack = draw(2);
        let product = |x: &[f64]| -> Vec<f64> {
            let r: Vec<f64> = (0..n)
                .map(|i| (0..n).map(|j| root[i * n + j] * x[j]).sum::<f64>() + x[i])
                .collect();
            (0..n)
                .map(|j| (0..n).map(|i| root[i * n + j] * r[i]).sum::<f64>() + r[j])
                .collect()
        };
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let at = product(&solution);
        let slope: Vec<f64> = (0..n)
            .map(|i| (0..m).map(|j| worth[j] * normals[j][i]).sum::<f64>() - at[i])
            .collect();
        let f = |x: &[f64]| 0.5 * dot(x, &product(x)) + dot(&slope, x);
        let row = |j: usize, x: &[f64]| dot(&normals[j], x) - dot(&normals[j], &solution);
        // Every other row is an equality; one more row does not hold x.
        let best = minimize(f, &vec![0.3; n])
            .equality(|x: &[f64]| (0..m).step_by(2).map(|j| row(j, x)).collect::<Vec<f64>>())
            .inequality(|x: &[f64]| {
                let held = (1..m).step_by(2).map(|j| row(j, x));
                held.chain([1.0 + slack[0] + x[0] - solution[0]])
                    .collect::<Vec<f64>>()
            })
            .run()
            .unwrap();
        assert!(best.status.is_success(), "{round}: {}", best.status);
        let error = best
            .x
            .iter()
            .zip(&solution)
            .fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
        assert!(error < 1e-5, "{round}: {error}");
        let told = best
            .multipliers
            .equality
            .iter()
            .zip(worth.iter().step_by(2));
        assert!(
            told.into_iter().all(|(a, b)| (a - b).abs() < 1e-3),
            "{round}"
        );
        let told = best
            .multipliers
            .inequality
            .iter()
            .zip(worth.iter().skip(1).step_by(2));
        assert!(
            told.into_iter().all(|(a, b)| (a - b).abs() < 1e-3),
            "{round}"
        );
        assert_eq!(best.multipliers.inequality.last(), Some(&0.0));
    }
}

/// Linear constraints given as matrices: x0 is moved to them, every iterate keeps them, contradictions are told.
#[test]
fn linear_constraints_hold_to_rounding() {
    let a = array![[1.0, 1.0, 1.0], [1.0, -2.0, 0.3]];
    let b = array![1.0, 0.1];
    let f = |x: &Array1<f64>| {
        x.iter()
            .enumerate()
            .map(|(i, x)| (x - i as f64).powi(4))
            .sum::<f64>()
    };
    let x0 = array![3.0, 3.0, 3.0];
    let worst = Cell::new(0.0f64);
    let best = minimize(f, &x0)
        .linear_equality(&a, &b)
        .linear_inequality(&array![[0.0, 1.0, 0.0]], &array![0.2])
        .bounds(-5.0, 5.0)
        .on_iteration(|it| {
            let off = (a.dot(it.x) - &b)
                .iter()
                .fold(0.0, |m: f64, v| m.max(v.abs()));
            worst.set(worst.get().max(off));
            ControlFlow::Continue(())
        })
        .run()
        .unwrap();
    assert!(
        best.status.is_success() && best.start_moved > 0,
        "{}",
        best.status
    );
    assert!(worst.get() < 1e-14, "{}", worst.get());
    assert_eq!(best.multipliers.linear.len(), 3);

    let twice = array![[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]];
    let error = minimize(f, &x0)
        .linear_equality(&twice, &array![1.0, 3.0])
        .run();
    assert!(matches!(error, Err(Error::Contradiction { rows, bounds: false }) if rows == [0, 1]));
    let error = minimize(f, &x0)
        .linear_inequality(&array![[1.0, 1.0, 1.0]], &array![4.0])
        .bounds(0.0, 1.0)
        .run();
    assert!(matches!(error, Err(Error::Contradiction { rows, bounds: true }) if rows == [0]));
}

fn circle(x: &Array1<f64>) -> f64 {
    x.dot(x) - 2.0
}

#[test]
fn a_given_jacobian_is_used() {
    let x0 = array![1.0, 0.5];
    let f = |x: &Array1<f64>| x[0] + x[1];
    let differenced = minimize(f, &x0).equality(circle).run().unwrap();
    let given = minimize(f, &x0)
        .gradient(|_: &Array1<f64>| [1.0, 1.0])
        .equality_with_jacobian(circle, |x: &Array1<f64>| 2.0 * x)
        .run()
        .unwrap();
    assert!(given.status.is_success() && given.gradient_evaluations > 0);
    assert!(given.evaluations < differenced.evaluations);
    assert!((&given.x + 1.0).iter().all(|e| e.abs() < 1e-8));
    // One part alone.
    let part = minimize(f, &x0)
        .equality_with_jacobian(circle, |x: &Array1<f64>| 2.0 * x)
        .run()
        .unwrap();
    assert!(part.status.is_success());
    let wrong = minimize(f, &x0)
        .equality_with_jacobian(circle, |_: &Array1<f64>| [1.0])
        .run();
    assert!(matches!(wrong, Err(Error::Function { .. })));
}

#[test]
fn what_a_run_tells() {
    let x0 = array![3.0, 0.5];
    let best = minimize(|x: &Array1<f64>| x[0] + x[1], &x0)
        .equality(circle)
        .bounds(-2.0, 2.0)
        .record()
        .run()
        .unwrap();
    assert_eq!(best.start_moved, 1);
    let records = &best.trajectory.records;
    assert_eq!(records[0].x, [2.0, 0.5]);
    assert!(records[0].violation > 2.0 && records[records.len() - 1].violation < 1e-9);
    let Status::Converged {
        test: Test::Kkt {
            residual,
            violation,
            ..
        },
        ..
    } = best.status
    else {
        panic!("{}", best.status);
    };
    assert!(residual < 1e-5 && violation < 1e-8);
    let stopped = minimize(|x: &Array1<f64>| x[0] + x[1], &x0)
        .equality(circle)
        .on_iteration(|_| ControlFlow::Break(()))
        .run()
        .unwrap();
    assert_eq!(stopped.status, Status::Stopped);
    let target = minimize(|x: &Array1<f64>| x[0] + x[1], &array![1.0, 1.0])
        .inequality(|x: &Array1<f64>| 2.0 - x.dot(x))
        .target(-1.0)
        .run()
        .unwrap();
    assert!(matches!(target.status, Status::TargetReached { value } if value <= -1.0));
    assert!(target.x.dot(&target.x) <= 2.0 + 1e-8);
}

#[test]
fn f_that_falls_for_ever() {
    let best = minimize(|x: &Array1<f64>| x[0] - x[1], &array![0.0, 0.0])
        .equality(|x: &Array1<f64>| x[0] + x[1])
        .run()
        .unwrap();
    assert!(
        matches!(best.status, Status::Diverged { .. }),
        "{}",
        best.status
    );
}

/// On the circle f has a maximum and a minimum, and both satisfy the conditions of first order.
#[test]
fn a_maximum_on_the_constraint_is_left() {
    let start = Array1::from_elem(2, 1.0);
    let best = minimize(|x: &Array1<f64>| x[0] + x[1], &start)
        .equality(circle)
        .run()
        .unwrap();
    assert!(
        best.status.is_success() && (best.value + 2.0).abs() < 1e-8,
        "{}",
        best.value
    );
    // A saddle in three dimensions.
    let f = |x: &Array1<f64>| x[0] * x[1] + x[2].powi(2);
    let start = array![0.0, 0.0, 1.0];
    let best = minimize(f, &start)
        .equality(|x: &Array1<f64>| x.dot(x) - 1.0)
        .run()
        .unwrap();
    assert!((best.value + 0.5).abs() < 1e-8, "{}", best.value);
    // More tangent directions than are looked at together.
    for n in 7..12 {
        let start = vec![1.0; n];
        let best = minimize(|x: &[f64]| x.iter().sum::<f64>(), &start[..])
            .equality(|x: &[f64]| x.iter().map(|x| x * x).sum::<f64>() - n as f64)
            .run()
            .unwrap();
        assert!((best.value + n as f64).abs() < 1e-6, "{n}: {}", best.value);
    }
}

/// Outside of the domain, constraints and f are backed away from.
#[test]
fn failures_are_backed_away_from() {
    let f = |x: &Array1<f64>| x[0] + 1.0 / x[0];
    let best = minimize(f, &array![3.0])
        .inequality(|x: &Array1<f64>| {
            if x[0] < 0.5 {
                Err("below 0.5")
            } else {
                Ok([x[0].ln() + 1.0])
            }
        })
        .run()
        .unwrap();
    assert!(
        best.status.is_success() && (best.x[0] - 1.0).abs() < 1e-5,
        "{}",
        best.status
    );
}

#[test]
fn bad_input() {
    let f = |x: &Array1<f64>| x.dot(x);
    let x0 = array![1.0, 2.0];
    let calls = Cell::new(0);
    let changing = |_: &Array1<f64>| {
        calls.set(calls.get() + 1);
        vec![1.0; 1 + calls.get() / 3]
    };
    let error = minimize(f, &x0).inequality(changing).run();
    let counts = matches!(
        error,
        Err(Error::ConstraintCount {
            found: 2,
            expected: 1,
            ..
        })
    );
    assert!(counts);
    let error = minimize(f, &x0)
        .inequality(|x: &Array1<f64>| [x[0], f64::NAN])
        .run();
    let named = Constraint::Inequality(1);
    assert!(
        matches!(error, Err(Error::ConstraintNotFinite { constraint, .. }) if constraint == named)
    );
    let error = minimize(f, &x0)
        .equality(|_: &Array1<f64>| Err::<f64, _>("no mesh"))
        .run();
    assert!(error.is_err_and(|error| error.to_string().contains("no mesh")));
    let error = minimize(f, &x0).equality(circle).bounds(1.0, 0.0).run();
    assert!(error.is_err_and(|error| error.to_string().contains("bounds of coordinate 0")));
    let three = |x: &Array1<f64>| [x[0] - 1.0, x[1] - 2.0, x[0] + x[1] - 5.0];
    let error = minimize(f, &x0).equality(three).run();
    assert!(matches!(
        error,
        Err(Error::TooManyEqualities {
            equalities: 3,
            unknowns: 2
        })
    ));
    // Three that agree are no contradiction.
    let agree = |x: &Array1<f64>| [x[0] - 1.0, x[1] - 2.0, x[0] + x[1] - 3.0];
    assert!(
        minimize(f, &array![0.0, 0.0])
            .equality(agree)
            .run()
            .unwrap()
            .status
            .is_success()
    );
    let lbfgs = Method::Lbfgs { memory: 5 };
    let error = minimize(f, &x0).equality(circle).method(lbfgs).run();
    assert!(error.is_err_and(|error| error.to_string().contains("Method::Automatic")));
    let error = minimize(f, &x0)
        .equality(circle)
        .search(Search::Backtracking)
        .run();
    assert!(matches!(error, Err(Error::Conflict { .. })));
    let error = minimize(f, &x0)
        .linear_equality(&Array2::ones((1, 3)), &array![1.0])
        .run();
    assert!(error.is_err_and(|error| error.to_string().contains("linear constraints")));
    let error = minimize(f, &x0)
        .linear_equality(&Array2::ones((2, 2)), &array![1.0])
        .run();
    assert!(error.is_err());
}
