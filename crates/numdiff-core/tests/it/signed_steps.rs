//! A negative step mirrors the stencil: forward differences look below x.

use crate::rounded::points;
use ndarray::{Array1, array};
use numdiff_core::{FiniteDifference, SparseHessian, SparsityPattern, Step};
use std::cell::RefCell;

/// Every operator that moves coordinates, with the points at which f is evaluated in the order of their numbers.
fn everything(method: FiniteDifference, x: &Array1<f64>) -> (Vec<f64>, Vec<Vec<u64>>) {
    let seen = RefCell::new(Vec::new());
    let f = |x: &Array1<f64>| {
        seen.borrow_mut()
            .push(x.iter().map(|v| v.to_bits()).collect::<Vec<_>>());
        (x[0] * 1.3).sin() * x[1].exp() + x[2] * x[0] * x[1]
    };
    let gradient = |x: &Array1<f64>| {
        f(x);
        let (sin, cos) = (x[0] * 1.3).sin_cos();
        let e = x[1].exp();
        array![
            1.3 * cos * e + x[2] * x[1],
            sin * e + x[2] * x[0],
            x[0] * x[1]
        ]
    };
    let structure = SparseHessian::new(SparsityPattern::dense(3, 3).unwrap()).unwrap();
    let mut found = method.gradient(f, x).unwrap().to_vec();
    found.extend(method.hessian(f, x).unwrap());
    found.extend(method.hessian_diagonal(f, x).unwrap());
    found.push(method.laplacian(f, x).unwrap());
    found.extend(method.jacobian(gradient, x).unwrap());
    found.extend(method.hessian_from_gradient(gradient, x).unwrap());
    found.extend(method.sparse_hessian(f, x, &structure).unwrap().values());
    let by_colors = method
        .sparse_hessian_from_gradient(gradient, x, &structure)
        .unwrap();
    found.extend(by_colors.values());
    let mut seen = seen.into_inner();
    seen.sort();
    (found, seen)
}

/// The same points, and values that differ by the order of a sum at most.
fn expect_same(one: (Vec<f64>, Vec<Vec<u64>>), other: (Vec<f64>, Vec<Vec<u64>>), h: f64) {
    assert_eq!(one.1, other.1);
    for (k, (a, b)) in one.0.iter().zip(&other.0).enumerate() {
        let orders = if k < 3 { 1 } else { 2 };
        // Some roundings of f, which is below 16, over h to the order of the derivative.
        let rounding = 256.0 * f64::EPSILON / h.powi(orders);
        assert!((a - b).abs() <= rounding, "entry {k}: {a:e} and {b:e}");
    }
}

#[test]
fn forward_with_a_negative_step_is_backward() {
    // Numbers of few bits: x + h is exact on both sides.
    let short = |x: f64| (x * 1e6).round() / 1048576.0;
    let all: Vec<f64> = points(300, -2.0, 2.0).map(short).collect();
    for (k, x) in all.chunks_exact(3).enumerate() {
        let x = Array1::from_vec(x.to_vec());
        let h = 2f64.powi([-14, -17, -5][k % 3]);
        for accuracy in 1..4 {
            for (one, other) in [
                (FiniteDifference::forward(), FiniteDifference::backward()),
                (FiniteDifference::backward(), FiniteDifference::forward()),
                (FiniteDifference::central(), FiniteDifference::central()),
            ] {
                let (one, other) = (one.with_accuracy(accuracy), other.with_accuracy(accuracy));
                let mirrored = everything(one.clone().with_step(-h), &x);
                expect_same(mirrored, everything(other.clone().with_step(h), &x), h);
                let each = everything(one.with_step([-h, -2.0 * h, -0.5 * h]), &x);
                let other = other.with_step([h, 2.0 * h, 0.5 * h]);
                expect_same(each, everything(other, &x), 0.5 * h);
            }
        }
    }
}

#[test]
fn each_coordinate_has_a_side_of_its_own() {
    // Defined where x[0] >= 1 and x[1] <= 2, the point at which it is asked for.
    let f = |x: &Array1<f64>| (x[0] - 1.0).sqrt() * 0.0 + (2.0 - x[1]).sqrt() * 0.0 + x[0] * x[1];
    let x = array![1.0, 2.0];
    let sides = FiniteDifference::forward().with_step(Step::PerCoordinate(vec![1e-7, -1e-7]));
    let g = sides.gradient(f, &x).unwrap();
    assert!(
        (g[0] - 2.0).abs() < 1e-6 && (g[1] - 1.0).abs() < 1e-6,
        "{g}"
    );
    let h = sides.with_step([1e-4, -1e-4]).hessian(f, &x).unwrap();
    assert!(
        (h[[0, 1]] - 1.0).abs() < 1e-6 && h[[0, 0]].abs() < 1e-6,
        "{h}"
    );
}

/// Within bounds lines in several coordinates have room where there is room, whatever the sign.
#[test]
fn bounds_on_either_side() {
    let f = |x: &Array1<f64>| x[0] * x[1] + x[0].powi(3);
    for corner in [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0], [1.0, 1.0]] {
        for steps in [[1e-3, 1e-3], [-1e-3, -1e-3], [1e-3, -1e-3], [-1e-3, 1e-3]] {
            let x = Array1::from(corner.to_vec());
            let method = FiniteDifference::central()
                .with_step(steps)
                .with_bounds(0.0, 1.0);
            let h = method.hessian(f, &x).unwrap();
            assert!((h[[0, 1]] - 1.0).abs() < 1e-6, "{corner:?} {steps:?}: {h}");
            assert!(
                (h[[0, 0]] - 6.0 * x[0]).abs() < 1e-6,
                "{corner:?} {steps:?}: {h}"
            );
            let m = method.mixed_partial(f, &x, &[0, 1]).unwrap();
            assert!((m - 1.0).abs() < 1e-6, "{corner:?} {steps:?}: {m}");
        }
    }
}
