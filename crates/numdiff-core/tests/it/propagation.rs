//! Covariance propagation, Hessians of vector functions, derivatives at many points.

use crate::bugs::Random;
use ndarray::{Array1, Array2, Array3, array};
use numdiff_core::{Adaptive, Error, FiniteDifference};

/// J C Jᵀ within its bar, for drawn functions and covariances.
#[test]
fn covariances_hold_within_their_bars() {
    let mut random = Random(61);
    let (mut outside, mut all) = (0, 0);
    for _ in 0..200 {
        let (m, n) = (1 + random.below(4), 1 + random.below(5));
        let a = Array2::from_shape_fn((m, n), |_| random.within(-2.0, 2.0));
        let scale = Array1::from_shape_fn(n, |_| 10_f64.powf(random.within(-3.0, 3.0)));
        let x = Array1::from_shape_fn(n, |j| scale[j] * random.within(0.3, 2.0));
        let root = Array2::from_shape_fn((n, n), |(i, _)| scale[i] * random.within(-0.1, 0.1));
        let c = root.dot(&root.t());
        let f = |x: &Array1<f64>| a.dot(&(x / &scale).mapv(|t| (0.7 * t).sin() + t));
        let j = Array2::from_shape_fn((m, n), |(i, k)| {
            a[(i, k)] * (0.7 * (0.7 * x[k] / scale[k]).cos() + 1.0) / scale[k]
        });
        let exact = j.dot(&c).dot(&j.t());
        let found = Adaptive::new().propagate(f, &x, &c).unwrap();
        for ((got, bar), truth) in found.value.iter().zip(&found.error).zip(&exact) {
            assert!(
                (got - truth).abs() <= 2.0 * bar,
                "{got} for {truth}, bar {bar:e}"
            );
            outside += usize::from((got - truth).abs() > *bar);
            all += 1;
            assert!(*bar <= 1e-6 * exact.diag().sum(), "{bar:e}");
        }
        assert_eq!(found.value, found.value.t());
    }
    // As many as the bars of the Jacobian leave out.
    assert!(100 * outside <= all, "{outside} of {all}");
}

#[test]
fn bad_covariances_are_named() {
    let f = |x: &Array1<f64>| [x[0] * x[1], x[0]];
    let x = array![1.0, 2.0];
    let run = |c: Array2<f64>| Adaptive::new().propagate(f, &x, &c).unwrap_err();
    assert!(matches!(
        run(Array2::zeros((2, 3))),
        Error::NotSquare {
            rows: 2,
            columns: 3
        }
    ));
    assert!(matches!(
        run(Array2::eye(3)),
        Error::Length {
            found: 3,
            expected: 2,
            ..
        }
    ));
    let asymmetric = run(array![[1.0, 0.5], [0.4, 1.0]]);
    assert!(
        matches!(
            asymmetric,
            Error::Asymmetric {
                row: 1,
                column: 0,
                ..
            }
        ),
        "{asymmetric}"
    );
    for bad in [f64::NAN, f64::INFINITY] {
        assert!(matches!(
            run(array![[1.0, 0.0], [0.0, bad]]),
            Error::NotFinite { index: 3, .. }
        ));
    }
    assert!(matches!(
        run(array![[-1.0, 0.0], [0.0, 1.0]]),
        Error::OutOfRange { .. }
    ));
    // Mirrored elements that differ by rounding are symmetric.
    let c = array![[1.0, 0.3], [0.3 * (1.0 + 1e-15), 1.0]];
    assert!(Adaptive::new().propagate(f, &x, &c).is_ok());
}

