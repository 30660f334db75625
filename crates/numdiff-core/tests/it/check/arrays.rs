//! Jacobians, Hessians and products.

use super::{system, system_jacobian};
use crate::bugs::Random;
use ndarray::{Array1, Array2, array};
use numdiff_core::check::{self, Diagnosis, Region};

#[test]
fn jacobians_are_diagnosed() {
    let mut random = Random(11);
    for n in [3, 4, 6, 9] {
        let x = Array1::from_shape_fn(n, |_| random.within(0.3, 1.5));
        let check = |spoil: &dyn Fn(Array2<f64>) -> Array2<f64>| {
            check::jacobian(system, |x: &Array1<f64>| spoil(system_jacobian(x, 0.5)), &x).unwrap()
        };
        check(&|j| j).assert_ok();
        assert_eq!(check(&|j| -j).diagnosis, Some(Diagnosis::SignFlipped));
        assert!(
            matches!(check(&|j| j * 0.25).diagnosis, Some(Diagnosis::ConstantFactor { factor }) if (factor - 4.0).abs() < 1e-9)
        );
        assert_eq!(
            check(&|j| j.reversed_axes().as_standard_layout().to_owned()).diagnosis,
            Some(Diagnosis::Transposed)
        );
        let row = check(&|mut j| {
            j.row_mut(1).mapv_inplace(|v| 2.0 * v);
            j
        });
        assert!(
            matches!(&row.diagnosis, Some(Diagnosis::Block { region: Region::Row(1), nature: Some(nature) }) if matches!(**nature, Diagnosis::ConstantFactor { .. })),
            "{row}"
        );
        let column = check(&|mut j| {
            j.column_mut(2).mapv_inplace(|v| -v);
            j
        });
        assert!(
            matches!(
                &column.diagnosis,
                Some(Diagnosis::Block {
                    region: Region::Column(2),
                    ..
                })
            ),
            "{column}"
        );
        let other = check(&|mut j| {
            let (a, b) = (j.row(0).to_owned(), j.row(1).to_owned());
            j.row_mut(1).assign(&a);
            j.row_mut(0).assign(&b);
            j
        });
        assert!(!other.is_ok());
        let shifted = check(&|j| {
            Array2::from_shape_fn((n, n), |(i, k)| if k == 0 { 0.0 } else { j[(i, k - 1)] })
        });
        assert!(
            matches!(
                shifted.diagnosis,
                Some(Diagnosis::ShiftedByOne {
                    axis: 1,
                    offset: -1
                })
            ),
            "{shifted}"
        );
        let missing =
            check::jacobian(system, |x: &Array1<f64>| system_jacobian(x, 0.0), &x).unwrap();
        assert!(
            matches!(missing.diagnosis, Some(Diagnosis::MissingTerm { .. })),
            "{missing}"
        );
    }
}

#[test]
fn hessians_and_products_are_checked() {
    let f = |x: &Array1<f64>| {
        x.iter().map(|v| v.powi(4)).sum::<f64>() + x[0] * x[1] * x[2] + (x[1] + 2.0 * x[3]).sin()
    };
    let h = |x: &Array1<f64>| {
        let mut h = Array2::from_diag(&x.mapv(|v| 12.0 * v * v));
        for (i, j, v) in [(0, 1, x[2]), (0, 2, x[1]), (1, 2, x[0])] {
            h[(i, j)] += v;
            h[(j, i)] += v;
        }
        let s = -(x[1] + 2.0 * x[3]).sin();
        h[(1, 1)] += s;
        h[(3, 3)] += 4.0 * s;
        h[(1, 3)] += 2.0 * s;
        h[(3, 1)] += 2.0 * s;
        h
    };
    let x = array![0.7, -1.1, 0.4, 1.3];
    check::hessian(f, h, &x).unwrap().assert_ok();
    assert_eq!(
        check::hessian(f, |x: &Array1<f64>| -h(x), &x)
            .unwrap()
            .diagnosis,
        Some(Diagnosis::SignFlipped)
    );
    let entry = check::hessian(
        f,
        |x: &Array1<f64>| {
            let mut h = h(x);
            h[(3, 1)] = 0.0;
            h
        },
        &x,
    )
    .unwrap();
    assert_eq!(entry.findings()[0].0, [3, 1]);
    assert!(
        matches!(&entry.diagnosis, Some(Diagnosis::Block { region: Region::Entry(at), .. }) if at == &[3, 1]),
        "{entry}"
    );

    // A term that is missing in a pair of mirrored entries has some factor there, which means nothing.
    let mixed = |x: &Array1<f64>| (x[0] * x[1]).exp() + x[2].powi(3);
    let incomplete = |x: &Array1<f64>| {
        let (a, b, e) = (x[0], x[1], (x[0] * x[1]).exp());
        let off = a * b * e; // without e
        array![
            [b * b * e, off, 0.0],
            [off, a * a * e, 0.0],
            [0.0, 0.0, 6.0 * x[2]]
        ]
    };
    let pair = check::hessian(mixed, incomplete, &array![0.7, 1.2, 0.4]).unwrap();
    assert!(
        matches!(pair.diagnosis, Some(Diagnosis::MissingTerm { .. })),
        "{pair}"
    );

    let v = array![0.5, -0.2, 1.0, 0.3];
    check::hessian_vector(f, |x: &Array1<f64>, v: &Array1<f64>| h(x).dot(v), &x, &v)
        .unwrap()
        .assert_ok();
    assert!(
        !check::hessian_vector(
            f,
            |x: &Array1<f64>, v: &Array1<f64>| 1.001 * h(x).dot(v),
            &x,
            &v
        )
        .unwrap()
        .is_ok()
    );
    let jacobian = |x: &Array1<f64>| system_jacobian(x, 0.5);
    check::jacobian_vector(
        system,
        |x: &Array1<f64>, v: &Array1<f64>| jacobian(x).dot(v),
        &x,
        &v,
    )
    .unwrap()
    .assert_ok();
    let vjp = check::vector_jacobian(
        system,
        |x: &Array1<f64>, u: &Array1<f64>| jacobian(x).t().dot(u),
        &x,
        &v,
    )
    .unwrap();
    vjp.assert_ok();
    // The classic: the product with the Jacobian where that with its transpose is asked for.
    assert!(
        !check::vector_jacobian(
            system,
            |x: &Array1<f64>, u: &Array1<f64>| jacobian(x).dot(u),
            &x,
            &v
        )
        .unwrap()
        .is_ok()
    );
}
