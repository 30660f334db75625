//! Every operator against the closed form, and its documented count of evaluations.

use ndarray::{Array, Array1, Array2, array};
use numdiff_core::{FiniteDifference, Workspace};

/// A cubic, on which central differences of accuracy 4 are exact.
fn f(x: &Array1<f64>) -> f64 {
    x[0].powi(3) + 2.0 * x[0] * x[1] + x[1].powi(2) * x[2] - x[2]
}

fn gradient(x: &Array1<f64>) -> Array1<f64> {
    array![
        3.0 * x[0] * x[0] + 2.0 * x[1],
        2.0 * x[0] + 2.0 * x[1] * x[2],
        x[1] * x[1] - 1.0
    ]
}

fn hessian(x: &Array1<f64>) -> Array2<f64> {
    array![
        [6.0 * x[0], 2.0, 0.0],
        [2.0, 2.0 * x[2], 2.0 * x[1]],
        [0.0, 2.0 * x[1], 0.0]
    ]
}

fn close<D: ndarray::Dimension>(a: &Array<f64, D>, b: &Array<f64, D>, tolerance: f64) {
    for (a, b) in a.iter().zip(b.iter()) {
        assert!((a - b).abs() <= tolerance, "{a} {b}");
    }
}

#[test]
fn closed_forms() {
    let x = array![0.5, -1.25, 2.0];
    let v = array![1.0, 2.0, -0.5];
    for accuracy in [4, 6] {
        let m = FiniteDifference::central().with_accuracy(accuracy);
        // Rounding alone: eps |f| over the step (squared for second derivatives), |f| about 10.
        let first = 1e2 * f64::EPSILON.powf(accuracy as f64 / (accuracy as f64 + 1.0));
        let second = 1e2 * f64::EPSILON.powf(accuracy as f64 / (accuracy as f64 + 2.0));
        close(&m.gradient(f, &x).unwrap(), &gradient(&x), first);
        close(&m.jacobian(gradient, &x).unwrap(), &hessian(&x), first);
        close(
            &m.hessian_from_gradient(gradient, &x).unwrap(),
            &hessian(&x),
            first,
        );
        close(&m.hessian(f, &x).unwrap(), &hessian(&x), second);
        close(
            &m.hessian_diagonal(f, &x).unwrap(),
            &hessian(&x).diag().to_owned(),
            second,
        );
        close(
            &m.jacobian_vector(gradient, &x, &v).unwrap(),
            &hessian(&x).dot(&v),
            4.0 * first,
        );
        close(
            &m.hessian_vector_from_gradient(gradient, &x, &v).unwrap(),
            &hessian(&x).dot(&v),
            4.0 * first,
        );
        close(
            &m.vector_jacobian(gradient, &x, &v).unwrap(),
            &hessian(&x).dot(&v),
            4.0 * first,
        );
        close(
            &m.hessian_vector(f, &x, &v).unwrap(),
            &hessian(&x).dot(&v),
            4.0 * second,
        );
        assert!((m.directional(f, &x, &v).unwrap() - gradient(&x).dot(&v)).abs() < 4.0 * first);
        assert!((m.laplacian(f, &x).unwrap() - hessian(&x).diag().sum()).abs() < 4.0 * second);
        assert!((m.mixed_partial(f, &x, &[1, 2]).unwrap() - 2.0 * x[1]).abs() < 4.0 * second);
        let third = 1e2 * f64::EPSILON.powf(accuracy as f64 / (accuracy as f64 + 3.0));
        assert!((m.mixed_partial(f, &x, &[1, 1, 2]).unwrap() - 2.0).abs() < 4.0 * third);
        assert!((m.mixed_partial(f, &x, &[0, 0, 0]).unwrap() - 6.0).abs() < 4.0 * third);
    }
}

#[test]
fn directions_of_any_norm() {
    let x = array![0.5, -1.25, 2.0];
    let m = FiniteDifference::central();
    let v = array![1.0, 2.0, -0.5];
    let d = m.directional(f, &x, &v).unwrap();
    for scale in [2.0f64.powi(-500), 2.0f64.powi(-3), 2.0f64.powi(498)] {
        let scaled = v.mapv(|v| v * scale);
        assert_eq!(m.directional(f, &x, &scaled).unwrap(), d * scale);
    }
    assert_eq!(m.directional(f, &x, &array![0.0, 0.0, 0.0]).unwrap(), 0.0);
}

