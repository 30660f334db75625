//! Fits subject to constraints.

use ndarray::{Array1, ArrayView2, array};
use numdiff_optim::{Checkpoint, Error, Fit, Loss, ParameterError, Status, least_squares};
use proptest::prelude::*;
use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

const T: [f64; 8] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
const Y: [f64; 8] = [3.1, 2.3, 1.62, 1.4, 1.05, 0.97, 0.86, 0.81];

/// a exp(-b t) + c at the times.
fn decay(p: &[f64]) -> Vec<f64> {
    let model = |t: &f64| p[0] * (-p[1] * t).exp() + p[2];
    T.iter().zip(Y).map(|(t, y)| model(t) - y).collect()
}

fn close(a: f64, b: f64, share: f64) -> bool {
    (a - b).abs() <= share * b.abs().max(1e-12)
}

/// a + c = 3, by a constraint of either kind, and by leaving c out: the same parameters, errors and covariances.
#[test]
fn as_with_the_parameter_eliminated() {
    let short = |p: &[f64]| decay(&[p[0], p[1], 3.0 - p[0]]);
    let less = least_squares(short, &vec![2.0, 0.5]).run().unwrap();
    let start = vec![2.0, 0.5, 0.5];
    let closure = least_squares(decay, &start)
        .equality(|p: &[f64]| p[0] + p[2] - 3.0)
        .run()
        .unwrap();
    let matrix = least_squares(decay, &start)
        .linear_equality(&array![[1.0, 0.0, 1.0]], &array![3.0])
        .run()
        .unwrap();
    let (errors, covariance) = (less.standard_errors(), less.covariance().unwrap());
    for fit in [&closure, &matrix] {
        assert!(fit.status.is_success(), "{}", fit.status);
        assert_eq!(fit.degrees_of_freedom(), 6);
        assert!((fit.x[0] + fit.x[2] - 3.0).abs() < 1e-12);
        assert!(close(fit.value, less.value, 1e-9));
        let own = fit.standard_errors();
        for k in 0..2 {
            assert!(close(fit.x[k], less.x[k], 1e-6), "{}", fit.x[k]);
            assert!(close(own[k], errors[k], 1e-4), "{} {}", own[k], errors[k]);
        }
        // c = 3 - a.
        assert!(close(own[2], errors[0], 1e-4));
        let own = fit.covariance().unwrap();
        assert!(close(own[(0, 1)], covariance[(0, 1)], 1e-3));
        assert!(close(own[(2, 1)], -covariance[(0, 1)], 1e-3));
        assert!(fit.to_string().contains("chi²"));
    }
    assert_eq!(closure.multipliers.equality.len(), 1);
    assert_eq!(matrix.multipliers.linear.len(), 1);
    // An unconstrained Jacobian has as many evaluations a step: a handful of steps.
    assert!(closure.evaluations < 60, "{}", closure.evaluations);
}

/// An inequality that does not hold x changes nothing; one that holds a parameter leaves no error for it.
#[test]
fn inequalities() {
    let start = vec![2.0, 0.5, 0.5];
    let free = least_squares(decay, &start).run().unwrap();
    let idle = least_squares(decay, &start)
        .inequality(|p: &[f64]| [p[0], 10.0 - p[0] * p[0]])
        .run()
        .unwrap();
    assert!(idle.status.is_success());
    for k in 0..3 {
        assert!(close(idle.x[k], free.x[k], 1e-6));
        assert!(close(
            idle.standard_errors()[k],
            free.standard_errors()[k],
            1e-4
        ));
    }
    let held = least_squares(decay, &start)
        .inequality(|p: &[f64]| p[2] - 0.9)
        .run()
        .unwrap();
    let fixed = least_squares(decay, &vec![2.0, 0.5, 0.9])
        .fixed(&[2])
        .run()
        .unwrap();
    assert!((held.x[2] - 0.9).abs() < 1e-10);
    assert_eq!(held.standard_errors().of(2), ParameterError::Held);
    assert!(held.multipliers.inequality[0] > 0.0);
    for k in 0..2 {
        assert!(close(held.x[k], fixed.x[k], 1e-5));
        assert!(close(
            held.standard_errors()[k],
            fixed.standard_errors()[k],
            1e-4
        ));
    }
    assert_eq!(held.degrees_of_freedom(), fixed.degrees_of_freedom());
}

