//! Workers of their own: the serial bits, whatever their number, however f fails.

use ndarray::{Array1, array};
use numdiff_core::{Adaptive, Error, FiniteDifference, drive_workers};
use proptest::prelude::*;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

fn f(x: &[f64]) -> f64 {
    x.iter()
        .enumerate()
        .map(|(i, v)| (v * (i + 1) as f64).sin())
        .product()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn any_number_of_workers_gives_the_serial_bits(
        x in prop::collection::vec(-2.0..2.0f64, 1..5), workers in 1usize..9
    ) {
        let x = Array1::from(x);
        let serial = Adaptive::new().gradient(|x| f(x.as_slice().unwrap()), &x).unwrap();
        let mut plan = Adaptive::new().plan().gradient(&x).ask_tell().unwrap();
        let calls = AtomicUsize::new(0);
        let mut told = Vec::new();
        let finished = drive_workers(&mut plan, workers, |x: &[f64]| {
            calls.fetch_add(1, Ordering::Relaxed);
            [f(x)]
        }, |plan| {
            told.push(plan.evaluations());
            ControlFlow::Continue(())
        }).unwrap();
        prop_assert!(finished);
        prop_assert_eq!(calls.into_inner(), serial.evaluations);
        prop_assert_eq!(told, (1..=serial.evaluations).collect::<Vec<_>>());
        prop_assert_eq!(plan.finish().unwrap(), serial);
    }

    #[test]
    fn a_stopped_run_goes_on_where_it_was(stop in 1usize..12, workers in 1usize..5) {
        let x = array![0.3, 1.2, -0.4];
        let hessian = FiniteDifference::central().hessian(|x| f(x.as_slice().unwrap()), &x).unwrap();
        let mut plan = FiniteDifference::central().plan().hessian(&x).ask_tell().unwrap();
        let calls = AtomicUsize::new(0);
        let counted = |x: &[f64]| {
            calls.fetch_add(1, Ordering::Relaxed);
            [f(x)]
        };
        let first = drive_workers(&mut plan, workers, counted, |plan| {
            if plan.evaluations() >= stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }).unwrap();
        prop_assert!(!first);
        // Those that ran when it was stopped were told.
        prop_assert_eq!(plan.evaluations(), calls.load(Ordering::Relaxed));
        prop_assert!(plan.evaluations() < stop + workers);
        prop_assert!(drive_workers(&mut plan, workers, counted, |_| ControlFlow::Continue(())).unwrap());
        prop_assert_eq!(calls.load(Ordering::Relaxed), 13);
        prop_assert_eq!(plan.finish().unwrap(), hessian);
    }
}

#[test]
fn a_failed_evaluation_is_asked_for_again() {
    let x = array![3.0, 4.0];
    let mut plan = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .ask_tell()
        .unwrap();
    let calls = AtomicUsize::new(0);
    let flaky = |x: &[f64]| match calls.fetch_add(1, Ordering::Relaxed) {
        0 | 3 => Err("the machine was lost"),
        _ => Ok([x[0] * x[1]]),
    };
    assert!(drive_workers(&mut plan, 2, flaky, |_| ControlFlow::Continue(())).unwrap());
    let g = plan.finish().unwrap();
    assert!((g[0] - 4.0).abs() < 1e-9 && (g[1] - 3.0).abs() < 1e-9);
    assert_eq!(calls.into_inner(), 6);

    let mut plan = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .ask_tell()
        .unwrap();
    let never = |_: &[f64]| -> Result<[f64; 1], &str> { Err("never") };
    let ended = drive_workers(&mut plan, 3, never, |_| ControlFlow::Continue(()));
    assert!(
        matches!(ended, Err(Error::EvaluationFailed { attempts: 3, .. })),
        "{ended:?}"
    );
}

#[test]
fn what_makes_no_sense_is_told() {
    let mut plan = FiniteDifference::central()
        .plan()
        .gradient(&array![1.0])
        .ask_tell()
        .unwrap();
    let error = drive_workers(
        &mut plan,
        0,
        |x: &[f64]| [x[0]],
        |_| ControlFlow::Continue(()),
    );
    assert!(matches!(
        error,
        Err(Error::OutOfRange {
            argument: "workers",
            ..
        })
    ));
}

#[test]
fn a_panic_reaches_the_caller_and_the_plan_lives_on() {
    let x = array![1.0, 2.0, 3.0];
    let mut plan = FiniteDifference::central()
        .plan()
        .gradient(&x)
        .ask_tell()
        .unwrap();
    let calls = AtomicUsize::new(0);
    let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let f = |x: &[f64]| {
            assert!(calls.fetch_add(1, Ordering::Relaxed) != 2, "planned");
            [x[0]]
        };
        drive_workers(&mut plan, 2, f, |_| ControlFlow::Continue(()))
    }));
    assert!(run.is_err());
    assert!(
        drive_workers(
            &mut plan,
            2,
            |x: &[f64]| [x[0]],
            |_| ControlFlow::Continue(())
        )
        .unwrap()
    );
    assert_eq!(plan.finish().unwrap().len(), 3);
}
