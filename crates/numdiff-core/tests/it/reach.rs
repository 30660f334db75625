//! How far from x f is evaluated, and that the answer says when that limits it.

use crate::rounded::points;
use ndarray::{Array1, array};
use numdiff_core::{Adaptive, Error, Status};
use std::cell::RefCell;

/// What differentiates a watched function.
type Run<'a> = &'a dyn Fn(&dyn Fn(&[f64]) -> f64);

/// The farthest that every coordinate of `x` is moved while `run` is busy with a watched function.
fn farthest(
    x: &[f64],
    f: impl Fn(&[f64]) -> f64,
    run: impl FnOnce(&dyn Fn(&[f64]) -> f64),
) -> Vec<f64> {
    let far = RefCell::new(vec![0.0_f64; x.len()]);
    run(&|t: &[f64]| {
        for (far, (t, x)) in far.borrow_mut().iter_mut().zip(t.iter().zip(x)) {
            *far = far.max((t - x).abs());
        }
        f(t)
    });
    far.into_inner()
}

#[test]
fn f_is_evaluated_within_the_scale_of_x() {
    let functions: [fn(f64) -> f64; 7] = [
        |t| 1000.0 + 3.0 * t,
        |t| 1e-20 * t + 1.0,
        |_| 2.0,
        |t| t * t,
        |t| (1e-9 * t).sin(),
        |t| t.sin(),
        |t| t.floor(),
    ];
    for (k, u) in points(300, -1.0, 1.0).enumerate() {
        let x = u * 10.0_f64.powi(k as i32 % 13 - 6);
        for f in functions {
            for order in 1..=3 {
                for typical in [1.0, 1e-3, 30.0] {
                    let method = Adaptive::new().with_typical(typical);
                    let far = farthest(
                        &[x],
                        |t| f(t[0]),
                        |f| {
                            method.nth_derivative(|t| f(&[t]), x, order).unwrap();
                        },
                    );
                    assert!(
                        far[0] <= x.abs().max(typical),
                        "{far:?} from {x}, {typical}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_coordinate_keeps_to_its_own_reach() {
    // Linear: larger steps always serve.
    let f = |x: &[f64]| 7.0 + x[0] - 2.0 * x[1] + 3.0 * x[2];
    for u in points(40, -1.0, 1.0) {
        let x = [u, 300.0 * u, 1e-5];
        let v = array![0.3, -700.0 * u, 1e-3];
        let steps = [0.3, 1e-2, 5.0];
        let default: Vec<f64> = x.iter().map(|x: &f64| x.abs().max(1.0)).collect();
        for (method, most) in [
            (Adaptive::new(), default.as_slice()),
            (Adaptive::new().with_max_step(steps), &steps),
        ] {
            let at = Array1::from(x.to_vec());
            let g = |f: &dyn Fn(&[f64]) -> f64, x: &Array1<f64>| f(&x.to_vec());
            let operators: [Run<'_>; 4] = [
                &|f| {
                    let d = method.gradient(|x: &Array1<f64>| g(f, x), &at).unwrap();
                    assert!((d.value[2] - 3.0).abs() <= d.error[2]);
                },
                &|f| {
                    let d = method
                        .directional(|x: &Array1<f64>| g(f, x), &at, &v)
                        .unwrap();
                    let exact = v[0] - 2.0 * v[1] + 3.0 * v[2];
                    assert!((d.value - exact).abs() <= 2.0 * d.error, "{d:?} {exact}");
                },
                &|f| {
                    method.hessian(|x: &Array1<f64>| g(f, x), &at).unwrap();
                },
                &|f| {
                    method
                        .hessian_vector(|x: &Array1<f64>| g(f, x), &at, &v)
                        .unwrap();
                },
            ];
            for run in operators {
                let far = farthest(&x, f, |f| run(f));
                for (far, most) in far.iter().zip(most) {
                    assert!(far <= most, "{far:e} > {most:e} at {x:?}");
                }
            }
        }
    }
}

#[test]
fn bounds_and_the_largest_step_hold_together() {
    let method = Adaptive::new().with_bounds(2.9, 3.5).with_max_step(0.2);
    let far = farthest(
        &[3.0],
        |t| 2.0 * t[0] + 1.0,
        |f| {
            let inside = |t: f64| {
                assert!((2.9..=3.5).contains(&t) && (t - 3.0).abs() <= 0.2, "{t}");
                f(&[t])
            };
            let d = method.derivative(inside, 3.0).unwrap();
            assert!((d.value - 2.0).abs() <= d.error);
        },
    );
    assert!(far[0] > 0.0);
}

#[test]
fn the_status_tells_when_the_reach_limits_the_answer() {
    // One part in 1e14 over the scale of x.
    let slight = |t: f64| 1e-20 * t + 1.0;
    let d = Adaptive::new().derivative(slight, 1e6).unwrap();
    assert_eq!(d.status, Status::StepLimited);
    assert!((d.value - 1e-20).abs() <= d.error);
    let free = Adaptive::new().with_max_step(f64::INFINITY);
    let d = free.derivative(slight, 1e6).unwrap();
    assert_eq!(d.status, Status::Converged);
    assert!((d.value - 1e-20).abs() <= d.error && d.error < 1e-27);
    // A step that the caller set is told as soon as it costs a digit.
    for h in [1e-3, 1e-6] {
        let d = Adaptive::new()
            .with_max_step(h)
            .derivative(f64::sin, 1.0)
            .unwrap();
        assert_eq!(d.status, Status::StepLimited);
        assert!((d.value - 1.0_f64.cos()).abs() <= d.error, "{d:?}");
    }
    // Not where the tolerance is met, nor where it costs nothing.
    let loose = Adaptive::new().with_max_step(1e-3).with_tolerance(1e-6);
    assert_eq!(
        loose.derivative(f64::sin, 1.0).unwrap().status,
        Status::Converged
    );
    let wide = Adaptive::new().with_max_step(10.0);
    assert_eq!(
        wide.derivative(f64::sin, 1.0).unwrap().status,
        Status::Converged
    );
    // The default costs a line its last digit, which is not worth a word.
    let d = Adaptive::new()
        .derivative(|t| 1000.0 + 3.0 * t, 1.0)
        .unwrap();
    assert_eq!(d.status, Status::Converged);
}

#[test]
fn reaches_that_make_no_sense_are_errors() {
    let x = array![1.0, 2.0];
    let f = |x: &Array1<f64>| x[0] * x[1];
    for bad in [0.0, -1.0, f64::NAN, f64::NEG_INFINITY] {
        for method in [
            Adaptive::new().with_max_step(bad),
            Adaptive::new().with_max_step([1.0, bad]),
        ] {
            let error = method.gradient(f, &x).unwrap_err();
            assert!(
                matches!(
                    error,
                    Error::OutOfRange {
                        argument: "max step",
                        ..
                    }
                ),
                "{error}"
            );
        }
        let error = Adaptive::new()
            .with_typical([bad, 1.0])
            .hessian(f, &x)
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::OutOfRange {
                    argument: "typical x",
                    ..
                }
            ),
            "{error}"
        );
    }
    for method in [
        Adaptive::new().with_max_step([1.0]),
        Adaptive::new().with_typical([1.0; 3]),
    ] {
        let error = method.gradient(f, &x).unwrap_err();
        assert!(
            matches!(error, Error::Length { expected: 2, .. }),
            "{error}"
        );
    }
    // Steps that x can't resolve.
    let error = Adaptive::new()
        .with_max_step(1e-17)
        .derivative(f64::sin, 1.0)
        .unwrap_err();
    assert!(matches!(error, Error::NoFiniteDifference { .. }), "{error}");
    assert!(error.to_string().contains("max step"), "{error}");
}