/// sigma, loss, fixed parameters, bounds and a given Jacobian go with constraints.
#[test]
fn settings_of_fits() {
    let start = vec![2.0, 0.5, 0.5];
    let sum = |p: &[f64]| p[0] + p[2] - 3.0;
    let sigma: Vec<f64> = (0..8).map(|i| 0.1 + 0.02 * f64::from(i)).collect();
    let short = |p: &[f64]| decay(&[p[0], p[1], 3.0 - p[0]]);
    for loss in [
        Loss::Linear,
        Loss::SoftL1(0.5),
        Loss::Huber(0.5),
        Loss::Cauchy(0.7),
    ] {
        let less = least_squares(short, &vec![2.0, 0.5])
            .sigma(&sigma)
            .absolute_sigma()
            .loss(loss)
            .run()
            .unwrap();
        let fit = least_squares(decay, &start)
            .equality(sum)
            .sigma(&sigma)
            .absolute_sigma();
        let fit = fit.loss(loss).run().unwrap();
        assert!(fit.status.is_success(), "{loss:?}: {}", fit.status);
        assert!(close(fit.value, less.value, 1e-8), "{loss:?}");
        for k in 0..2 {
            assert!(close(fit.x[k], less.x[k], 1e-5), "{loss:?}");
            let (own, other) = (fit.standard_errors()[k], less.standard_errors()[k]);
            assert!(close(own, other, 1e-3), "{loss:?}: {own} {other}");
        }
    }
    let calls = Cell::new(0);
    let jacobian = |p: &[f64]| -> Vec<f64> {
        calls.set(calls.get() + 1);
        let row = |t: &f64| {
            let e = (-p[1] * t).exp();
            [e, -p[0] * t * e, 1.0]
        };
        T.iter().flat_map(row).collect()
    };
    let plain = least_squares(decay, &start).equality(sum).run().unwrap();
    let given = least_squares(decay, &start)
        .equality(sum)
        .jacobian(jacobian)
        .run()
        .unwrap();
    assert!(given.status.is_success() && given.jacobian_evaluations == calls.get());
    assert!(close(given.value, plain.value, 1e-9));
    let fixed = least_squares(decay, &start)
        .equality(sum)
        .fixed(&[1])
        .run()
        .unwrap();
    assert_eq!(fixed.x[1], 0.5);
    assert_eq!(fixed.standard_errors().of(1), ParameterError::Fixed);
    let bounded = least_squares(decay, &vec![9.0, 0.5, 0.5])
        .equality(sum)
        .bounds(0.0, 2.0)
        .run()
        .unwrap();
    assert_eq!(bounded.start_moved, 1);
    assert!(bounded.x.iter().all(|x| (0.0..=2.0).contains(x)));
    assert_eq!(
        bounded.standard_errors().of(0),
        ParameterError::AtUpperBound
    );
}

/// With every derivative given, too, unknowns may have any units.
#[test]
fn given_derivatives_in_other_units() {
    for unit in [1e-12, 1e-10, 1e-6, 1.0, 1e6] {
        let r = |p: &[f64]| vec![p[0] / unit - 1.0, (p[0] / unit).powi(2) - 4.0];
        let fit = least_squares(r, &[0.0][..])
            .jacobian(|p: &[f64]| vec![1.0 / unit, 2.0 * p[0] / unit / unit])
            .linear_inequality(&array![[-1.0]], &array![-1e3 * unit])
            .run()
            .unwrap();
        assert!(fit.status.is_success(), "{unit:e}: {}", fit.status);
        // 2 (u - 1) + 4 u (u^2 - 4) = 0 at u = p / unit.
        let u: f64 = fit.x[0] / unit;
        assert!(
            (2.0 * (u - 1.0) + 4.0 * u * (u * u - 4.0)).abs() < 1e-6,
            "{unit:e}: {u}"
        );
    }
}