#[test]
fn counts_of_evaluations() {
    let x = array![0.5, -1.25, 2.0];
    let n = 3;
    let mut w = Workspace::new();
    let mut g = Array1::zeros(n);
    let mut h = Array2::zeros((n, n));
    for (method, expected) in [
        (FiniteDifference::central(), 2 * n),
        (FiniteDifference::forward(), n + 1),
        (FiniteDifference::backward(), n + 1),
        (FiniteDifference::central().with_accuracy(4), 4 * n),
        (FiniteDifference::forward().with_accuracy(2), 2 * n + 1),
    ] {
        method
            .plan()
            .gradient(&x)
            .write_to(&mut g, &mut w)
            .serial(f)
            .unwrap();
        assert_eq!(w.evaluations(), expected);
    }
    let forward = FiniteDifference::forward();
    let value = [f(&x)];
    forward
        .plan()
        .gradient(&x)
        .given(&value)
        .write_to(&mut g, &mut w)
        .serial(f)
        .unwrap();
    assert_eq!(w.evaluations(), n);
    FiniteDifference::central()
        .plan()
        .hessian(&x)
        .write_to(&mut h, &mut w)
        .serial(f)
        .unwrap();
    assert_eq!(w.evaluations(), n * n + n + 1);
    assert_eq!(h, h.t());
}

#[test]
fn points_stay_inside_the_bounds() {
    let x = array![0.0, 1.0];
    for accuracy in [1, 2, 4] {
        for method in [
            FiniteDifference::central(),
            FiniteDifference::forward(),
            FiniteDifference::backward(),
        ] {
            let method = method
                .with_accuracy(accuracy)
                .with_bounds([0.0, 1.0 - 1e-9], [1e-7, 1.0]);
            let g = method
                .gradient(
                    |x| {
                        assert!((0.0..=1e-7).contains(&x[0]) && (1.0 - 1e-9..=1.0).contains(&x[1]));
                        3.0 * x[0] - 2.0 * x[1]
                    },
                    &x,
                )
                .unwrap();
            // f rounds at 2, the steps are a fraction of the width.
            assert!(
                (g[0] - 3.0).abs() < 1e-6 && (g[1] + 2.0).abs() < 1e-4,
                "{g}"
            );
        }
    }
    let held = FiniteDifference::central().with_bounds([1.0, 0.0], [1.0, 2.0]);
    assert_eq!(
        held.gradient(|x| x[0] * 7.0 + x[1], &array![1.0, 1.0])
            .unwrap()[0],
        0.0
    );
}

#[test]
fn second_derivatives_in_a_corner_of_the_bounds() {
    let x = array![0.5, -1.25, 2.0];
    // At the lower bound of one coordinate and the upper bounds of the others.
    let method = FiniteDifference::central()
        .with_accuracy(4)
        .with_bounds([0.5, -3.0, 0.0], [2.0, -1.25, 2.0]);
    let inside = |x: &Array1<f64>| {
        assert!(x[0] >= 0.5 && x[1] <= -1.25 && x[2] <= 2.0);
        f(x)
    };
    // One-sided weights amplify rounding by up to 2^6.
    let tolerance = 1e3 * 64.0 * f64::EPSILON.powf(4.0 / 6.0);
    close(
        &method.hessian(inside, &x).unwrap(),
        &hessian(&x),
        tolerance,
    );
    let mixed = method.mixed_partial(inside, &x, &[0, 1]).unwrap();
    assert!((mixed - 2.0).abs() < tolerance, "{mixed}");
    let third = method.mixed_partial(inside, &x, &[1, 2, 1]).unwrap();
    assert!(
        (third - 2.0).abs() < 1e3 * 64.0 * f64::EPSILON.powf(4.0 / 7.0),
        "{third}"
    );
}

/// Everything imported at once takes no method of the standard library away.
#[test]
fn a_glob_import_leaves_vectors_alone() {
    #[allow(unused_imports)]
    use numdiff_core::*;
    let mut seen = Vec::new();
    let f = |x: f64| {
        seen.push(x);
        x * x
    };
    derivative(f, 1.0).unwrap();
    assert!(seen.contains(&1.0));
}