/// Each output's Hessian is the one that the scalar operator gives, to the last bit by fixed differences,
/// for the evaluations of one.
#[test]
fn hessians_of_vector_functions() {
    let mut random = Random(62);
    for _ in 0..30 {
        let (m, n) = (1 + random.below(4), 1 + random.below(5));
        let a = Array2::from_shape_fn((m, n), |_| random.within(-1.5, 1.5));
        let x = Array1::from(random.vector(n));
        let calls = std::cell::Cell::new(0);
        let f = |x: &Array1<f64>| {
            calls.set(calls.get() + 1);
            let y = a.dot(x);
            y.mapv(|y| y.sin() + y * y * y)
        };
        let found = FiniteDifference::central().vector_hessian(f, &x).unwrap();
        assert_eq!(found.dim(), (m, n, n));
        assert_eq!(calls.get(), n * n + n + 1);
        for k in 0..m {
            let one = FiniteDifference::central()
                .hessian(|x: &Array1<f64>| f(x)[k], &x)
                .unwrap();
            assert_eq!(found.index_axis(ndarray::Axis(0), k), one);
        }
        let y = a.dot(&x);
        let exact = Array3::from_shape_fn((m, n, n), |(k, i, j)| {
            a[(k, i)] * a[(k, j)] * (6.0 * y[k] - y[k].sin())
        });
        let bars = Adaptive::new().vector_hessian(f, &x).unwrap();
        for ((got, bar), truth) in bars.value.iter().zip(&bars.error).zip(&exact) {
            assert!(
                (got - truth).abs() <= 2.0 * bar + 1e-14,
                "{got} for {truth}, bar {bar:e}"
            );
        }
    }
    let none = |_: &Array1<f64>| Vec::<f64>::new();
    assert!(
        FiniteDifference::central()
            .vector_hessian(none, &array![1.0])
            .is_err()
    );
}

/// Outputs that are the same have the Hessian of one of them, to the last bit, however different the scales of the
/// coordinates are.
#[test]
fn adaptive_hessians_of_equal_outputs() {
    let mut random = Random(63);
    for _ in 0..20 {
        let (m, n) = (2 + random.below(3), 2 + random.below(3));
        let scale = Array1::from_shape_fn(n, |_| 10_f64.powf(random.within(-4.0, 2.0)));
        let x = Array1::from_shape_fn(n, |j| scale[j] * random.within(0.3, 2.0));
        let f = |x: &Array1<f64>| (x / &scale).sum().sin() + (x / &scale).product();
        let one = Adaptive::new().hessian(f, &x).unwrap();
        let equal = |x: &Array1<f64>| Array1::from_elem(m, f(x));
        let all = Adaptive::new().vector_hessian(equal, &x).unwrap();
        for k in 0..m {
            assert_eq!(all.value.index_axis(ndarray::Axis(0), k), one.value);
            assert_eq!(all.error.index_axis(ndarray::Axis(0), k), one.error);
        }
        assert_eq!(all.evaluations, one.evaluations);
    }
}

/// At each point what one point gives; an error names the point.
#[test]
fn derivatives_at_many_points() {
    let x = Array2::from_shape_fn((3, 4), |(i, j)| 0.3 + i as f64 - 0.7 * j as f64);
    for order in 1..=3 {
        let all = Adaptive::new().derivatives(f64::sin, &x, order).unwrap();
        let fixed = FiniteDifference::central()
            .derivatives(f64::sin, &x, order)
            .unwrap();
        let mut evaluations = 0;
        for (at, &x) in x.indexed_iter() {
            let one = Adaptive::new().nth_derivative(f64::sin, x, order).unwrap();
            assert_eq!(
                (all.value[at], all.error[at], all.step[at]),
                (one.value, one.error, one.step)
            );
            evaluations += one.evaluations;
            let one = FiniteDifference::central()
                .nth_derivative(f64::sin, x, order)
                .unwrap();
            assert_eq!(fixed[at], one);
        }
        assert_eq!(all.evaluations, evaluations);
    }
    let fails = |x: f64| if x > 1.5 { Err("too large") } else { Ok(x * x) };
    let error = FiniteDifference::central()
        .derivatives(fails, &[0.0, 1.0, 2.0], 1)
        .unwrap_err();
    assert!(
        matches!(error, Error::Function { coordinate: 2, .. }),
        "{error}"
    );
    let error = Adaptive::new()
        .derivatives(f64::sin, &[0.0, f64::NAN], 1)
        .unwrap_err();
    assert!(
        matches!(error, Error::NotFinite { index: 1, .. }),
        "{error}"
    );
    assert!(
        Adaptive::new()
            .derivatives(f64::sin, &Vec::<f64>::new(), 1)
            .is_err()
    );
    let kink = Adaptive::new()
        .derivatives(f64::abs, &[1.0, 0.0], 1)
        .unwrap();
    assert!(!kink.status.is_trusted());
}