/// What a minimization may be told of its constraints a fit may be told, too.
#[test]
fn given_rows_and_feasible_points() {
    let start = vec![2.0, 0.5, 0.5];
    let circle = |p: &[f64]| 6.0 - p.iter().map(|p| p * p).sum::<f64>();
    let fit = || least_squares(decay, &start);
    let differenced = fit().inequality(circle).run().unwrap();
    let row = |p: &[f64]| p.iter().map(|p| -2.0 * p).collect::<Vec<f64>>();
    let given = fit().inequality_with_jacobian(circle, row).run().unwrap();
    let inside = fit().inequality(circle).feasible().record().run().unwrap();
    for other in [&given, &inside] {
        assert!(other.status.is_success(), "{}", other.status);
        // Points inside keep a margin of 1e-10 of the row; its multiplier is about the value.
        let off = (other.value - differenced.value).abs() / differenced.value;
        assert!(off < 1e-8, "{off}");
    }
    assert!(differenced.multipliers.inequality[0] > 0.0);
    assert!(
        inside
            .trajectory
            .records
            .iter()
            .all(|record| circle(&record.x) >= 0.0)
    );
}

/// Linear constraints move the start: a fit that ends before its first derivative goes on with the sizes of that point.
#[test]
fn a_fit_that_was_cut_at_its_start_goes_on_to_the_same_bits() {
    let start = vec![2000.0, 0.5, 0.5];
    let fit = || {
        let rows = array![[1.0, 0.0, 1.0]];
        least_squares(decay, &start).linear_equality(&rows, &array![3.0])
    };
    let whole = fit().run().unwrap();
    let cut = fit().max_evaluations(2).run().unwrap();
    assert_eq!((cut.iterations, cut.residuals.len()), (0, 8));
    let resumed = fit().resume(cut.checkpoint).run().unwrap();
    assert_eq!(
        (&whole.x, whole.evaluations),
        (&resumed.x, resumed.evaluations - 1)
    );
}

/// Without constraints, too, x0 outside of the box is moved to its nearest point.
#[test]
fn a_start_outside_is_moved() {
    let fit = least_squares(decay, &vec![2.0, -3.0, 0.5])
        .bounds(0.0, 10.0)
        .run()
        .unwrap();
    assert!(
        fit.status.is_success() && fit.start_moved == 1,
        "{}",
        fit.status
    );
}

/// Slices, an observer's checkpoint, a target, contradictions and bad input.
#[test]
fn runs_of_fits() {
    let start = vec![2.0, 0.5, 0.5];
    let sum = |p: &[f64]| p[0] + p[2] - 3.0;
    let whole = least_squares(decay, &start)
        .equality(sum)
        .record()
        .run()
        .unwrap();
    let mut saved: Option<Checkpoint> = None;
    let mut limit = 0;
    let part = loop {
        limit += 3;
        let mut run = least_squares(decay, &start)
            .equality(sum)
            .max_evaluations(limit);
        if let Some(saved) = saved.take() {
            run = run.resume(saved);
        }
        let part = run.run().unwrap();
        if part.status != Status::OutOfEvaluations {
            break part;
        }
        assert_eq!(part.evaluations, limit);
        saved = Some(part.checkpoint);
    };
    assert_eq!((&part.x, &part.status), (&whole.x, &whole.status));
    let stopped = least_squares(decay, &start)
        .equality(sum)
        .on_iteration(|it| {
            assert_eq!(it.residuals.len(), 8);
            saved = Some(it.checkpoint());
            ControlFlow::Break(())
        })
        .run()
        .unwrap();
    assert_eq!(stopped.status, Status::Stopped);
    let on = least_squares(decay, &start)
        .equality(sum)
        .resume(saved.clone().unwrap());
    assert_eq!(on.run().unwrap().x, whole.x);
    let error = least_squares(decay, &start).resume(saved.unwrap()).run();
    assert!(matches!(error, Err(Error::Conflict { .. })));
    let target = least_squares(decay, &start)
        .equality(sum)
        .target(0.5)
        .run()
        .unwrap();
    assert!(matches!(target.status, Status::TargetReached { value } if value <= 0.5));
    let apart = least_squares(decay, &start).equality(|p: &[f64]| [p[0] - 1.0, p[0] - 2.0]);
    let apart = apart.run().unwrap();
    assert!(
        matches!(apart.status, Status::Infeasible { .. }),
        "{}",
        apart.status
    );
    let short = least_squares(decay, &start)
        .equality(sum)
        .sigma(&[1.0])
        .run();
    assert!(matches!(
        short,
        Err(Error::Count {
            setting: "sigma",
            found: 1,
            expected: 8
        })
    ));
    let failing = |_: &Array1<f64>| Err::<Vec<f64>, _>("no data");
    let error = least_squares(failing, &array![1.0])
        .equality(|p: &Array1<f64>| p[0])
        .run();
    assert!(error.is_err_and(|e| e.to_string().contains("the residuals failed")));
    let error = whole.profile(decay, 0, 0.95);
    assert!(matches!(error, Err(Error::Conflict { .. })));
}

