//! Bounds, steps and the settings of methods.

use super::{Ask, f, g, says};
use ndarray::{Array1, Array2, Axis, array};
use numdiff_core::{Adaptive, Error, FiniteDifference, Step, Workspace};

#[test]
fn bounds() {
    macro_rules! rows {
        ($($lower:expr, $upper:expr => $is:pat, $words:expr;)*) => {
            $(
                everywhere!(FiniteDifference::central().with_bounds($lower, $upper) => $is, $words);
                everywhere!(FiniteDifference::backward().with_bounds($lower, $upper) => $is, $words);
                everywhere!(Adaptive::new().with_bounds($lower, $upper) => $is, $words);
            )*
        };
    }
    rows! {
        // Reversed, or no numbers.
        [0.0, 3.0], [5.0, 1.5] => Error::Bounds { coordinate: 1, .. }, &["coordinate 1", "[3, 1.5]"];
        f64::NAN, 5.0 => Error::Bounds { coordinate: 0, .. }, &["coordinate 0", "NaN"];
        0.0, [5.0, f64::NAN] => Error::Bounds { coordinate: 1, .. }, &["coordinate 1", "NaN"];
        // x below and above.
        [0.0, 2.25], 5.0 => Error::OutsideBounds { coordinate: 1, .. }, &["x[1] = 2", "[2.25, 5]"];
        0.0, [0.5, 3.0] => Error::OutsideBounds { coordinate: 0, .. }, &["x[0] = 1", "[0, 0.5]"];
        // As many as x has not.
        [0.0, 0.0, 0.0], 3.0 => Error::Length { argument: "lower bounds", found: 3, expected: 2 },
            &["lower bounds has 3", "2 are needed"];
        0.0, vec![3.0] => Error::Length { argument: "upper bounds", found: 1, expected: 2 },
            &["upper bounds has 1", "2 are needed"];
    }
}

#[test]
fn steps() {
    for bad in [0.0, -1e-3, f64::NAN, f64::INFINITY] {
        let text = bad.to_string();
        for (step, name) in [
            (Step::Absolute(bad), "step is "),
            (Step::Relative(bad), "relative step is "),
            (Step::Noise(bad), "noise level is "),
            (
                Step::PerCoordinate(vec![1e-3, bad]),
                "step per coordinate is ",
            ),
        ] {
            // Steps in the units of x have a sign.
            if bad == -1e-3 && matches!(step, Step::Absolute(_) | Step::PerCoordinate(_)) {
                continue;
            }
            for method in [
                FiniteDifference::central(),
                FiniteDifference::forward(),
                FiniteDifference::backward(),
            ] {
                everywhere!(method.with_step(step.clone()) => Error::OutOfRange { .. }, &[name, &text, "must be"]);
            }
        }
    }
    let three = Step::PerCoordinate(vec![1e-3; 3]);
    everywhere!(FiniteDifference::central().with_step(three.clone()) =>
        Error::Length { found: 3, expected: 2, .. }, &["steps per coordinate has 3", "2 are needed"]);
    // A step that is lost, one that leads beyond the largest number.
    let lost = FiniteDifference::central().with_step(Step::Absolute(1.0));
    expect!(lost.gradient(f, &array![1e18, 1.0]).unwrap_err() =>
        Error::StepVanishes { coordinate: 0, .. }, &["the step 1", "x[0]", "128"]);
    for method in [
        FiniteDifference::central(),
        FiniteDifference::central().with_nominal_divisor(),
        FiniteDifference::forward().with_accuracy(2),
    ] {
        let method = method.with_step(Step::Absolute(1e308));
        for error in [
            method.gradient(f, &array![1.0, -1.7e308]).unwrap_err(),
            method.jacobian(g, &array![1.0, -1.7e308]).unwrap_err(),
            method.hessian(f, &array![1.0, -1.7e308]).unwrap_err(),
        ] {
            expect!(error => Error::StepOverflows { .. }, &["x[", "overflows"]);
        }
    }
}

