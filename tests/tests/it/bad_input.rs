//! Questions that make no sense, at every door: each is a typed error that names the argument and
//! its value, and none changes the caller's data.

use ndarray::{Array1, Array2, array};
use numdiff_core::{Error, FiniteDifference, Step, Workspace};
use numdiff_nn::{Batch, Dense, GradientAlgorithm, Loss, Network, Targets};
use numdiff_optim::gradient_descent;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn squares(x: &Array1<f64>) -> f64 {
    x.iter().map(|x| x * x).sum()
}

fn with_step(h: f64) -> FiniteDifference {
    FiniteDifference::central().with_step(Step::Absolute(h))
}

/// The error's text names all of these.
fn names(error: impl std::error::Error, words: &[&str]) {
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in {text:?}");
    }
}

#[test]
fn x_without_elements() {
    let x = Array1::<f64>::zeros(0);
    names(
        numdiff_core::gradient(squares, &x).unwrap_err(),
        &["x", "empty"],
    );
    names(
        gradient_descent(squares, &x, 0.1, 20).unwrap_err(),
        &["empty"],
    );
}

#[test]
fn x_that_is_not_finite() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let x = array![1.0, bad];
        let words = ["x", "1", &bad.to_string()];
        names(numdiff_core::gradient(squares, &x).unwrap_err(), &words);
        names(gradient_descent(squares, &x, 0.1, 20).unwrap_err(), &words);
        names(
            numdiff_core::derivative(|x: f64| x, bad).unwrap_err(),
            &[&bad.to_string()],
        );
    }
}

#[test]
fn steps_that_are_none() {
    for bad in [0.0, f64::NEG_INFINITY, f64::NAN, f64::INFINITY] {
        let error = with_step(bad).gradient(squares, &array![1.0, 2.0]);
        names(error.unwrap_err(), &["step", &bad.to_string()]);
    }
}

#[test]
fn a_step_that_vanishes_is_an_error_or_reported() {
    let x = array![1.0, 1e15];
    let error = with_step(1e-4).gradient(squares, &x).unwrap_err();
    assert!(
        matches!(error, Error::StepVanishes { coordinate: 1, .. }),
        "{error}"
    );
    names(error, &["0.0001", "1e15"]);

    // With the nominal divisor it gives 0, as in the tutorial, and is reported.
    let mut workspace = Workspace::default();
    let mut gradient = array![f64::NAN, f64::NAN];
    let nominal = with_step(1e-4).with_nominal_divisor();
    nominal
        .plan()
        .gradient(&x)
        .write_to(&mut gradient, &mut workspace)
        .serial(|x| x[1])
        .unwrap();
    assert_eq!(gradient[1], 0.0);
    assert_eq!(workspace.vanished(), (1, Some(1)));

    // An automatic step follows the scale of x.
    let followed = numdiff_core::gradient(|x| x[1], &x).unwrap();
    assert!((followed[1] - 1.0).abs() < 1e-9);
}

#[test]
fn learning_rates_that_are_none() {
    for bad in [0.0, -0.1, f64::NAN, f64::INFINITY] {
        let error = gradient_descent(squares, &array![1.0], bad, 20).unwrap_err();
        names(error, &["learning rate", &bad.to_string()]);
    }
}

#[test]
fn no_steps_return_the_start() {
    let start = array![-3.0, 4.0];
    let (x, path) = gradient_descent(squares, &start, 0.1, 0).unwrap();
    assert_eq!(x, start);
    assert_eq!(path, array![[-3.0, 4.0]]);
}

fn net() -> Network {
    Network::builder()
        .layer(Dense::new(2, 3).without_bias())
        .loss(Loss::TUTORIAL)
        .weights(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
        .unwrap()
}

#[test]
fn targets_that_do_not_fit() {
    let x = || array![[0.6, 0.9]];
    let label = Batch::new(x(), Targets::labels(&[3])).unwrap();
    names(net().loss(&label).unwrap_err(), &["label 3", "2"]);
    names(
        net()
            .gradient(&label, GradientAlgorithm::Naive)
            .unwrap_err(),
        &["label 3"],
    );

    let long = Targets::one_hot(&array![[0.0, 0.0, 1.0, 0.0]]).unwrap();
    let long = Batch::new(x(), long).unwrap();
    names(net().loss(&long).unwrap_err(), &["4", "3"]);

    names(
        Targets::one_hot(&array![[1.0, 1.0, 0.0]]).unwrap_err(),
        &["one-hot"],
    );
    names(
        Targets::soft(&array![[0.5, 0.25, 0.125]]).unwrap_err(),
        &["0.875", "sum to 1"],
    );
    names(
        Targets::soft(&array![[1.5, -0.5, 0.0]]).unwrap_err(),
        &["-0.5"],
    );
    names(
        Batch::new(x(), Targets::labels(&[0, 1])).unwrap_err(),
        &["1 rows", "2 targets"],
    );
    let empty = Batch::new(Array2::<f64>::zeros((0, 2)), Targets::labels(&[]));
    names(empty.unwrap_err(), &["no rows"]);
}

#[test]
fn soft_targets_stay_soft() {
    let loss = |targets| {
        net()
            .loss(&Batch::new(array![[0.6, 0.9]], targets).unwrap())
            .unwrap()
    };
    let soft = loss(Targets::soft(&array![[0.5, 0.3, 0.2]]).unwrap());
    let each = [0, 1, 2].map(|class| loss(Targets::labels(&[class])));
    let mixed = 0.5 * each[0] + 0.3 * each[1] + 0.2 * each[2];
    // Three products and two sums of numbers below 2.
    assert!((soft - mixed).abs() <= 8.0 * f64::EPSILON, "{soft} {mixed}");
}

/// f fails on its third call, in each way in which it can.
#[test]
fn f_that_fails_leaves_x_alone() {
    let x = array![3.0, 4.0];
    let third = || {
        let calls = Cell::new(0);
        move || {
            calls.set(calls.get() + 1);
            calls.get() == 3
        }
    };

    let fails = third();
    let nan = |x: &Array1<f64>| if fails() { f64::NAN } else { squares(x) };
    let error = with_step(1e-4).gradient(nan, &x).unwrap_err();
    assert!(
        matches!(error, Error::NonFiniteValue { coordinate: 1, .. }),
        "{error}"
    );
    names(error, &["NaN", "coordinate 1", "0.0001"]);

    let fails = third();
    let refuses = |x: &Array1<f64>| match fails() {
        true => Err("the solver diverged"),
        false => Ok(squares(x)),
    };
    let error = with_step(1e-4).gradient(refuses, &x).unwrap_err();
    assert!(
        matches!(error, Error::Function { coordinate: 1, .. }),
        "{error}"
    );
    names(error, &["the solver diverged", "coordinate 1", "0.0001"]);

    let fails = third();
    let panics = AssertUnwindSafe(|x: &Array1<f64>| {
        assert!(!fails(), "f has panicked");
        squares(x)
    });
    let panic = catch_unwind(AssertUnwindSafe(|| with_step(1e-4).gradient(&*panics, &x)));
    let panic = panic.unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"f has panicked"));

    assert!(
        x.iter()
            .zip([3.0_f64, 4.0])
            .all(|(a, b)| a.to_bits() == b.to_bits())
    );
}