fn same(a: &Fit<Vec<f64>>, b: &Fit<Vec<f64>>) -> Result<(), TestCaseError> {
    prop_assert_eq!(&a.x, &b.x);
    prop_assert_eq!(&a.status, &b.status);
    prop_assert_eq!((a.evaluations, a.iterations), (b.evaluations, b.iterations));
    prop_assert_eq!(&a.multipliers, &b.multipliers);
    // NaN where a parameter is held.
    let errors = |fit: &Fit<_>| format!("{:?} {:?}", fit.standard_errors(), fit.covariance());
    prop_assert_eq!(errors(a), errors(b));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Wherever a constrained fit starts and whichever constraint holds it, a batch and threads give the bits of the
    /// serial run, and each point that f is asked for is counted once.
    #[test]
    fn batches_and_threads_give_the_bits_of_the_serial_fit(
        start in [1.0..3.0, 0.2..1.0, -0.5f64..1.5],
        sum in 2.5..3.5,
        floor in 0.3..1.2,
    ) {
        let start = start.to_vec();
        let serial = least_squares(decay, &start)
            .equality(move |p: &[f64]| p[0] + p[2] - sum)
            .inequality(move |p: &[f64]| p[2] - floor)
            .run();
        let serial = serial.map_err(|error| TestCaseError::fail(error.to_string()))?;

        let (calls, points) = (Cell::new(0), Cell::new(0));
        let one = |p: &[f64]| {
            calls.set(calls.get() + 1);
            decay(p)
        };
        let batch = |rows: ArrayView2<'_, f64>| {
            points.set(points.get() + rows.nrows());
            let all = rows.rows().into_iter();
            all.map(|row| decay(&row.to_vec())).collect::<Vec<_>>()
        };
        let batched = least_squares(one, &start)
            .equality(move |p: &[f64]| p[0] + p[2] - sum)
            .inequality(move |p: &[f64]| p[2] - floor)
            .batch(batch)
            .run();
        same(&batched.unwrap(), &serial)?;
        prop_assert_eq!(calls.get() + points.get(), serial.evaluations);
        prop_assert!(points.get() > 0);

        {
            let calls = AtomicUsize::new(0);
            let one = |p: &[f64]| {
                calls.fetch_add(1, Ordering::Relaxed);
                decay(p)
            };
            let threaded = least_squares(one, &start)
                .equality(move |p: &[f64]| p[0] + p[2] - sum)
                .inequality(move |p: &[f64]| p[2] - floor)
                .threads()
                .run();
            same(&threaded.unwrap(), &serial)?;
            prop_assert_eq!(calls.into_inner(), serial.evaluations);
        }
    }
}
