//! The complex step is not silently wrong: what the real axis contradicts is an error.

use crate::bugs::Random;
use ndarray::{Array1, array};
use numdiff_core::num_complex::{Complex32, Complex64};
use numdiff_core::{
    ComplexStep, Error, FiniteDifference, SparseJacobian, SparsityPattern, Workspace,
};

type Univariate = fn(Complex64) -> Complex64;

/// Functions whose complex form is not analytic, or loses a small imaginary part.
const LOST: [(&str, Univariate); 8] = [
    ("asin", |z| z.asin()),
    ("acos", |z| z.acos()),
    ("atan", |z| z.atan()),
    ("norm", |z| Complex64::from(z.norm())),
    ("re", |z| Complex64::from(z.re.sin())),
    ("conj", |z| z.conj().exp()),
    ("norm squared", |z| Complex64::from(z.norm_sqr()) + z),
    ("asin of a product", |z| (z * 0.4).asin() * z),
];

const RIGHT: [(&str, Univariate); 8] = [
    ("sin", |z| z.sin()),
    ("exp of a fraction", |z| (-1.0 / (z * z + 0.1)).exp()),
    ("branch", |z| if z.re < 0.0 { -z } else { z }),
    ("power", |z| z.powi(7) - 3.0 * z),
    ("large constant", |z| z.sin() + 1e12),
    ("small scale", |z| 1.0 / (1.0 + z * z * 1e6) + z),
    ("logarithm", |z| (z * z + 1.0).ln()),
    ("far from its scale", |z| (z * 1e-8).exp()),
];

#[test]
fn what_is_not_analytic_is_an_error() {
    let mut random = Random(51);
    let method = ComplexStep::new();
    for _ in 0..60 {
        let x = random.within(-0.9, 0.9);
        for (name, f) in LOST {
            let error = method.derivative(f, x);
            assert!(
                matches!(error, Err(Error::NotAnalytic { output: 0, .. })),
                "{name} at {x}: {error:?}"
            );
        }
        // Among other coordinates, and as one of several outputs.
        let point = Array1::from(vec![random.within(0.2, 2.0), x, random.within(-3.0, 3.0)]);
        for (name, f) in LOST {
            let sum = |z: &Array1<Complex64>| z[0].ln() + f(z[1]) + z[2].sin() * z[0];
            let error = method.gradient(sum, &point);
            assert!(matches!(error, Err(Error::NotAnalytic { .. })), "{name}");
            let outputs = |z: &Array1<Complex64>| [z[0] * z[2], f(z[1])];
            let error = method.jacobian(outputs, &point);
            assert!(
                matches!(error, Err(Error::NotAnalytic { output: 1, .. })),
                "{name}"
            );
            let v = array![0.3, -1.0, 2.0];
            let error = method.jacobian_vector(outputs, &point, &v);
            assert!(
                matches!(error, Err(Error::NotAnalytic { output: 1, .. })),
                "{name}"
            );
            assert!(
                matches!(
                    method.directional(sum, &point, &v),
                    Err(Error::NotAnalytic { .. })
                ),
                "{name}"
            );
            // Along what does not move z[1] f is analytic, where it is real on the real axis: asin is not.
            let along = array![1.0, 0.0, -0.5];
            let analytic = method.directional(sum, &point, &along);
            assert!(
                analytic.is_ok() || name.starts_with('a'),
                "{name}: {analytic:?}"
            );
            // The caller knows better.
            assert!(method.unchecked().gradient(sum, &point).is_ok());
        }
    }
}

#[test]
fn what_is_analytic_passes() {
    let mut random = Random(52);
    for _ in 0..200 {
        let x = random.within(-3.0, 3.0) * 10_f64.powf(random.within(-9.0, 1.0));
        for (name, f) in RIGHT {
            let d = ComplexStep::new().derivative(f, x);
            assert!(d.is_ok(), "{name} at {x:e}: {}", d.unwrap_err());
        }
        let f = |z: Complex32| z.sin() * z + 2.0;
        assert!(
            ComplexStep::new().single().derivative(f, x as f32).is_ok(),
            "{x:e}"
        );
    }
    // f that can't be asked beside x is believed.
    let fenced = |z: Complex64| {
        if z.re == 1.0 {
            Ok(z.exp())
        } else {
            Err("outside")
        }
    };
    assert_eq!(
        ComplexStep::new().derivative(fenced, 1.0).unwrap(),
        1_f64.exp()
    );
}

/// Two evaluations more, none with `unchecked`.
#[test]
fn the_check_costs_two_evaluations() {
    let x = array![0.3, -0.8, 1.4];
    let f = |z: &Array1<Complex64>| z[0].sin() * z[1] + z[2].exp();
    let (mut g, mut workspace) = (Array1::zeros(3), Workspace::new());
    ComplexStep::new()
        .gradient_into(f, &x, &mut g, &mut workspace)
        .unwrap();
    assert_eq!(workspace.evaluations(), 5);
    ComplexStep::new()
        .unchecked()
        .gradient_into(f, &x, &mut g, &mut workspace)
        .unwrap();
    assert_eq!(workspace.evaluations(), 3);
}