#[test]
fn settings() {
    for bad in [0.0, -1e-3, f64::NAN, f64::INFINITY] {
        let text = bad.to_string();
        everywhere!(FiniteDifference::central().with_typical(bad) =>
            Error::OutOfRange { argument: "typical x", .. }, &["typical x", &text]);
        everywhere!(Adaptive::new().with_typical(bad) =>
            Error::OutOfRange { argument: "typical x", .. }, &["typical x", &text]);
        everywhere!(Adaptive::new().with_tolerance(bad) =>
            Error::OutOfRange { argument: "tolerance", .. }, &["tolerance", &text]);
        if bad != 0.0 {
            everywhere!(Adaptive::new().with_noise(bad) =>
                Error::OutOfRange { argument: "noise", .. }, &["noise", &text]);
        }
    }
    for method in [FiniteDifference::central(), FiniteDifference::forward()] {
        everywhere!(method.with_accuracy(0) =>
            Error::OutOfRange { argument: "accuracy", .. }, &["accuracy is 0", "at least 1"]);
    }
    everywhere!(FiniteDifference::central().with_accuracy(40) =>
        Error::OutOfRange { .. }, &["order + accuracy is 4", "at most 22"]);
    // The least that serves: f(x) and two pairs for a first derivative, three for a second.
    for budget in [0, 1, 4] {
        everywhere!(Adaptive::new().with_max_evaluations(budget) =>
            Error::Budget { minimum: 5 | 7, .. }, &[&format!("a budget of {budget}"), "at least"]);
    }
    let six = Adaptive::new().with_max_evaluations(6);
    assert!(six.gradient(f, &array![1.0]).is_ok());
    expect!(six.hessian(f, &array![1.0]).unwrap_err() =>
        Error::Budget { budget: 6, minimum: 7 }, &["6", "at least 7"]);
}

/// A step beyond the largest number, which no number of halvings brings between the bounds, and which
/// leads from x to no number.
#[test]
fn infinite_steps_within_bounds() {
    let (x, relative) = (array![1e150, 2.0], Step::Relative(1e200));
    for method in [
        FiniteDifference::central(),
        FiniteDifference::forward(),
        FiniteDifference::backward().with_accuracy(3),
    ] {
        let method = method.with_step(relative.clone());
        for method in [method.clone(), method.with_bounds(-1e300, f64::MAX)] {
            let finite = |x: &Array1<f64>| {
                assert!(x.iter().all(|x| x.is_finite()));
                f(x)
            };
            let mut workspace = Workspace::new();
            let (mut gradient, mut hessian) = (Array1::zeros(2), Array2::zeros((2, 2)));
            for error in [
                method.gradient(finite, &x).unwrap_err(),
                method
                    .plan()
                    .gradient(&x)
                    .write_to(&mut gradient, &mut workspace)
                    .serial(finite)
                    .unwrap_err(),
                method.hessian(finite, &x).unwrap_err(),
                method
                    .plan()
                    .hessian(&x)
                    .write_to(&mut hessian, &mut workspace)
                    .serial(finite)
                    .unwrap_err(),
            ] {
                expect!(error => Error::StepOverflows { coordinate: 0, .. }, &["x[0] = 1e150", "smaller step"]);
            }
        }
    }
}

/// A step as long as the largest number, from far on the other side of 0: the points are finite, and by every driver
/// the difference is taken.
#[test]
fn the_longest_steps_are_taken_by_every_driver() {
    let x = array![-4.0e307];
    for method in [FiniteDifference::forward(), FiniteDifference::central()] {
        let method = method.with_step(Step::Absolute(1.2e308));
        let serial = method.gradient(|x: &Array1<f64>| 1e-308 * x[0], &x);
        let rows = |p: &Array2<f64>| p.map_axis(Axis(1), |x| 1e-308 * x[0]);
        let batched = method.plan().gradient(&x).batched(rows);
        assert_eq!(serial.is_ok(), batched.is_ok(), "{serial:?} {batched:?}");
    }
    let forward = FiniteDifference::forward().with_step(Step::Absolute(1.2e308));
    let slope = forward
        .gradient(|x: &Array1<f64>| 1e-308 * x[0], &x)
        .unwrap();
    // Two roundings of values of the order of 1, and that of the product.
    assert!(
        (slope[0] / 1e-308 - 1.0).abs() < 4.0 * f64::EPSILON,
        "{slope}"
    );
}
