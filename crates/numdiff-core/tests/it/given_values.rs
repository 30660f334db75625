//! f(x) that the caller has belongs to the x that it came with.

use ndarray::{Array1, array};
use numdiff_core::{Adaptive, AskTell, FiniteDifference, Workspace, drive_workers};
use std::ops::ControlFlow;

fn f(x: &Array1<f64>) -> f64 {
    (x[0] + 10.0 * x[1]).powi(2)
}

#[test]
fn a_plan_that_begins_elsewhere_forgets_the_value() {
    let (x, y) = (array![1.0, 2.0], [3.0, -1.0]);
    let value = [f(&x)];
    let run = FiniteDifference::forward()
        .plan()
        .gradient(&x)
        .given(&value)
        .ask_tell();
    let mut plan = run.unwrap();
    let values = |x: &[f64]| [f(&Array1::from(x.to_vec()))];
    let go_on = |_: &AskTell<Array1<f64>>| ControlFlow::Continue(());
    drive_workers(&mut plan, 1, values, go_on).unwrap();
    assert_eq!(plan.evaluations(), 2);
    assert_eq!(
        plan.finish().unwrap(),
        FiniteDifference::forward().gradient(f, &x).unwrap()
    );
    plan.begin(&y).unwrap();
    drive_workers(&mut plan, 1, values, go_on).unwrap();
    assert_eq!(plan.evaluations(), 3);
    let elsewhere = Array1::from(y.to_vec());
    assert_eq!(
        plan.finish().unwrap(),
        FiniteDifference::forward().gradient(f, &elsewhere).unwrap()
    );
}

#[test]
fn every_driver_takes_the_value_and_asks_for_one_evaluation_less() {
    let x = array![1.0, 2.0];
    let values = [f(&x)];
    let forward = FiniteDifference::forward();
    let plain = forward.gradient(f, &x).unwrap();
    let mut workspace = Workspace::new();
    let mut out = Array1::zeros(2);
    forward
        .plan()
        .gradient(&x)
        .given(&values)
        .write_to(&mut out, &mut workspace)
        .serial(f)
        .unwrap();
    assert_eq!((&out, workspace.evaluations()), (&plain, 2));
    let batch = |p: &ndarray::Array2<f64>| {
        p.outer_iter()
            .map(|x| f(&x.to_owned()))
            .collect::<Array1<f64>>()
    };
    assert_eq!(
        forward
            .plan()
            .gradient(&x)
            .given(&values)
            .batched(batch)
            .unwrap(),
        plain
    );
    assert_eq!(
        forward
            .plan()
            .gradient(&x)
            .given(&values)
            .parallel(f)
            .unwrap(),
        plain
    );
    let adaptive = Adaptive::new()
        .plan()
        .gradient(&x)
        .given(&values)
        .serial(f)
        .unwrap();
    let without = Adaptive::new().gradient(f, &x).unwrap();
    assert_eq!(
        (&adaptive.value, adaptive.evaluations + 1),
        (&without.value, without.evaluations)
    );
    // Of one variable.
    let number = [0.5f64.sin()];
    let mut calls = 0;
    let sine = |t: f64| {
        calls += 1;
        t.sin()
    };
    let slope = forward
        .plan()
        .nth_derivative(&0.5, 1)
        .given(&number)
        .serial(sine)
        .unwrap();
    assert_eq!(
        (slope, calls),
        (forward.derivative(f64::sin, 0.5).unwrap(), 1)
    );
    // Outputs of a vector function.
    let outputs = [x[0] * x[1], x[1]];
    let mut calls = 0;
    let g = |x: &Array1<f64>| {
        calls += 1;
        [x[0] * x[1], x[1]]
    };
    forward
        .plan()
        .jacobian(&x)
        .given(&outputs)
        .serial(g)
        .unwrap();
    assert_eq!(calls, 2);
}

#[test]
fn a_wrong_number_of_values_is_an_error() {
    let x = array![1.0, 2.0];
    let three = [1.0, 2.0, 3.0];
    for result in [
        FiniteDifference::forward()
            .plan()
            .gradient(&x)
            .given(&three)
            .serial(f)
            .map(|_| ()),
        Adaptive::new()
            .plan()
            .gradient(&x)
            .given(&three)
            .serial(f)
            .map(|_| ()),
        FiniteDifference::central()
            .plan()
            .hessian(&x)
            .given(&three)
            .serial(f)
            .map(|_| ()),
    ] {
        let text = result.unwrap_err().to_string();
        assert!(text.contains("given has 3"), "{text}");
    }
    let nan = [f64::NAN];
    assert!(
        FiniteDifference::forward()
            .plan()
            .gradient(&x)
            .given(&nan)
            .serial(f)
            .is_err()
    );
    assert!(
        Adaptive::new()
            .plan()
            .gradient(&x)
            .given(&nan)
            .serial(f)
            .is_err()
    );
}
