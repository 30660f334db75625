//! The complex step: exact to rounding, counted, and found out where f is not analytic.

use ndarray::{Array1, Array2, array};
use numdiff_core::num_complex::{Complex32, Complex64};
use numdiff_core::{ComplexStep, Error, Workspace};
use proptest::prelude::*;
use std::cell::Cell;

/// A function, its derivative, and how much the rounding of x alone moves it: |x f''|.
type Case = (fn(Complex64) -> Complex64, fn(f64) -> f64, fn(f64) -> f64);

const CASES: [Case; 7] = [
    (|z| z.exp(), f64::exp, |x| x.abs() * x.exp()),
    (|z| z.sin(), f64::cos, |x| (x * x.sin()).abs()),
    (|z| z.ln(), |x| 1.0 / x, |x| 1.0 / x),
    (|z| z.sqrt(), |x| 0.5 / x.sqrt(), |x| 0.25 / x.sqrt()),
    (|z| z * z * z, |x| 3.0 * x * x, |x| 6.0 * x * x),
    (
        |z| (1.0 + z * z).inv(),
        |x| -2.0 * x / (1.0 + x * x).powi(2),
        |_| 2.0,
    ),
    (|z| z.tanh(), |x| x.cosh().powi(-2), |_| 1.0),
];

proptest! {
    #[test]
    fn exact_to_rounding(exponent in -60.0..6.0f64, case in 0..CASES.len()) {
        let (f, exact, moved) = CASES[case];
        let x = exponent.exp2();
        let d = ComplexStep::new().derivative(f, x).unwrap();
        // A few roundings in f, each at most a spacing of the result, and those of intermediate
        // results, which act as if x were moved by a few spacings.
        let tolerance = 8.0 * f64::EPSILON * (exact(x).abs() + moved(x));
        prop_assert!((d - exact(x)).abs() <= tolerance, "{x}: {d} {}", exact(x));
    }

    #[test]
    fn any_size_of_x(exponent in -490i32..511) {
        // Wherever x^2, with 27 bits to spare, is a normal number.
        let x = 1.25 * f64::from(exponent).exp2();
        let d = ComplexStep::new().derivative(|z: Complex64| z * z, x).unwrap();
        prop_assert_eq!(d, 2.0 * x);
        let root = ComplexStep::new().derivative(|z: Complex64| z.sqrt(), x).unwrap();
        prop_assert!((root * 2.0 * x.sqrt() - 1.0).abs() < 16.0 * f64::EPSILON, "{root}");
    }

    #[test]
    fn gradient_jacobian_and_products_agree(
        x in prop::collection::vec(-3.0..3.0f64, 1..8),
        scale in -280.0..280.0f64,
    ) {
        let x = Array1::from(x);
        let n = x.len();
        let f = |z: &Array1<Complex64>| {
            let mut sum = Complex64::from(1.0);
            for (k, v) in z.iter().enumerate() {
                // Factors that do not come near zero: no digits cancel.
                sum *= (v * (k as f64 + 1.0)).sin() + 2.0;
            }
            sum
        };
        let method = ComplexStep::new();
        let calls = Cell::new(0);
        let counted = |z: &Array1<Complex64>| {
            calls.set(calls.get() + 1);
            f(z)
        };
        let g = method.gradient(counted, &x).unwrap();
        // Two are the check's; a closer look, where it disagrees in the eighth digit, takes a dozen more.
        let checked = |count: usize, own: usize| count == own + 2 || (own + 8..own + 40).contains(&count);
        prop_assert!(checked(calls.get(), n), "{} for {n}", calls.get());
        let j = method.jacobian(|z| [f(z), z[0]], &x).unwrap();
        prop_assert_eq!(&j.row(0), &g.view());
        prop_assert_eq!(j[[1, 0]], 1.0);
        // v . g, for any norm of v, with one evaluation and the check's.
        let v = Array1::from_shape_fn(n, |k| (k as f64 - 1.5) * 10f64.powf(scale));
        calls.set(0);
        let d = method.directional(counted, &x, &v).unwrap();
        prop_assert!(checked(calls.get(), 1), "{}", calls.get());
        let size: f64 = g.iter().zip(&v).map(|(g, v)| (g * v).abs()).sum();
        // n products and sums, and a few roundings in f for each factor.
        let tolerance = 16.0 * (n * n) as f64 * f64::EPSILON * size;
        prop_assert!((d - g.dot(&v)).abs() <= tolerance, "{d} {}", g.dot(&v));
        let product = method.jacobian_vector(|z| vec![f(z)], &x, &v).unwrap();
        prop_assert_eq!(product[0], d);
    }

    /// Any bits for x, and an f that fails: typed errors, x unchanged, no value that is not finite.
    #[test]
    fn any_input(
        x in prop::collection::vec(prop_oneof![prop::num::f64::ANY, -2.0..2.0f64], 0..6),
        trouble in 0u8..5,
    ) {
        let x = Array1::from(x);
        let before = x.clone();
        let calls = Cell::new(0u8);
        let f = |z: &Array1<Complex64>| {
            calls.set(calls.get() + 1);
            match calls.get() {
                2 if trouble == 1 => Err("on purpose"),
                2 if trouble == 2 => Ok(Complex64::new(f64::NAN, 0.0)),
                2 if trouble == 3 => Ok(Complex64::new(0.0, f64::INFINITY)),
                _ => Ok(z.iter().map(|v| v * v).sum::<Complex64>()),
            }
        };
        match ComplexStep::new().gradient(f, &x) {
            Ok(g) => prop_assert!(g.iter().all(|v| v.is_finite())),
            Err(Error::Empty { argument: "x" }) => prop_assert!(x.is_empty()),
            Err(Error::NotFinite { argument: "x", index, .. }) => prop_assert!(!x[index].is_finite()),
            Err(Error::Function { coordinate, .. }) => prop_assert_eq!((trouble, coordinate), (1, 1)),
            Err(Error::NonFiniteComplex { coordinate, .. }) => {
                let overflows = x.iter().any(|v| v.abs() > 1e150);
                prop_assert!(overflows || coordinate == 1);
            }
            Err(Error::Overflow { .. }) => prop_assert!(x.iter().any(|v| v.abs() > 1e150)),
            Err(other) => prop_assert!(false, "{other}"),
        }
        prop_assert!(x.iter().zip(&before).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

#[test]
fn in_place_and_any_layout() {
    let f = |z: &Array2<Complex64>| z.iter().enumerate().map(|(k, v)| v.powi(k as i32)).sum();
    let f = |z: &Array2<Complex64>| -> Complex64 { f(z) };
    let x = array![[1.0, 2.0], [3.0, 4.0]];
    let method = ComplexStep::new();
    let g = method.gradient(f, &x).unwrap();
    assert_eq!(g, array![[0.0, 1.0], [6.0, 48.0]]);
    // A transposed x and a strided result.
    let (mut wide, mut workspace) = (Array2::zeros((2, 4)), Workspace::new());
    let mut out = wide.slice_mut(ndarray::s![.., ..;2]);
    let t = x.t();
    method
        .gradient_into(f, &t, &mut out, &mut workspace)
        .unwrap();
    assert_eq!(out, array![[0.0, 1.0], [4.0, 48.0]]);
    assert_eq!(workspace.evaluations(), 6);
    let (mut j, mut workspace) = (Array2::zeros((2, 3)), Workspace::new());
    let r = |z: &Array1<Complex64>, y: &mut [Complex64]| {
        y[0] = z[0] * z[1];
        y[1] = z[2].exp();
    };
    method
        .jacobian_into(r, &array![2.0, 3.0, 0.0], &mut j, &mut workspace)
        .unwrap();
    assert_eq!(j, array![[3.0, 2.0, 0.0], [0.0, 0.0, 1.0]]);
    assert_eq!(workspace.evaluations(), 5);
}

#[test]
fn single_precision() {
    let f = |z: Complex32| z.sin() * z.exp();
    for k in 1..50 {
        let x = 0.1 * k as f32;
        let d = ComplexStep::new().single().derivative(f, x).unwrap();
        let x = f64::from(x);
        let exact = x.exp() * (x.sin() + x.cos());
        // Roundings of two factors and their slopes.
        let tolerance = 8.0 * f64::from(f32::EPSILON) * x.exp() * 2.0;
        assert!((f64::from(d) - exact).abs() < tolerance, "{x}: {d} {exact}");
    }
}

#[test]
fn errors_are_typed() {
    let method = ComplexStep::new();
    let x = array![1.0, 2.0];
    let sum = |z: &Array1<Complex64>| z.iter().sum::<Complex64>();
    assert!(matches!(
        method.gradient(sum, &array![0.0, f64::NAN]),
        Err(Error::NotFinite {
            argument: "x",
            index: 1,
            ..
        })
    ));
    assert!(matches!(
        method.directional(sum, &x, &array![1.0]),
        Err(Error::Length {
            argument: "v",
            found: 1,
            expected: 2
        })
    ));
    assert!(matches!(
        method.directional(sum, &x, &array![1.0, f64::INFINITY]),
        Err(Error::NotFinite {
            argument: "v",
            index: 1,
            ..
        })
    ));
    assert_eq!(method.directional(sum, &x, &array![0.0, 0.0]).unwrap(), 0.0);
    let mut out = Array1::zeros(3);
    let done = method.gradient_into(sum, &x, &mut out, &mut Workspace::new());
    assert!(matches!(
        done,
        Err(Error::Length {
            argument: "out",
            found: 3,
            expected: 2
        })
    ));
    let none = |_: &Array1<Complex64>| Vec::<Complex64>::new();
    assert!(matches!(
        method.jacobian(none, &x),
        Err(Error::Empty {
            argument: "f's output"
        })
    ));
    let count = Cell::new(0);
    let growing = |_: &Array1<Complex64>| {
        count.set(count.get() + 1);
        vec![Complex64::from(1.0); count.get()]
    };
    assert!(matches!(
        method.jacobian(growing, &x),
        Err(Error::OutputsChanged {
            found: 2,
            expected: 1
        })
    ));
    // No value at x, though there is one beside it.
    assert!(matches!(
        method.derivative(|z: Complex64| z.ln(), 0.0),
        Err(Error::NonFiniteValue { .. })
    ));
    // Not written: an error that names the output.
    let mut j = Array2::zeros((2, 2));
    let half = |z: &Array1<Complex64>, y: &mut [Complex64]| y[0] = z[0];
    let done = method.jacobian_into(half, &x, &mut j, &mut Workspace::new());
    assert!(matches!(done, Err(Error::OutputNotWritten { output: 1 })));
}

#[test]
fn a_panic_leaves_a_workspace_that_serves_again() {
    let (mut g, mut workspace) = (Array1::zeros(2), Workspace::new());
    let x = array![1.0, 2.0];
    let method = ComplexStep::new();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let f = |z: &Array1<Complex64>| {
            assert!(z[1].im == 0.0, "on purpose");
            z[0]
        };
        method.gradient_into(f, &x, &mut g, &mut workspace)
    }));
    assert!(caught.is_err());
    let f = |z: &Array1<Complex64>| z[0] * z[1];
    method.gradient_into(f, &x, &mut g, &mut workspace).unwrap();
    assert_eq!((g, workspace.evaluations()), (array![2.0, 1.0], 4));
}
