//! The tutorial's formula, bad input, and x left alone.

use ndarray::{Array, Array1, Array2, array, s};
use numdiff_core::{Error, FiniteDifference, Step, Workspace, gradient, gradient_rows};

fn tutorial() -> FiniteDifference {
    FiniteDifference::central()
        .with_step(Step::Absolute(1e-4))
        .with_nominal_divisor()
}

#[test]
fn the_tutorials_numbers_bit_for_bit() {
    let f = |x: &Array1<f64>| x[0] * x[0] + x[1] * x[1];
    assert_eq!(
        tutorial().derivative(|x| x * x + 16.0, 3.0).unwrap(),
        6.00000000000378
    );
    assert_eq!(
        tutorial().gradient(f, &array![3.0, 4.0]).unwrap(),
        array![6.00000000000378, 7.999999999999119]
    );
    assert_eq!(
        tutorial().gradient(f, &array![0.0, 2.0]).unwrap(),
        array![0.0, 4.000000000004]
    );
    assert_eq!(
        tutorial().gradient(f, &array![1e6, 1.0]).unwrap(),
        array![1999998.779296875, 2.44140625]
    );
}

#[test]
fn a_vanished_step_is_zero_and_told_with_the_nominal_divisor_else_an_error() {
    let f = |x: &Array1<f64>| x[0] * x[0] + x[1] * x[1];
    let x = array![1.0, 1e13];
    let (mut g, mut workspace) = (Array::zeros(2), Workspace::new());
    tutorial()
        .plan()
        .gradient(&x)
        .write_to(&mut g, &mut workspace)
        .serial(f)
        .unwrap();
    assert_eq!(g[1], 0.0);
    assert_eq!(workspace.vanished(), (1, Some(1)));
    let honest = FiniteDifference::central().with_step(Step::Absolute(1e-4));
    match honest.gradient(f, &x) {
        Err(Error::StepVanishes {
            coordinate: 1,
            x: at,
            step,
            smallest,
        }) => {
            assert_eq!((at, step), (1e13, 1e-4));
            assert!(1e13 + smallest > 1e13);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn any_shape_and_layout() {
    let f2 = |x: &Array2<f64>| x.iter().map(|v| v.powi(3)).sum::<f64>();
    let base = Array2::from_shape_fn((4, 6), |(i, j)| 0.3 + i as f64 + 0.1 * j as f64);
    let strided = base.slice(s![..;2, ..;-3]);
    let g = gradient(f2, &strided).unwrap();
    assert_eq!(g.shape(), strided.shape());
    for (g, x) in g.iter().zip(strided.iter()) {
        assert!((g - 3.0 * x * x).abs() < 1e-8 * (1.0 + x * x));
    }
    let transposed = gradient(f2, &base.t()).unwrap();
    for (g, x) in transposed.iter().zip(base.t().iter()) {
        assert!((g - 3.0 * x * x).abs() < 1e-8 * (1.0 + x * x));
    }
    let point = gradient(|x: &Array1<f64>| x[0], &array![1.0]).unwrap();
    assert!((point[0] - 1.0).abs() < 1e-10);
}

#[test]
fn rows_are_points() {
    let xs = array![[3.0, 4.0], [0.0, 2.0], [3.0, 0.0]];
    let f = |x: &Array1<f64>| x[0].powi(2) + x[1].powi(2);
    let g = gradient_rows(f, &xs).unwrap();
    for (row, x) in g.outer_iter().zip(xs.outer_iter()) {
        assert_eq!(row, gradient(f, &x).unwrap());
    }
}

#[test]
fn errors_name_the_argument() {
    let f = |x: &Array1<f64>| x.sum();
    let empty = Array::zeros(0);
    assert!(matches!(
        gradient(f, &empty),
        Err(Error::Empty { argument: "x" })
    ));
    assert!(matches!(
        gradient(f, &array![1.0, f64::NAN]),
        Err(Error::NotFinite {
            argument: "x",
            index: 1,
            ..
        })
    ));
    for bad in [0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let method = FiniteDifference::central().with_step(Step::Absolute(bad));
        assert!(matches!(
            method.gradient(f, &array![1.0]),
            Err(Error::OutOfRange {
                argument: "step",
                ..
            })
        ));
    }
    let nan = gradient(
        |x| if x[1] > 2.0 { f64::NAN } else { x[0] },
        &array![1.0, 2.0],
    );
    match nan {
        Err(Error::NonFiniteValue {
            coordinate: 1,
            displacement,
            ..
        }) => assert!(displacement > 0.0),
        other => panic!("{other:?}"),
    }
    let failing = gradient(
        |x| {
            if x[0] < 1.0 {
                Err("too small")
            } else {
                Ok(x[0])
            }
        },
        &array![1.0],
    );
    let message = failing.unwrap_err().to_string();
    assert!(
        message.contains("too small") && message.contains("coordinate 0"),
        "{message}"
    );
}

#[test]
fn single_precision() {
    let method = FiniteDifference::central().single();
    let g = method
        .gradient(|x: &Array1<f32>| x[0] * x[0] * x[1], &array![2.0f32, 3.0])
        .unwrap();
    // Rounding and truncation of a central difference: about eps^(2/3) of the scale of f.
    let bound = 10.0 * f64::from(f32::EPSILON).powf(2.0 / 3.0) * 12.0;
    assert!((f64::from(g[0]) - 12.0).abs() < bound && (f64::from(g[1]) - 4.0).abs() < bound);
}