/// The sparse Jacobian is the dense one on its pattern, bit for bit, for a call per color.
#[test]
fn sparse_jacobians_are_the_dense_ones() {
    let mut random = Random(53);
    for _ in 0..40 {
        let (rows, columns) = (1 + random.below(12), 1 + random.below(12));
        let dense: Vec<bool> = (0..rows * columns).map(|_| random.below(4) == 0).collect();
        let pattern = SparsityPattern::from_fn(rows, columns, |i, j| dense[i * columns + j]);
        let structure = SparseJacobian::new(pattern);
        let x = Array1::from(random.vector(columns));
        let calls = std::cell::Cell::new(0);
        let f = |z: &Array1<Complex64>| {
            calls.set(calls.get() + 1);
            let output = |i: usize| {
                let terms = (0..columns).filter(|j| dense[i * columns + j]);
                terms
                    .map(|j| (z[j] * (1.0 + i as f64)).sin() + z[j].exp())
                    .sum::<Complex64>()
            };
            (0..rows).map(output).collect::<Vec<Complex64>>()
        };
        let sparse = ComplexStep::new()
            .sparse_jacobian(f, &x, &structure)
            .unwrap();
        assert_eq!(calls.get(), structure.coloring().colors() + 2);
        let full = ComplexStep::new().jacobian(f, &x).unwrap();
        for i in 0..rows {
            for j in 0..columns {
                assert_eq!(sparse.get(i, j), full[(i, j)]);
            }
        }
    }
    let structure = SparseJacobian::new(SparsityPattern::banded(3, 3, 1, 1).unwrap());
    let method = ComplexStep::new();
    let four = |z: &Array1<Complex64>| [z[0], z[1], z[2], z[0]];
    let error = method.sparse_jacobian(four, &array![1.0, 2.0, 3.0], &structure);
    assert!(matches!(error, Err(Error::PatternShape { .. })));
    let error = method.sparse_jacobian(four, &array![1.0, 2.0], &structure);
    assert!(matches!(error, Err(Error::PatternShape { .. })));
    let lost = |z: &Array1<Complex64>| [z[0].asin(), z[1], z[2]];
    let error = method.sparse_jacobian(lost, &array![0.3, 2.0, 3.0], &structure);
    assert!(matches!(error, Err(Error::NotAnalytic { output: 0, .. })));
    // The same entries as differences give.
    let f = |z: &Array1<Complex64>| [z[0] * z[1], z[0] + z[2], z[1].exp()];
    let real = |x: &Array1<f64>| [x[0] * x[1], x[0] + x[2], x[1].exp()];
    let x = array![0.5, 1.5, -1.0];
    let structure = SparseJacobian::new(SparsityPattern::dense(3, 3).unwrap());
    let a = method.sparse_jacobian(f, &x, &structure).unwrap();
    let b = FiniteDifference::central()
        .sparse_jacobian(real, &x, &structure)
        .unwrap();
    assert!(
        a.values()
            .iter()
            .zip(b.values())
            .all(|(a, b)| (a - b).abs() < 1e-8)
    );
}

/// A pattern that misses an entry of f is told, with its row; f is evaluated as before.
#[test]
fn missing_entries_are_told() {
    let mut random = Random(54);
    for _ in 0..60 {
        let n = 2 + random.below(10);
        let is_there: Vec<bool> = (0..n * n)
            .map(|k| k % (n + 1) == 0 || random.below(3) == 0)
            .collect();
        let (row, column) = (random.below(n), random.below(n));
        if !is_there[row * n + column] {
            continue;
        }
        let x = Array1::from(random.vector(n));
        let f = |z: &Array1<Complex64>| {
            let output = |i: usize| {
                let terms = (0..n).filter(|j| is_there[i * n + j]);
                terms.map(|j| z[j].exp()).sum::<Complex64>()
            };
            (0..n).map(output).collect::<Vec<Complex64>>()
        };
        let all = |i: usize, j: usize| is_there[i * n + j];
        let whole = SparseJacobian::new(SparsityPattern::from_fn(n, n, all));
        let method = ComplexStep::new();
        assert!(method.sparse_jacobian(f, &x, &whole).is_ok());
        let but_one = |i: usize, j: usize| all(i, j) && (i, j) != (row, column);
        let holed = SparseJacobian::new(SparsityPattern::from_fn(n, n, but_one));
        let error = method.sparse_jacobian(f, &x, &holed).unwrap_err();
        assert!(
            matches!(error, Error::MissingEntry { row: found } if found == row),
            "{error}"
        );
        assert!(method.unchecked().sparse_jacobian(f, &x, &holed).is_ok());
    }
}

/// A closer look at a function that writes more outputs than were evaluated beside x.
#[test]
fn a_function_without_values_on_the_axis_is_not_looked_at() {
    let f = |z: &Array1<Complex64>, out: &mut [Complex64]| {
        if z[0].im == 0.0 {
            return Err("no value on the real axis");
        }
        (out[0], out[1]) = (z[0], z[0] * z[0]);
        Ok(())
    };
    let (mut out, mut workspace) = (array![0.0, 0.0], Workspace::new());
    ComplexStep::new()
        .jacobian_vector_into(f, &array![3.0], &array![2.0], &mut out, &mut workspace)
        .unwrap();
    assert_eq!(out, array![2.0, 12.0]);
}
